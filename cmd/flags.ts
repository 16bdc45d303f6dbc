import { logLevels } from '../base/pino-log.ts'
import { flagGroup } from './flag.ts'

/**
 * Every flag of `serve`: each default and each limit of the program is here and nowhere else. Names are those of
 * kube-apiserver and of the External Secrets Operator where they have one.
 */
const general = flagGroup('General')
const certificates = flagGroup('Certificates and identities')
const cluster = flagGroup('Cluster')
const http = flagGroup('Requests')
const audit = flagGroup('Audit')
const storage = flagGroup('Storage')
const archive = flagGroup('Snapshots')
const syncer = flagGroup('Synchronization')
const providers = flagGroup('Providers')

const mebibyte = 1024 * 1024

export const flags = {
  standalone: general.toggle('serve on its own, without a cluster'),
  aggregated: general.toggle('serve behind the kube-apiserver of a cluster'),
  serve: general.choice(
    ['all', 'api', 'sync'],
    'all',
    'api: no syncer, and no Secret but that of its certificate; sync: the syncer alone; both need --aggregated',
  ),
  'sync-address': general.text(
    '',
    'HOST:PORT',
    'for --serve=api: where --serve=sync answers; empty: the Service NAME-sync beside its own, port 443',
  ),
  'data-dir': general.text('data', 'DIR', 'where objects, keys and certificates are kept; 0700, files 0600'),
  listen: general.text('127.0.0.1:7443', 'HOST:PORT', 'the address to serve on; port 0 picks a free one'),
  'kubeconfig-out': general.text(
    '',
    'FILE',
    "write an administrator's kubeconfig here when ready; empty: DIR/kubeconfig",
  ),
  'enable-test-kinds': general.toggle('also serve widgets.example.com, on which the API itself is tested'),
  loglevel: { ...general.choice(logLevels, 'info', 'the least level that is logged'), short: 'v' },
  'heap-growth-percent': general.integer(
    50,
    'garbage that V8 may let pile up on what lives before it collects, more where little lives; 0 leaves it to V8',
  ),
  'event-ttl': general.duration('1h', 'how long Events are kept'),
  'shutdown-delay-duration': general.duration('0s', 'go on serving for so long, not ready, before the end begins'),
  'shutdown-timeout': general.duration('20s', 'what is not answered within this is cut off at the end'),

  'tls-san': certificates.list('', 'HOST,...', 'further names and addresses for the serving certificate'),
  'certificate-days': certificates.integer(
    90,
    'how long self-made certificates are valid; replaced a third before the end',
  ),
  'certificate-authority-days': certificates.integer(3650, 'the same for the authority that signs them'),
  'certificate-check-interval': certificates.duration('30s', 'how often the serving certificate on disk is looked at'),
  certificates: certificates.choice(
    ['self-made', 'secret', 'files'],
    'self-made',
    'in a cluster, somebody else (cert-manager) keeps it: secret: in the Secret --certificate-secret; files: in files',
  ),
  'tls-cert-file': certificates.text(
    '',
    'FILE',
    'with --certificates=files: the certificate, PEM; replaced at any time',
  ),
  'tls-private-key-file': certificates.text('', 'FILE', '... its key'),
  'tls-ca-file': certificates.text('', 'FILE', '... and whom the APIServices are told to trust'),
  'certificate-secret': certificates.text(
    '',
    'NAME',
    'in the own namespace: the Secret of that certificate, and of the one that --serve=sync makes for --serve=api; ' +
      'empty: SERVICE-tls, or SERVICE-sync-tls for a handed one of --serve=sync',
  ),
  'authority-secret': certificates.text(
    '',
    'NAME',
    'in the own namespace: where --serve=sync keeps the key of the authority; empty: SERVICE-ca',
  ),
  'token-auth-file': certificates.text(
    '',
    'FILE',
    'bearer tokens: token,user,uid,"group,group"; empty: DIR/tokens.csv',
  ),

  'authorize-references': certificates.choice(
    ['off', 'warn', 'enforce', 'strict'],
    'enforce',
    'who names a store needs the right `use` on it; strict: and rights on all else that is named',
  ),

  kubeconfig: cluster.text('', 'FILE', 'how to reach the cluster; empty: as a pod of it'),
  'client-qps': cluster.integer(50, 'calls to the cluster a second for synchronizing; 0 is no limit'),
  'client-burst': cluster.integer(100, 'such calls at once after a rest'),
  'client-timeout': cluster.duration('30s', 'how long such a call may take'),
  'client-concurrency': cluster.integer(64, 'connections to the cluster, watches aside: so many calls are under way'),
  'client-watch-silence': cluster.duration(
    '2m30s',
    'a watch of the cluster on which nothing is heard for so long is begun anew; it tells something once a minute',
  ),
  'client-max-response-bytes': cluster.integer(64 * mebibyte, 'the largest answer of the cluster'),
  'review-qps': cluster.integer(200, 'questions a second who asks and whether they may; 0 is no limit'),
  'review-burst': cluster.integer(400, 'such questions at once after a rest'),
  'review-timeout': cluster.duration('10s', 'how long such a question may take'),
  'service-namespace': cluster.text('', 'NAMESPACE', "the server's own namespace; empty: that of its pod"),
  'service-name': cluster.text('external-secrets-apiserver', 'NAME', 'the Service that leads to this server'),
  'service-port': cluster.integer(443, 'the port of that Service'),
  'store-identity-namespace': cluster.text(
    'kube-system',
    'NAMESPACE',
    "of the ConfigMap that says which store the cluster knows; one that goes with the server's own does not help",
  ),
  'register-api-services': cluster.toggle("keep the APIServices of the server's groups, when it is ready", 'true'),
  'leader-elect': cluster.toggle('synchronize only while a Lease is held, so that one process does', 'true'),
  'leader-elect-lease-duration': cluster.duration('15s', 'how long others wait for a leader that says nothing'),
  'leader-elect-renew-deadline': cluster.duration('10s', 'a leader that cannot renew for so long writes nothing more'),
  'leader-elect-retry-period': cluster.duration('2s', 'how often the Lease is renewed, or asked for'),
  'leader-elect-resource-name': cluster.text('external-secrets-syncer', 'NAME', 'of the Lease'),
  'leader-elect-resource-namespace': cluster.text('', 'NAMESPACE', "of the Lease; empty: the server's own"),

  'request-timeout': http.duration('1m0s', 'how long a request may take, watches aside'),
  'write-timeout': http.duration('34s', 'how long a create, update, patch or delete may take'),
  'min-request-timeout': http.duration('30m0s', 'the least life of a watch that asks for none; up to twice as long'),
  'max-requests-inflight': http.integer(400, 'reading requests at once; more wait for their turn, then 429'),
  'max-mutating-requests-inflight': http.integer(200, 'writing requests at once; more wait for their turn, then 429'),
  'max-user-queue-length': http.integer(100, 'requests of one user that wait for their turn; beyond it 429'),
  'max-queue-length': http.integer(1000, 'requests of all users that wait; whoever has most of them gets 429'),
  'max-queue-wait': http.duration('15s', 'how long a turn is waited for; beyond it 429'),
  'max-watches': http.integer(10_000, 'watches at once; beyond it 429'),
  'max-user-watches': http.integer(2000, 'watches of one user at once; beyond it 429'),
  'max-connections': http.integer(
    4096,
    'open connections; a further one takes the place of the oldest of the address that has most of them, ...',
  ),
  'max-address-connections': http.integer(
    1000,
    '... counting those without a known client certificate: so many of one address at most; 0 is no limit',
  ),
  'http2-max-streams-per-connection': http.integer(1000, 'requests at once on one HTTP/2 connection'),
  'max-request-body-bytes': http.integer(3 * mebibyte, 'the largest body; beyond it 413'),
  'max-header-bytes': http.integer(128 * 1024, 'the largest head of a request; beyond it 431'),
  'body-timeout': http.duration('10s', 'how long the body of a request may take to arrive, ...'),
  'min-body-bytes-per-second': http.integer(1024, '... and how fast a body that takes longer has to come'),
  'header-timeout': http.duration('32s', 'how long the head of a request may take to arrive'),
  'idle-timeout': http.duration('2m0s', 'how long an unused HTTP/1.1 connection is kept'),
  'stuck-reader-timeout': http.duration('30s', 'a client that reads nothing for so long is cut off'),
  'max-event-loop-delay': http.duration('1s', 'a busier process sheds load with 429; 0 never'),
  'max-heap-bytes': http.integer(0, 'a larger heap sheds load with 429; 0 never'),

  'audit-policy-file': audit.text(
    '',
    'FILE',
    'an audit.k8s.io/v1 Policy; empty: every request at level Metadata, once it is answered',
  ),
  'audit-log-path': audit.text(
    '',
    'FILE',
    'where audit events go, as JSON lines; - is standard output; empty: nowhere',
  ),
  'audit-log-maxsize': audit.integer(100, 'megabytes of that file, then it is put aside; 0 never'),
  'audit-log-maxbackup': audit.integer(10, 'files put aside that are kept; 0 all'),
  'audit-webhook-config-file': audit.text('', 'FILE', 'a kubeconfig that says where audit events are sent to'),
  'audit-queue-length': audit.integer(
    10_000,
    'events waiting for the file, or the webhook; more are dropped and counted',
  ),

  'storage-backend': storage.choice(
    ['lmdb', 'memory'],
    'lmdb',
    'where objects are kept; memory forgets them at the end',
  ),
  'max-object-bytes': storage.integer(1.5 * mebibyte, 'the largest object as stored'),
  'compaction-interval': storage.duration('1m0s', 'how often old history is removed'),
  'history-retention': storage.duration('5m0s', 'history younger than this is kept'),
  'history-count': storage.integer(10_000, 'so many revisions are kept however old they are'),
  'revision-block': storage.integer(10_000, 'in a cluster: revisions that are reserved there at once'),
  'revision-confirm-interval': storage.duration('10s', 'in a cluster: how often it is told how far the store is'),
  'max-history-count': storage.integer(1_000_000, 'never more revisions than this, however young'),
  'max-watch-lag': storage.integer(100_000, 'a watch further behind than so many revisions is told to start again'),
  'max-write-queue': storage.integer(10_000, 'writes waiting for the disk; beyond it they are refused'),
  'log-tail-count': storage.integer(10_000, 'recent changes held in memory for watches, ...'),
  'log-tail-bytes': storage.integer(64 * mebibyte, '... of at most so many bytes'),
  'watch-cache-size': storage.integer(10_000, 'changes of each kind kept in memory for watches and pages, ...'),
  'watch-cache-bytes': storage.integer(16 * mebibyte, '... of at most so many bytes for each kind, ...'),
  'watch-cache-history': storage.duration('5m0s', '... and none older than this'),
  'watch-cache-wait': storage.duration('3s', 'how long a read waits for a revision that has not come yet'),
  'watch-cache-reload-delay': storage.duration('1s', 'the pause before a broken watch cache is loaded afresh'),

  out: archive.text('', 'FILE', 'of `snapshot`: where it is written to, 0600; in standalone mode it holds Secrets'),
  from: archive.text('', 'FILE', 'of `restore`: the snapshot'),
  others: archive.choice(
    ['refuse', 'keep', 'remove'],
    'refuse',
    'of `restore`: what becomes of objects that are not in the snapshot',
  ),
  server: archive.text(
    '',
    'URL',
    'of `snapshot` and `restore`: the server itself, past the cluster, as a port-forward leads to it',
  ),
  'max-snapshot-bytes': archive.integer(256 * mebibyte, 'the largest snapshot that is restored; it is held in memory'),

  'controller-class': syncer.text('default', 'NAME', 'stores with another spec.controller are left to others'),
  concurrent: syncer.integer(64, 'ExternalSecrets worked on at once; at most half of them wait for one store'),
  'store-requeue-interval': syncer.duration('5m0s', 'how often a store without spec.refreshInterval is validated'),
  'refresh-time-granularity': syncer.duration('1h0m0s', 'a refresh without change writes status.refreshTime so often'),
  'value-max-age': syncer.duration('10s', 'how long a fetched value serves other refreshes of the same round'),
  'value-cache-bytes': syncer.integer(64 * mebibyte, 'fetched values held at once'),
  'retry-first': syncer.duration('1s', 'the pause after the first failure of an object; doubled each time'),
  'retry-max': syncer.duration('7m0s', 'the longest such pause'),
  'store-grace': syncer.duration('10s', 'how long an unjudged store is waited for before it counts as not ready'),
  'watch-secrets': syncer.choice(
    ['granted', 'never', 'always'],
    'granted',
    'in a cluster: watch the Secrets of a namespace where the rights are there, or read each target by its name',
  ),
  'drift-check-interval': syncer.duration('5m0s', 'how often a target that is not watched is looked at; 0 never'),
  'store-probe-max': syncer.duration('1s', 'the longest pause between looks at a store that cannot be reached'),
  'store-outage-grace': syncer.duration(
    '2m0s',
    'how long a refresh waits for a store that is not ready, then it fails',
  ),
  'max-events-waiting': syncer.integer(20_000, 'Events waiting to be written; more are dropped and counted'),
  'missing-confirmation-interval': syncer.duration(
    '10s',
    'what a provider does not have must still be missing so much later before the deletionPolicy acts',
  ),
  'deletion-brake-count': syncer.integer(
    50,
    'if more Secrets a minute would lose values that are missing, none does any more; 0 is no limit',
  ),
  'deletion-brake-percent': syncer.integer(
    10,
    'the same as a percentage of all ExternalSecrets, but never fewer than five; 0 is no limit',
  ),
  'enable-generator-state': syncer.toggle(
    'remember the tokens that generators make outside as GeneratorStates, and give them back',
    'true',
  ),
  'generator-gc-grace-period': syncer.duration(
    '2m0s',
    'a token that a generator made is given back so long after a new one took its place',
  ),
  adopt: syncer.choice(
    ['annotated', 'always'],
    'annotated',
    'which Secrets of others are taken over: those with external-secrets.io/adopt: "true", or all',
  ),
  'unsafe-allow-generic-targets': syncer.toggle(
    'write objects of other kinds than Secret, as spec.target.manifest names them; their readers see the values',
  ),

  'store-concurrency': providers.integer(16, 'calls to the provider of one store at once'),
  'store-calls-per-second': providers.integer(0, 'calls to the provider of one store a second; 0 is no limit'),
  'provider-timeout': providers.duration('30s', 'one call to a provider, connecting included'),
  'provider-client-idle': providers.duration('10m0s', 'a logged-in client that nobody used for so long is closed'),
  'provider-max-response-bytes': providers.integer(16 * mebibyte, 'the largest answer of a provider'),
  'provider-max-connections': providers.integer(32, 'connections to one address of a provider'),
  'provider-max-identities': providers.integer(256, 'TLS identities with open connections to providers'),
  'provider-allow-networks': providers.list(
    '127.0.0.0/8,::1/128',
    'CIDR,...',
    'networks that providers may be reached in although they are loopback, link-local, metadata or multicast',
  ),
  'ambient-credentials': providers.choice(
    ['none', 'cluster-stores', 'all'],
    'cluster-stores',
    "which stores may use the process's own identity: none, ClusterSecretStores, or SecretStores and generators too",
  ),
  'ambient-token-file': providers.text(
    '',
    'FILE',
    "a token of the process's own ServiceAccount that such stores show to Vault, best one for it alone; empty: none",
  ),
  'provider-endpoints': providers.list('', 'SERVICE=URL,...', 'addresses that replace those of well-known services'),
} as const
