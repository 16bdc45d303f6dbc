import t from 'tap'
import type { KindDeclaration } from '../../apiserver/registry/kind.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { withDefaults } from '../../machinery/schema/default.ts'
import { validateSchema } from '../../machinery/schema/validate.ts'
import { configMap } from './config-map/kind.ts'
import { event } from './event/kind.ts'
import { lease } from './lease/kind.ts'
import { mutatingAdmissionPolicyBinding } from './mutating-admission-policy-binding/kind.ts'
import { mutatingWebhookConfiguration } from './mutating-webhook-configuration/kind.ts'
import { namespace } from './namespace/kind.ts'
import { clusterRole } from './rbac/cluster-role/kind.ts'
import { secret } from './secret/kind.ts'
import { serviceAccount } from './service-account/kind.ts'
import { validatingAdmissionPolicy } from './validating-admission-policy/kind.ts'
import { validatingWebhookConfiguration } from './validating-webhook-configuration/kind.ts'

type Members = Readonly<Record<string, unknown>>

t.test('stringData is folded into data and never kept', async (t) => {
  const { object } = written(secret, { data: { a: 'eA==', b: 'eQ==' }, stringData: { b: 'ü', c: '' } })
  t.same(object['data'], { a: 'eA==', b: 'w7w=', c: '' })
  t.notOk('stringData' in object)
  t.equal(object['type'], 'Opaque')
})

t.test('what is no map of texts is left to the schema, and null is empty', async (t) => {
  for (const data of ['x', [1], { a: 5 }, { a: { b: 'c' } }]) {
    t.match(written(secret, { data }).refusals, [/^data.*must be of type/])
    t.match(written(secret, { stringData: data }).refusals, [/^stringData.*must be of type/])
    t.match(written(configMap, { data }).refusals, [/^data.*must be of type/])
  }
  t.notOk('data' in written(secret, { data: null, stringData: null }).object)
  t.same(written(secret, { data: { a: null }, stringData: { b: null } }).object['data'], { a: '', b: '' })
  t.same(written(configMap, { data: { a: null } }).object['data'], { a: '' })
})

t.test('base64 is stored in its one form, and what is none is a 400 without the value', async (t) => {
  t.same(written(secret, { data: { a: 'aGVs\nbG8=', b: 'YR==' } }).object['data'], { a: 'aGVsbG8=', b: 'YQ==' })
  for (const bad of ['canary', 'a', 'a===', 'ca na', '-_-_']) {
    const text = (kind: string, member: string) =>
      `${kind} in version "v1" cannot be handled as a ${kind}: illegal base64 data in ${member}[key]`
    t.throws(() => written(secret, { data: { key: bad } }), { message: text('Secret', 'data') })
    t.throws(() => written(configMap, { binaryData: { key: bad } }), { message: text('ConfigMap', 'binaryData') })
  }
})

t.test('every member has its field in protobuf', async (t) => {
  for (const { names, versions } of [configMap, event, lease, namespace, secret, serviceAccount]) {
    const { schema, protobuf = {} } = versions['v1'] ?? { schema: {} }
    t.same(Object.keys(protobuf).toSorted(), Object.keys(schema.properties ?? {}).toSorted(), names.kind)
    t.equal(new Set(Object.values(protobuf).map(({ number }) => number)).size, Object.keys(protobuf).length)
  }
})

t.test('a Secret is refused in the words of Kubernetes', async (t) => {
  const redacted = 'Invalid value: "<secret contents redacted>": must be a JSON object'
  const account = 'metadata.annotations[kubernetes.io/service-account.name]'
  const cases: readonly (readonly [string, Members, readonly string[]])[] = [
    ['an own type', { type: 'example.com/any' }, []],
    ['a token of no account', { type: 'kubernetes.io/service-account-token' }, [`${account}: Required value`]],
    [
      'no docker configuration',
      { type: 'kubernetes.io/dockerconfigjson' },
      ['data[.dockerconfigjson]: Required value'],
    ],
    [
      'a docker configuration that is no JSON',
      { type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': 'canary' } },
      [`data[.dockerconfigjson]: ${redacted}`],
    ],
    [
      'an old docker configuration that is a list',
      { type: 'kubernetes.io/dockercfg', stringData: { '.dockercfg': '[]' } },
      [`data[.dockercfg]: ${redacted}`],
    ],
    ['a docker configuration', { type: 'kubernetes.io/dockercfg', stringData: { '.dockercfg': '{}' } }, []],
    [
      'neither user nor password',
      { type: 'kubernetes.io/basic-auth' },
      ['data[username]: Required value', 'data[password]: Required value'],
    ],
    ['a password alone', { type: 'kubernetes.io/basic-auth', stringData: { password: '' } }, []],
    [
      'an empty key',
      { type: 'kubernetes.io/ssh-auth', stringData: { 'ssh-privatekey': '' } },
      ['data[ssh-privatekey]: Required value'],
    ],
    [
      'half a certificate',
      { type: 'kubernetes.io/tls', stringData: { 'tls.crt': '' } },
      ['data[tls.key]: Required value'],
    ],
    ['as much as there may be', { data: { a: bytes(1024 * 1024) } }, []],
    [
      'one byte more',
      { data: { a: bytes(1024 * 1024), b: bytes(1) } },
      ['data: Too long: may not be more than 1048576 bytes'],
    ],
    ['a key that steps up', { stringData: { '..': '' } }, ['data[..]: Invalid value: "..": must not be \'..\'']],
  ]
  for (const [name, members, expected] of cases) t.same(written(secret, members).refusals, expected, name)
  t.match(written(secret, { stringData: { 'a/b': '' } }).refusals, [
    /^data\[a\/b\]: Invalid value: "a\/b": a valid config key/,
  ])
})

t.test('a selector that cannot be asked is refused wherever it stands', async (t) => {
  const bad = {
    matchLabels: { a: '-' },
    matchExpressions: [
      { key: 'a', operator: 'In' },
      { key: '/', operator: 'Exists', values: ['b'] },
      { key: 'a', operator: 'Odd' },
    ],
  }
  const webhook = { name: 'a.b.c', clientConfig: {}, sideEffects: 'None', admissionReviewVersions: ['v1'] }
  const places: readonly (readonly [KindDeclaration, string, Members])[] = [
    [validatingWebhookConfiguration, 'webhooks[0].objectSelector', { webhooks: [{ ...webhook, objectSelector: bad }] }],
    [
      mutatingWebhookConfiguration,
      'webhooks[0].namespaceSelector',
      { webhooks: [{ ...webhook, namespaceSelector: bad }] },
    ],
    [
      validatingAdmissionPolicy,
      'spec.matchConstraints.objectSelector',
      { spec: { matchConstraints: { objectSelector: bad } } },
    ],
    [
      mutatingAdmissionPolicyBinding,
      'spec.paramRef.selector',
      { spec: { policyName: 'p', paramRef: { selector: bad } } },
    ],
    [
      clusterRole,
      'aggregationRule.clusterRoleSelectors[0]',
      { aggregationRule: { clusterRoleSelectors: [bad] }, rules: [] },
    ],
  ]
  for (const [kind, field, members] of places) {
    const told = written(kind, members).refusals.filter((text) => text.startsWith(field))
    t.match(told, [
      `${field}.matchLabels: Invalid value: "-": a valid label`,
      `${field}.matchExpressions[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`,
      `${field}.matchExpressions[1].values: Forbidden: may not be specified when`,
      `${field}.matchExpressions[1].key: Invalid value: "/": prefix part`,
      `${field}.matchExpressions[1].key: Invalid value: "/": name part must be non-empty`,
      `${field}.matchExpressions[1].key: Invalid value: "/": name part must consist of`,
      `${field}.matchExpressions[2].operator: Invalid value: "Odd": not a valid selector operator`,
    ])
  }
})

t.test('what is immutable stays as it is', async (t) => {
  const locked = 'Forbidden: field is immutable when `immutable` is set'
  const before = written(secret, { immutable: true, stringData: { a: 'x' } }).object
  const update = (members: Members) => written(secret, members, before).refusals
  t.same(update({ immutable: true, stringData: { a: 'x' } }), [])
  t.same(update({ immutable: true, stringData: { a: 'y' } }), [`data: ${locked}`])
  t.same(update({ stringData: { a: 'y' } }), [`immutable: ${locked}`, `data: ${locked}`])
  t.same(update({ immutable: true, type: 'other', stringData: { a: 'x' } }), [
    'type: Invalid value: "other": field is immutable',
  ])
  const settings = written(configMap, { immutable: true, data: { a: 'x' }, binaryData: { b: 'AA==' } }).object
  t.same(written(configMap, { immutable: true }, settings).refusals, [`data: ${locked}`, `binaryData: ${locked}`])
})

t.test('a ConfigMap has each key once and is no larger than a Secret', async (t) => {
  t.same(written(configMap, { data: { a: '' }, binaryData: { a: '' } }).refusals, [
    'data[a]: Invalid value: "a": duplicate of key present in binaryData',
  ])
  const parts = { data: { a: 'x'.repeat(1024 * 1024) }, binaryData: { b: bytes(1) } }
  t.same(written(configMap, parts).refusals, ['[]: Too long: may not be more than 1048576 bytes'])
})

t.test('a namespace is born active, carries its name and keeps the finalizers of its spec', async (t) => {
  const { object } = written(namespace, { spec: { finalizers: [] } })
  t.same(object['spec'], { finalizers: ['kubernetes'] })
  t.same(object['status'], { phase: 'Active' })
  t.same(object.metadata.labels, { 'kubernetes.io/metadata.name': 'x' })
  const updated = written(namespace, { spec: { finalizers: ['mine'] }, status: object['status'] }, object).object
  t.same(updated['spec'], { finalizers: ['kubernetes'] })
  t.match(namespace.terminating?.(object), { status: { phase: 'Terminating' } })
})

t.test('an event lies in the namespace of its object', async (t) => {
  const text = 'does not match event.namespace'
  t.same(written(event, { involvedObject: { namespace: 'ns' } }).refusals, [])
  t.same(written(event, { involvedObject: { namespace: 'other' } }).refusals, [
    `involvedObject.namespace: Invalid value: "other": ${text}`,
  ])
  t.same(written(event, { involvedObject: {} }).refusals, [`involvedObject.namespace: Invalid value: "": ${text}`])
  t.same(written(event, { involvedObject: { namespace: 'ns' }, eventTime: '2026-01-02T03:04:05.000000Z' }).refusals, [
    'reportingComponent: Required value',
    'reportingInstance: Required value',
    'action: Required value',
    'reason: Required value',
  ])
})

t.test('a lease has a positive duration', async (t) => {
  t.same(written(lease, { spec: { leaseDurationSeconds: 0, leaseTransitions: -1, preferredHolder: 'x' } }).refusals, [
    'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0',
    'spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0',
    'spec.preferredHolder: Forbidden: may only be specified if `spec.strategy` is defined',
  ])
})

t.test('tables show what kubectl shows', async (t) => {
  const age = '2026-01-02T03:04:05Z'
  t.same(cells(secret, { type: 'Opaque', data: { a: '', b: '' } }), { Type: 'Opaque', Data: 2, Age: age })
  t.same(cells(configMap, { data: { a: '' }, binaryData: { b: '' } }), { Data: 2, Age: age })
  t.same(cells(namespace, { status: { phase: 'Active' } }), { Status: 'Active', Age: age })
  t.same(cells(serviceAccount, {}), { Secrets: 0, Age: age })
  t.same(cells(lease, { spec: { holderIdentity: 'me' } }), { Holder: 'me', Age: age })
  const members = {
    involvedObject: { kind: 'ExternalSecret', name: 'es', fieldPath: 'spec' },
    type: 'Normal',
    reason: 'Created',
    message: 'secret created\n',
    source: { component: 'external-secrets', host: 'node' },
    firstTimestamp: 'first',
    lastTimestamp: 'last',
    count: 3,
  }
  t.same(cells(event, members), {
    'Last Seen': 'last',
    Type: 'Normal',
    Reason: 'Created',
    Object: 'externalsecret/es',
    Subobject: 'spec',
    Source: 'external-secrets, node',
    Message: 'secret created',
    'First Seen': 'first',
    Count: 3,
    Name: 'x',
  })
  const seen = (times: Members): unknown => cells(event, { ...members, ...times })['Last Seen']
  t.equal(seen({ lastTimestamp: null }), 'first')
  t.equal(seen({ lastTimestamp: null, firstTimestamp: null, eventTime: 'micro' }), 'micro')
  t.equal(seen({ series: { count: 2, lastObservedTime: 'again' } }), 'again')
  t.equal(seen({ lastTimestamp: null, firstTimestamp: null }), '', 'which is shown as <unknown>')
})

/** The object as the API would store it, and what it says against it. */
function written(kind: KindDeclaration, members: Members, previous?: KubeObject) {
  const schema = kind.versions['v1']?.schema ?? {}
  const sent = withDefaults(schema, anObject(kind, members))
  const decoded = kind.decode?.(sent) ?? sent
  const object = kind.prepare?.(decoded, previous) ?? decoded
  const { apiVersion: _, kind: __, metadata: ___, ...content } = object
  const schemaErrors = validateSchema(schema, content, '')
  const ruleErrors = () => (kind.validate ?? []).flatMap(({ check }) => check(object, previous).errors)
  const errors = schemaErrors.length > 0 ? schemaErrors : ruleErrors()
  return { object, refusals: errors.map(({ field, message }) => `${field}: ${message}`) }
}

function anObject(kind: KindDeclaration, members: Members): KubeObject {
  const metadata = { name: 'x', namespace: 'ns', creationTimestamp: '2026-01-02T03:04:05Z' }
  return { apiVersion: 'v1', kind: kind.names.kind, metadata, ...members }
}

function cells(kind: KindDeclaration, members: Members): Members {
  const live = { lastSyncTime: () => undefined }
  const object = anObject(kind, members)
  return Object.fromEntries((kind.columns ?? []).map(({ name, value }) => [name, value(object, live)]))
}

function bytes(count: number): string {
  return Buffer.alloc(count).toString('base64')
}
