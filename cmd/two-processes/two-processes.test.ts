import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { CertificatePool } from '../../apiserver/authentication/certificate-pool.ts'
import { union } from '../../apiserver/authentication/union.ts'
import { type KeyPair, makeAuthority } from '../../apiserver/certificates/authority.ts'
import { keyPairFiles } from '../../apiserver/certificates/certificate-files.ts'
import { SelfMadeCertificates } from '../../apiserver/certificates/self-made.ts'
import { createServer } from '../../apiserver/server.ts'
import { systemClock } from '../../base/clock.ts'
import { createOutbound } from '../../base/http.ts'
import { silentLogger } from '../../base/log.ts'
import { Metrics } from '../../base/metrics.ts'
import type { Secret } from '../../kinds/core/secret/v1.ts'
import type { ExternalSecret } from '../../kinds/external-secret/v1.ts'
import type { ResourceClient } from '../../machinery/client.ts'
import { StatusError } from '../../machinery/status.ts'
import { alreadyExists, notFound, serviceUnavailable } from '../../machinery/status-errors.ts'
import { ApiClient } from '../../test/support/api-client.ts'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { programWords } from '../../test/support/program.ts'
import { until } from '../../test/support/until.ts'
import { parseOptions } from '../options.ts'
import { outboundOptions, serverLimits } from '../parts/limits.ts'
import type { AskedVerbs } from '../parts/verbs/answering-parts.ts'
import { callerAlone, callerCertificate } from './api-caller.ts'
import { handedCertificate } from './handed-certificate.ts'
import { LastSyncTimes } from './last-sync-times.ts'
import { remoteSyncer } from './remote-syncer.ts'
import { secretKeyPairs } from './secret-key-pairs.ts'
import { handedOf, secretOf } from './tls-secret.ts'
import type { AskedSyncer } from './syncer-calls.ts'
import { syncerEndpoint, syncerResources } from './syncer-endpoint.ts'

const clock = systemClock
const hosts = ['localhost', '127.0.0.1']

function certificatesIn(directory: string): Promise<SelfMadeCertificates> {
  return SelfMadeCertificates.open({ pairs: keyPairFiles(directory), clock, authorityDays: 10, leafDays: 5 })
}

/** What is asked is told back, with what makes each answer unlike another's. */
const verbs: AskedVerbs = {
  refresh: async ({ metadata }) => ({ synced: true, detail: JSON.stringify(metadata) }),
  preview: async ({ metadata, spec }, options) => ({
    targetName: JSON.stringify([metadata.name, spec, options]),
    keys: [],
  }),
  testStore: async (place, spec) => ({
    usable: true,
    can: [],
    checks: [{ what: 'Read', result: 'Passed', message: JSON.stringify([place, spec]) }],
  }),
  refreshStore: async ({ name }) => {
    if (name === 'idle') throw serviceUnavailable('this process does not synchronize now', { retryAfterSeconds: 7 })
    return 3
  },
}

t.test('verbs cross between the two processes, for the one certificate and for nobody else', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'two-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const ours = await certificatesIn(join(folder, 'ours'))
  const theirs = await certificatesIn(join(folder, 'theirs'))
  const options = parseOptions(['--aggregated'], {})
  const authority = CertificatePool.parse(ours.authorityCertificate)
  // Somebody who may do everything, by a token: it is no way to a verb.
  const master = { name: 'external-secrets-apiserver', groups: ['system:masters', 'system:authenticated'], extra: {} }
  const server = await createServer({
    tls: { ...(await ours.serving(hosts)), clientAuthorityPem: ours.authorityCertificate },
    authenticate: union([
      callerCertificate(clock, () => authority),
      ({ header }) => (header('authorization')[0] === 'Bearer master' ? master : undefined),
    ]),
    authorize: callerAlone(() => ({ verdict: 'allow' })),
    publicPaths: [],
    documents: new Map([['/metrics', () => ({ type: 'object', code: 200, object: {} })]]),
    resources: syncerResources,
    dispatch: syncerEndpoint({ verbs, lastSyncTimes: async () => ({ uid: 'time' }) }),
    checks: [],
    limits: serverLimits(options),
    clock,
    log: silentLogger,
    metrics: new Metrics(),
  })
  t.teardown(() => server.close())
  const url = await server.listen('127.0.0.1', 0)
  await using outbound = createOutbound({ ...outboundOptions(options), allowedNetworks: ['127.0.0.0/8'] })
  const from = (pair: KeyPair, authorityPem = ours.authorityCertificate): AskedSyncer =>
    remoteSyncer({ address: new URL(url).host, handed: () => ({ pair, authorityPem }), outbound, timeoutMs: 10_000 })
  const { verbs: asked, lastSyncTimes } = from(await ours.peer(hosts))
  const { signal } = new AbortController()
  const object = { metadata: { namespace: 'shop', name: 'db' }, spec: { refreshInterval: '1h' } } as ExternalSecret

  await t.test('each verb arrives as it was asked, and its answer comes back', async (t) => {
    t.same(await asked.refresh({ metadata: { namespace: 'shop', name: 'db', generation: 4 } }, signal), {
      synced: true,
      detail: '{"namespace":"shop","name":"db","generation":4}',
    })
    const preview = { showsValues: false, knownErrors: [] }
    t.same(await asked.preview(object, preview), {
      targetName: JSON.stringify(['db', object.spec, preview]),
      keys: [],
    })
    for (const place of [
      { kind: 'SecretStore', namespace: 'shop', name: 'vault' },
      { kind: 'ClusterSecretStore', namespace: '', name: 'shared' },
    ] as const) {
      const spec = { remoteKeys: ['a'] }
      const { checks } = await asked.testStore(place, spec)
      t.same(JSON.parse(checks?.[0]?.message ?? ''), [place, spec])
      t.equal(await asked.refreshStore(place, {}), 3)
    }
    t.same(await lastSyncTimes(signal), { uid: 'time' })
  })

  await t.test('a refusal comes back in its own words', async (t) => {
    const idle = asked.refreshStore({ kind: 'SecretStore', namespace: 'shop', name: 'idle' }, {})
    await t.rejects(idle, {
      code: 503,
      message: 'this process does not synchronize now',
      details: { retryAfterSeconds: 7 },
    })
  })

  await t.test('other certificates of ours, those of others, tokens and nothing at all are turned away', async (t) => {
    const strangers = [
      await ours.serving(hosts),
      await ours.client('somebody', ['system:masters']),
      await theirs.peer(hosts),
    ]
    for (const pair of strangers) {
      await t.rejects(from(pair).verbs.preview(object, { showsValues: true, knownErrors: [] }), {
        code: 503,
        message: /does not know this one/,
      })
    }
    const path = '/apis/external-secrets.io/v1/namespaces/shop/externalsecrets/db/refresh'
    const call = { call: 'refresh', generation: 1 }
    await using anybody = new ApiClient(url, { ca: ours.authorityCertificate })
    t.match(await anybody.call('POST', path, { body: call }), { status: 401 })
    const headers = { authorization: 'Bearer master' }
    t.match(await anybody.call('POST', path, { body: call, headers }), { status: 403 })
    t.match(await anybody.call('GET', '/metrics', { headers }), { status: 200 })
    t.match(await anybody.call('GET', '/livez'), { status: 200 })
  })

  await t.test('a server of another authority is not told what is asked', async (t) => {
    const mistaken = from(await ours.peer(hosts), theirs.authorityCertificate)
    await t.rejects(mistaken.verbs.refreshStore({ kind: 'SecretStore', namespace: 'shop', name: 'vault' }, {}), {
      code: 503,
      message: /cannot be asked \(tls\)/,
    })
  })

  await t.test('the caller finds nothing but verbs, each at its place', async (t) => {
    const { certificatePem: cert, keyPem: key } = await ours.peer(hosts)
    await using caller = new ApiClient(url, { ca: ours.authorityCertificate, cert, key })
    const base = '/apis/external-secrets.io/v1/namespaces/shop'
    const post = (path: string, body: object) => caller.call('POST', path, { body })
    t.match(await post(`${base}/externalsecrets/db/test`, { call: 'refresh', generation: 1 }), { status: 404 })
    t.match(await post(`${base}/secretstores/db/refresh`, { call: 'preview', object }), { status: 404 })
    t.match(await post(`${base}/externalsecrets/db/refresh`, { call: 'toString' }), { status: 400 })
    t.match(await caller.get(`${base}/externalsecrets/db`), { status: 403 })
    t.match(await caller.get('/apis'), { status: 404 })
  })
})

t.test('keys lie in Secrets by name, and whoever was faster has made the one that counts', async (t) => {
  const kept = new Map<string, Secret>()
  let before = (): void => undefined
  const of = { group: '', resource: 'secrets' }
  const secrets = {
    get: async ({ name }) => {
      const found = kept.get(name)
      if (found === undefined) throw notFound(of, name)
      return found
    },
    create: async (object) => {
      before()
      const { name = '' } = object.metadata
      if (kept.has(name)) throw alreadyExists(of, name)
      kept.set(name, object)
      return object
    },
    update: async (object) => {
      kept.set(object.metadata.name ?? '', object)
      return object
    },
  } as Partial<ResourceClient<Secret>> as ResourceClient<Secret>
  const at = (name: string) => ({ namespace: 'external-secrets', name })
  const open = () =>
    SelfMadeCertificates.open({
      pairs: secretKeyPairs({ secrets, places: { ca: at('ca'), peer: at('tls') } }),
      clock,
      authorityDays: 10,
      leafDays: 5,
    })

  const now = clock.now()
  const faster = await makeAuthority('faster', { fromMs: now - 1000, untilMs: now + 10 * 86_400_000 })
  before = () => {
    before = () => undefined
    kept.set('ca', secretOf(at('ca'), faster))
  }
  const first = await open()
  t.equal(first.authorityCertificate, faster.certificatePem)
  const second = await open()
  t.equal(second.authorityCertificate, first.authorityCertificate)
  const leaf = await first.peer(hosts)
  await first.serving(hosts)
  t.same([...kept.keys()], ['ca', 'tls'], 'what the process alone uses ends with it')
  t.same(handedOf(kept.get('tls')), { pair: leaf, authorityPem: first.authorityCertificate.trim() + '\n' })
  t.same(await second.peer(hosts), leaf)

  const damaged = kept.get('tls') as Secret
  kept.set('tls', { ...damaged, metadata: { ...damaged.metadata, annotations: { a: 'b' } }, data: { 'tls.crt': '' } })
  t.equal(handedOf(kept.get('tls')), undefined)
  const repaired = await second.peer(hosts)
  t.same(handedOf(kept.get('tls'))?.pair, repaired)
  t.same(kept.get('tls')?.metadata.annotations, { a: 'b' }, 'what others wrote beside it stays')
})

t.test('the time of the last sync is asked for every so often, and stays known while nobody answers', async (t) => {
  const manual = new ManualClock()
  const answers = [{ a: '1' }, undefined, { a: '2', b: '2' }]
  const syncer = { lastSyncTimes: async () => answers.shift() ?? Promise.reject(new Error('away')) }
  const times = new LastSyncTimes({ syncer, clock: manual })
  const ending = new AbortController()
  const running = times.run(ending.signal)
  const known = async (): Promise<readonly (string | undefined)[]> => {
    await manual.advance(10_000)
    return ['a', 'b', 'toString'].map((uid) => times.lastSyncTime(uid))
  }
  await manual.advance(0)
  t.equal(times.lastSyncTime('a'), '1')
  t.same(await known(), ['1', undefined, undefined])
  t.same(await known(), ['2', '2', undefined])
  t.same(await known(), ['2', '2', undefined])
  ending.abort()
  await running
})

t.test('a start that waits for its certificate says why, gives up, and ends as soon as it is asked to', async (t) => {
  const manual = new ManualClock()
  const at = { namespace: 'external-secrets', name: 'leaf' }
  const { signal: interrupted } = new AbortController()
  let lack: Error = notFound({ group: '', resource: 'secrets' }, at.name)
  const secrets = { get: async () => Promise.reject(lack) } as unknown as ResourceClient<Secret>
  const opening = handedCertificate({ secrets, at, clock: manual, log: silentLogger, interrupted })
  const gaveUp = opening.catch((error: unknown) => String(error))
  await manual.advance(50_000)
  lack = new StatusError({ code: 403, reason: 'Forbidden', message: 'canary' })
  await manual.advance(50_000)
  const words = 'the Secret external-secrets/leaf cannot be read (Forbidden) after 100 s: --serve=sync or cert-manager'
  t.equal(await gaveUp, `UsageError: ${words} puts one there`)

  const folder = mkdtempSync(join(tmpdir(), 'waiting-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const certificates = await certificatesIn(join(folder, 'cluster'))
  const { certificatePem: cert, keyPem: key } = await certificates.serving(hosts)
  const cluster = createHttpsServer({ cert, key }, (_, response) => {
    response.writeHead(404).end('{"kind":"Status","code":404,"reason":"NotFound"}')
  })
  await once(cluster.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => cluster.closeAllConnections())
  t.teardown(() => cluster.close())
  const config = join(folder, 'kubeconfig')
  writeFileSync(config, kubeconfigFor((cluster.address() as AddressInfo).port, certificates.authorityCertificate))
  const started = ['serve', '--aggregated', '--serve=api', '--kubeconfig', config, '--data-dir', join(folder, 'data')]
  const child = spawn(process.execPath, [...programWords, ...started, '--listen', '127.0.0.1:0'])
  t.teardown(() => child.kill('SIGKILL'))
  let said = ''
  child.stderr.on('data', (bytes) => (said += String(bytes)))
  await until(async () => said.includes('waiting for the certificate') || child.exitCode !== null)
  child.kill('SIGTERM')
  // Far less than it would wait, and less than a kubelet does before it kills.
  await until(async () => child.exitCode !== null, { patienceMs: 20_000 })
  t.equal(child.exitCode, 0, said)
  t.match(said, /asked to end before it served\n$/)
})

function kubeconfigFor(port: number, authorityPem: string): string {
  const authority = Buffer.from(authorityPem).toString('base64')
  return `
apiVersion: v1
kind: Config
current-context: test
contexts: [{name: test, context: {cluster: test, user: test}}]
clusters: [{name: test, cluster: {server: "https://127.0.0.1:${port}", certificate-authority-data: ${authority}}}]
users: [{name: test, user: {token: nobody}}]
`
}
