import type { Test } from 'tap'
import type { AdmissionHook } from '../support/admission-hook.ts'
import { patching } from '../support/admission-hook.ts'
import type { ApiClient, Json } from '../support/api-client.ts'
import type { Kubectl } from '../support/kubectl.ts'
import { boundsOf, seriesOf } from '../support/metric-series.ts'
import { until } from '../support/until.ts'

interface Parts {
  readonly hook: AdmissionHook
  readonly kubectl: Kubectl
  /** An administrator, at kube-apiserver. */
  readonly admin: ApiClient
  /** At our server, as kube-apiserver. */
  frontProxy(): ApiClient
}

/**
 * One policy and one webhook for both our kind and a custom resource, which kube-apiserver itself judges: the texts
 * have to be the same but for what the objects are called.
 */
export async function judgedByTheCluster(t: Test, parts: Parts): Promise<void> {
  const { hook, kubectl } = parts
  hook.answer('change', changed)
  hook.answer('judge', judged)
  await kubectl.ok('apply -f -', peerDefinition)
  await kubectl.ok('wait --for=condition=Established crd/peers.example.org --timeout=30s')
  await kubectl.ok('apply -f -', configurations(hook))

  const dryRun = ['apply', '-f', '-', '--dry-run=server', '-o', 'json']
  const told = async (manifest: string): Promise<string> => {
    const { code, stderr } = await kubectl.run(dryRun, { input: manifest })
    return code === 0 ? `allowed ${stderr}`.trim() : stderr
  }
  const isChangedAndWarnedOf = async (manifest: string): Promise<boolean> => {
    const { stdout, stderr } = await kubectl.run(dryRun, { input: manifest })
    return stdout.includes('"policy": "own"') && stdout.includes('"hook": "own"') && warning.test(stderr)
  }
  for (const manifest of [ours('warned'), peer('warned')]) await until(() => isChangedAndWarnedOf(manifest))
  for (const [name, message] of refusals) {
    const [own, theirs] = await settled(() => Promise.all([told(ours(name)), told(peer(name))]), {
      isSaid: ([own, theirs]) => message.test(own) && message.test(theirs) && alike(own) === alike(theirs),
    })
    t.match(theirs, message, `${name}: kube-apiserver`)
    t.match(own, message, name)
    t.equal(alike(own), alike(theirs), `${name}: as kube-apiserver says it`)
  }
  t.match(await told(ours('warned')), warning)
  await kubectl.ok('apply -f -', ours('mutated'))
  const shown = await kubectl.run(['get', 'externalsecret', 'mutated', '-o', 'json'])
  t.match(JSON.parse(shown.stdout), { metadata: { labels: { policy: 'own', hook: 'own' } } }, 'both changed it')
  await countedAlike(t, parts, async () => {
    for (const name of ['mutated-again', 'warned', ...refusals.map(([each]) => each)]) {
      await told(ours(name))
      await told(peer(name))
    }
  })
}

/** What was judged here alone: everything else in the cluster is judged by kube-apiserver too. */
const ownNames = /^(?:names|labels|change.example.com|judge.example.com|(?:Mutating|Validating)Admission.*)$/

/** Both see the same writes: the same series grow by as much, and have the same bounds. */
async function countedAlike(t: Test, parts: Parts, write: () => Promise<void>): Promise<void> {
  const headers = { 'x-remote-user': 'admin', 'x-remote-group': 'system:masters' }
  const theirMetrics = async (): Promise<string> => (await parts.admin.get('/metrics')).text
  const ourMetrics = async (): Promise<string> => (await parts.frontProxy().call('GET', '/metrics', { headers })).text
  const before = [await ourMetrics(), await theirMetrics()] as const
  await write()
  const [ours, theirs] = [await ourMetrics(), await theirMetrics()]
  for (const name of counted) {
    t.ok(grown(name, before[0], ours).length > 0, name)
    t.same(grown(name, before[0], ours), grown(name, before[1], theirs), `${name}: as in kube-apiserver`)
    t.same(boundsOf(ours, name).map(Number), boundsOf(theirs, name).map(Number), `${name}: its bounds`)
  }
  for (const name of shaped) {
    const labels = (text: string): readonly string[] => Object.keys(seriesOf(text, name)[0]?.labels ?? { none: '' })
    t.same(labels(ours), labels(theirs), `${name}: the labels of kube-apiserver`)
    t.same(boundsOf(ours, name).map(Number), boundsOf(theirs, name).map(Number), `${name}: its bounds`)
  }
  t.match(ours, /^leader_election_master_status\{name="external-secrets-syncer"\} 1$/m)
  t.match(ours, /^apiserver_delegated_authz_request_total\{code="201"\} \d+$/m)
}

/** What dashboards and alerts of clusters read. */
const shaped = [
  'apiserver_request_total',
  'apiserver_request_duration_seconds',
  'apiserver_request_sli_duration_seconds',
  'apiserver_client_certificate_expiration_seconds',
  'authentication_attempts',
  'authentication_duration_seconds',
  'authorization_attempts_total',
  'authorization_duration_seconds',
  'rest_client_requests_total',
  'rest_client_request_duration_seconds',
  'process_cpu_seconds_total',
  'process_start_time_seconds',
  'process_open_fds',
  'process_max_fds',
]

/** Which series of creations have grown, and by how much; checks see everything else in the cluster, too. */
function grown(name: string, before: string, after: string): readonly string[] {
  const known = new Map(seriesOf(before, name).map(({ labels, value }) => [JSON.stringify(labels), value]))
  return seriesOf(after, name)
    .filter(({ labels }) => ownNames.test(labels['name'] ?? labels['policy'] ?? ''))
    .filter(({ labels }) => (labels['operation'] ?? 'CREATE') === 'CREATE')
    .map(({ labels, value }) => ({ labels, by: value - (known.get(JSON.stringify(labels)) ?? 0) }))
    .filter(({ by }) => by > 0)
    .map(({ labels, by }) => JSON.stringify(name.includes('_controller_') ? labels : { ...labels, by }))
    .toSorted()
}

const counted = [
  'apiserver_admission_webhook_admission_duration_seconds',
  'apiserver_admission_webhook_request_total',
  'apiserver_admission_webhook_rejection_count',
  'apiserver_admission_controller_admission_duration_seconds',
  'apiserver_validating_admission_policy_check_total',
  'apiserver_validating_admission_policy_check_duration_seconds',
  'apiserver_mutating_admission_policy_check_total',
  'apiserver_mutating_admission_policy_check_duration_seconds',
]

/** By the name of the object, which is what everything here judges. */
const refusals: readonly (readonly [string, RegExp])[] = [
  ['forbidden-by-policy', /denied request: the name is bad: forbidden-by-policy/],
  ['forbidden-by-hook', /admission webhook "judge.example.com" denied the request: not this one/],
  ['unevaluable', /denied request: expression .* resulted in error: no such key: nothing/],
]

const warning = /Warning: Validation failed for ValidatingAdmissionPolicy 'names' with binding 'warns'/

type Answers = readonly [own: string, theirs: string]

/** What both servers say in the end: each learns of policies, bindings and webhooks by watches of its own. */
async function settled(
  ask: () => Promise<Answers>,
  { isSaid }: { readonly isSaid: (answers: Answers) => boolean },
): Promise<Answers> {
  let last: Answers = ['', '']
  await until(async () => isSaid((last = await ask()))).catch(() => undefined)
  return last
}

/** Our kind and the peer's are called differently, and kubectl names the manifest of what is not there yet. */
function alike(text: string): string {
  const named = text.replace(/(?:externalsecrets|peers)(?:\.[a-z.-]+)?/g, 'R')
  return named.replace(/^Error from server.*when creating "STDIN": /s, '').trim()
}

function ours(name: string): string {
  return `
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: ${name}, namespace: default}
spec:
  secretStoreRef: {name: fake, kind: SecretStore}
  refreshPolicy: OnChange
  data: [{secretKey: password, remoteRef: {key: /db}}]
`
}

function peer(name: string): string {
  return `{apiVersion: example.org/v1, kind: Peer, metadata: {name: ${name}, namespace: default}, spec: {}}`
}

const peerDefinition = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: peers.example.org}
spec:
  group: example.org
  scope: Namespaced
  names: {kind: Peer, plural: peers}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {color: {type: string}}}}}}
`

const rule = `{operations: [CREATE, UPDATE], apiGroups: [external-secrets.io, example.org], apiVersions: [v1],
  resources: [externalsecrets, peers]}`

function configurations(hook: AdmissionHook): string {
  const webhook = (path: string): string => `
- name: ${path}.example.com
  clientConfig: ${JSON.stringify(hook.clientConfig(path))}
  rules: [${rule}]
  sideEffects: None
  admissionReviewVersions: [v1]`
  return `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: names}
spec:
  matchConstraints: {resourceRules: [${rule}]}
  variables: [{name: name, expression: object.metadata.name}]
  validations:
  - expression: variables.name != 'forbidden-by-policy'
    messageExpression: "'the name is bad: ' + variables.name"
  - expression: variables.name != 'warned' && (variables.name != 'unevaluable' || object.spec.nothing == 'x')
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: denies}
spec:
  policyName: names
  validationActions: [Deny]
  matchResources: {excludeResourceRules: [{operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'],
    resourceNames: [warned]}]}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: warns}
spec: {policyName: names, validationActions: [Warn]}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: labels}
spec:
  matchConstraints: {resourceRules: [${rule}]}
  reinvocationPolicy: Never
  mutations:
  - patchType: ApplyConfiguration
    applyConfiguration: {expression: "Object{metadata: Object.metadata{labels: {'policy': 'own'}}}"}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: {name: labels}
spec: {policyName: labels}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: change}
webhooks: ${webhook('change')}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: judge}
webhooks: ${webhook('judge')}
`
}

/** A label is set on every object. */
function changed({ object }: Json): Readonly<Record<string, unknown>> {
  const labels = { ...object?.['metadata']?.['labels'], hook: 'own' }
  return patching({ op: 'add', path: '/metadata/labels', value: labels })
}

/** One name is refused. */
function judged({ name }: Json): Readonly<Record<string, unknown>> {
  const isAllowed = String(name) !== 'forbidden-by-hook'
  return { allowed: isAllowed, ...(!isAllowed && { status: { message: 'not this one', code: 403 } }) }
}
