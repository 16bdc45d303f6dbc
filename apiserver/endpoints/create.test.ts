import t from 'tap'
import { bytesOf, integer, message, text } from '../../machinery/protobuf/writer.ts'
import { textAt } from '../../test/support/local-api.ts'
import { aWidget, clusterWidgets, openWidgetApi, widgets } from '../../test/support/widgets.ts'

const api = await openWidgetApi()
t.teardown(() => api[Symbol.asyncDispose]())

t.test('a new object gets what only the server says', async (t) => {
  const sent = {
    uid: 'mine',
    generation: 7,
    creationTimestamp: '2001-01-01T00:00:00Z',
    deletionTimestamp: '2001-01-01T00:00:00Z',
    selfLink: '/x',
  }
  const { code, body } = await api.call(`POST ${widgets}`, {
    body: aWidget('new', { metadata: sent, spec: { size: 1 }, status: { phase: 'Done' } }),
  })
  t.equal(code, 201)
  t.match(body, { apiVersion: 'example.com/v1', kind: 'Widget', spec: { size: 1 } })
  t.match(body['metadata'], {
    name: 'new',
    namespace: 'default',
    uid: /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    resourceVersion: /^[1-9]\d*$/,
    creationTimestamp: /^20[2-9]\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
    generation: 1,
  })
  t.equal(body['status'], undefined)
  t.equal(body['metadata']?.['deletionTimestamp'], undefined)
  t.equal(body['metadata']?.['selfLink'], undefined)
})

t.test('refusals', async (t) => {
  await api.call(`POST ${widgets}`, { body: aWidget('taken') })
  const meta = (metadata: object) => aWidget('x', { metadata })
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'u' }
  const cases: readonly [what: string, path: string, body: unknown, code: number, expected: object][] = [
    [
      'a taken name',
      widgets,
      aWidget('taken'),
      409,
      {
        reason: 'AlreadyExists',
        message: 'widgets.example.com "taken" already exists',
        details: { name: 'taken', group: 'example.com', kind: 'widgets' },
      },
    ],
    [
      'a resourceVersion',
      widgets,
      meta({ resourceVersion: '1' }),
      400,
      { message: 'resourceVersion should not be set on objects to be created' },
    ],
    [
      'no name',
      widgets,
      { spec: {} },
      422,
      { message: 'Widget.example.com "" is invalid: metadata.name: Required value: name or generateName is required' },
    ],
    [
      'a bad name',
      widgets,
      aWidget('A/b'),
      422,
      { details: { causes: [{ field: 'metadata.name', reason: 'FieldValueInvalid' }] } },
    ],
    [
      'another namespace',
      widgets,
      meta({ namespace: 'other' }),
      400,
      { message: 'the namespace of the provided object does not match the namespace sent on the request' },
    ],
    [
      'another apiVersion',
      widgets,
      { ...aWidget('x'), apiVersion: 'example.com/v2' },
      400,
      {
        message:
          'the API version in the data (example.com/v2) does not match the expected API version (example.com/v1)',
      },
    ],
    [
      'a kind that is no text',
      widgets,
      { ...aWidget('x'), kind: 5 },
      400,
      { message: 'the object provided is unrecognized (must be of type Widget): its apiVersion and kind are not text' },
    ],
    [
      'another kind',
      widgets,
      { ...aWidget('x'), kind: 'Gadget' },
      400,
      { message: /^Gadget in version "v1" cannot be handled as a Widget: / },
    ],
    [
      'an empty body',
      widgets,
      '',
      400,
      { message: /^the object provided is unrecognized \(must be of type Widget\): .* \(<empty>\)$/ },
    ],
    ['a list', widgets, '[]', 400, { reason: 'BadRequest' }],
    ['half an object', widgets, '{"kind":', 400, { reason: 'BadRequest' }],
    [
      'too large a body',
      widgets,
      ' '.repeat(3 * 1024 * 1024 + 1),
      413,
      { message: 'Request entity too large: limit is 3145728' },
    ],
    [
      'too long annotations',
      widgets,
      meta({ annotations: { a: 'x'.repeat(262_144) } }),
      422,
      { message: /metadata.annotations: Too long: may not be more than 262144 bytes/ },
    ],
    [
      'a bad label',
      widgets,
      meta({ labels: { a: '!' } }),
      422,
      { details: { causes: [{ field: 'metadata.labels', reason: 'FieldValueInvalid' }] } },
    ],
    [
      'an owner without uid',
      widgets,
      meta({ ownerReferences: [{ ...owner, uid: '' }] }),
      422,
      { message: /metadata.ownerReferences.uid: Invalid value: "": must not be empty/ },
    ],
    [
      'contradicting finalizers',
      widgets,
      meta({ finalizers: ['orphan', 'foregroundDeletion'] }),
      422,
      { message: /finalizer orphan and foregroundDeletion cannot be both set/ },
    ],
    [
      'labels of another type',
      widgets,
      meta({ labels: 'x' }),
      400,
      { message: /cannot be handled as a Widget: json: cannot unmarshal/ },
    ],
    [
      'a field of another type',
      widgets,
      aWidget('x', { spec: { size: 'x' } }),
      422,
      { details: { causes: [{ field: 'spec.size' }] } },
    ],
    [
      'a missing namespace',
      widgets.replace('default', 'none'),
      aWidget('x'),
      404,
      { message: 'namespaces "none" not found' },
    ],
    ['the path of all namespaces', '/apis/example.com/v1/widgets', aWidget('x'), 405, { reason: 'MethodNotAllowed' }],
    [
      'an unknown resource',
      '/apis/example.com/v1/things',
      aWidget('x'),
      404,
      { message: 'the server could not find the requested resource' },
    ],
    [
      'an unknown version',
      '/apis/example.com/v9/widgets',
      aWidget('x'),
      404,
      { message: 'the server could not find the requested resource' },
    ],
  ]
  for (const [what, path, body, code, expected] of cases) {
    t.match(
      await api.call(`POST ${path}`, { body }),
      { code, body: { kind: 'Status', status: 'Failure', code, ...expected } },
      what,
    )
  }
})

t.test('several faults make one answer', async (t) => {
  const body = aWidget('x', { metadata: { labels: { a: '!' } }, spec: { size: -1, owner: 'A' } })
  const answer = await api.call(`POST ${widgets}`, { body })
  t.equal(answer.code, 422)
  t.equal(answer.body['details']?.['causes']?.['length'], 3)
  t.match(answer.body['message'], /^Widget.example.com "x" is invalid: \[metadata.labels: .*, spec.*\]$/s)
})

t.test('options', async (t) => {
  const cases: readonly [query: string, code: number, expected: object][] = [
    [
      'dryRun=foo',
      422,
      {
        message: 'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["foo"]: supported values: "All"',
      },
    ],
    [
      'fieldValidation=x',
      422,
      { message: /fieldValidation: Unsupported value: "x": supported values: "", "Ignore", "Strict", "Warn"/ },
    ],
    [`fieldManager=${'a'.repeat(129)}`, 422, { message: /fieldManager: Too long: may not be more than 128 bytes/ }],
    [
      'fieldManager=a%0Ab',
      422,
      { message: /fieldManager: Invalid value: "a\\nb": invalid character U\+000A \(at position 1\)/ },
    ],
    ['whatever=1', 201, {}],
  ]
  for (const [query, code, expected] of cases) {
    t.match(await api.call(`POST ${widgets}?${query}`, { body: aWidget('options') }), { code, body: expected }, query)
  }
})

t.test('unknown and duplicate fields', async (t) => {
  const text = (name: string) => `{"metadata":{"name":"${name}"},"spec":{"size":1,"size":2,"foo":1}}`
  const warned = await api.call(`POST ${widgets}`, { body: text('warned') })
  t.match(warned, {
    code: 201,
    warnings: ['unknown field "spec.foo"', 'duplicate field "spec.size"'],
    body: { spec: { size: 2 } },
  })
  t.equal(warned.body['spec']?.['foo'], undefined)
  const ignored = await api.call(`POST ${widgets}?fieldValidation=Ignore`, { body: text('ignored') })
  t.match(ignored, { code: 201, warnings: [] })
  const strict = await api.call(`POST ${widgets}?fieldValidation=Strict`, { body: text('strict') })
  const findings = 'unknown field "spec.foo", duplicate field "spec.size"'
  t.match(strict, {
    code: 400,
    body: { message: `Widget in version "v1" cannot be handled as a Widget: strict decoding error: ${findings}` },
  })
  const spec = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`f${index}`, 1]))
  const many = await api.call(`POST ${widgets}?fieldValidation=Strict`, { body: { spec } })
  t.equal(String(many.body['message']).split('unknown field').length - 1, 100, 'a hundred errors are enough')
})

t.test('generated names', async (t) => {
  const body = { metadata: { generateName: 'a-' } }
  t.match((await api.call(`POST ${widgets}`, { body })).body['metadata'], {
    name: /^a-[bcdfghjklmnpqrstvwxz2456789]{5}$/,
    generateName: 'a-',
  })
  const long = await api.call(`POST ${widgets}`, { body: { metadata: { generateName: 'a'.repeat(70) } } })
  t.equal(textAt(long.body, 'metadata.name').length, 63)
  const both = await api.call(`POST ${widgets}`, { body: { metadata: { generateName: 'a-', name: 'chosen' } } })
  t.equal(both.body['metadata']?.['name'], 'chosen')
})

t.test('a dry run stores nothing', async (t) => {
  const dry = await api.call(`POST ${widgets}?dryRun=All`, { body: aWidget('dry') })
  t.match(dry, { code: 201, body: { metadata: { uid: String, creationTimestamp: String } } })
  t.equal(dry.body['metadata']?.['resourceVersion'], undefined)
  t.equal((await api.call(`GET ${widgets}/dry`)).code, 404)
})

t.test('kept, cleared and deduplicated', async (t) => {
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'u' }
  const twice = await api.call(`POST ${widgets}`, {
    body: aWidget('owned', { metadata: { ownerReferences: [owner, owner] } }),
  })
  t.match(twice.warnings, [/^\.metadata\.ownerReferences contains duplicate entries/])
  t.same(twice.body['metadata']?.['ownerReferences'], [owner])
  const global = { apiVersion: 'example.com/v1', kind: 'ClusterWidget', metadata: { name: 'c', namespace: 'default' } }
  t.equal((await api.call(`POST ${clusterWidgets}`, { body: global })).body['metadata']?.['namespace'], undefined)
  const wild = '{"metadata":{"name":"wild","labels":{"constructor":"b"}},"data":{"__proto__":"a","toString":"c"}}'
  const kept = await api.call('POST /api/v1/namespaces/default/configmaps', { body: wild })
  t.match(kept.text, '"data":{"__proto__":"a","toString":"c"}')
  const read = await api.call('GET /api/v1/namespaces/default/configmaps/wild')
  t.match(read.text, '"labels":{"constructor":"b"}')
  t.match(read.text, '"__proto__":"a"')
})

t.test('media types', async (t) => {
  const yaml = 'metadata:\n  name: yaml\nspec:\n  size: 4\n'
  const sent = await api.call(`POST ${widgets}`, { body: yaml, headers: { 'content-type': 'application/yaml' } })
  t.match(sent, { code: 201, body: { spec: { size: 4 } } })
  const plain = await api.call(`POST ${widgets}`, { body: yaml, headers: { 'content-type': 'text/plain' } })
  const accepted = 'accepted media types include: application/json, application/yaml'
  t.match(plain, { code: 415, body: { message: `the body of the request was in an unknown format - ${accepted}` } })
  t.equal((await api.call(`POST ${widgets}`, { body: aWidget('untyped'), headers: { 'content-type': '' } })).code, 201)
})

t.test('built-in kinds are taken in protobuf, as typed clients send them', async (t) => {
  const headers = { 'content-type': 'application/vnd.kubernetes.protobuf' }
  const configMaps = '/api/v1/namespaces/default/configmaps'
  const nested = (number: number, ...fields: string[]): string => message(number, () => fields.join(''))(undefined)
  const entry = (number: number, key: string, value: string): string => nested(number, text(1)(key), text(2)(value))
  const object = (kind: string, ...fields: string[]): Uint8Array =>
    bytesOf(`k8s\0${nested(1, text(1)('v1'), text(2)(kind))}${nested(2, ...fields)}`)
  const metadata = (name: string): string => nested(1, text(1)(name), text(3)(''), nested(8), entry(11, 'l', 'x'))

  const body = object('ConfigMap', metadata('proto'), entry(2, 'a', 'b'), entry(3, 'c', 'd'))
  const created = await api.call(`POST ${configMaps}`, { body, headers })
  t.match(created, { code: 201, contentType: 'application/json' })
  t.match(created.body, { kind: 'ConfigMap', metadata: { name: 'proto', labels: { l: 'x' } } })
  t.same([created.body['data'], created.body['binaryData']], [{ a: 'b' }, { c: 'ZA==' }])

  const locked = object('ConfigMap', metadata('proto'), entry(2, 'a', 'e'), integer(4)(1))
  const updated = await api.call(`PUT ${configMaps}/proto`, { body: locked, headers })
  t.match(updated, { code: 200, body: { data: { a: 'e' }, immutable: true } })

  const refused = (code: number, text: RegExp): object => ({ code, body: { message: text } })
  const other = await api.call(`POST ${configMaps}`, { body: object('Namespace', metadata('x')), headers })
  t.match(other, refused(400, /cannot be handled as a ConfigMap: the kinds differ/))
  const broken = await api.call(`POST ${configMaps}`, { body: body.subarray(0, -1), headers })
  t.match(broken, refused(400, /unrecognized \(must be of type ConfigMap\): invalid protobuf: a field longer/))
  const custom = await api.call(`POST ${widgets}`, { body: object('Widget', metadata('x')), headers })
  t.match(custom, refused(415, /accepted media types include: application\/json, application\/yaml$/))
  const plain = await api.call(`POST ${configMaps}`, { body: '', headers: { 'content-type': 'text/plain' } })
  t.match(plain, refused(415, /json, application\/yaml, application\/vnd.kubernetes.protobuf$/))

  const wrongUid = object('DeleteOptions', nested(2, text(1)('another')))
  const kept = await api.call(`DELETE ${configMaps}/proto`, { body: wrongUid, headers })
  t.match(kept, refused(409, /the UID in the precondition/))
  const dryRun = object('DeleteOptions', text(5)('All'))
  t.equal((await api.call(`DELETE ${widgets}/yaml`, { body: dryRun, headers })).code, 200)
  t.equal((await api.call(`GET ${widgets}/yaml`)).code, 200)
})
