import t from 'tap'
import { type Answer, type Body, textAt } from '../../test/support/local-api.ts'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { aWidget, openWidgetApi, type WidgetParts, widgets } from '../../test/support/widgets.ts'

const clock = new ManualClock()
const api = await openWidgetApi({ clock })
t.teardown(() => api[Symbol.asyncDispose]())

const applied = (name: string, body: unknown, query: string): Promise<Answer> =>
  api.call(`PATCH ${widgets}/${name}?${query}`, { body, headers: { 'content-type': 'application/apply-patch+yaml' } })
const apply = (name: string, parts: WidgetParts, query = 'fieldManager=one'): Promise<Answer> =>
  applied(name, aWidget(name, parts), query)
const merge = (name: string, body: unknown, manager = 'two'): Promise<Answer> =>
  api.call(`PATCH ${widgets}/${name}?fieldManager=${manager}`, {
    body,
    headers: { 'content-type': 'application/merge-patch+json' },
  })
const versionOf = (answer: Answer): string => textAt(answer.body, 'metadata.resourceVersion')
const managers = (body: Body): unknown => body['metadata']?.['managedFields']

t.test('an apply creates, and again changes nothing', async (t) => {
  const first = await apply('made', { spec: { size: 1 } })
  t.match(first, {
    code: 201,
    body: { metadata: { uid: String, generation: 1, namespace: 'default' }, spec: { size: 1 } },
  })
  t.match(managers(first.body), [
    {
      manager: 'one',
      operation: 'Apply',
      apiVersion: 'example.com/v1',
      time: String,
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:spec': { 'f:size': {} } },
    },
  ])
  await clock.advance(1000)
  const second = await apply('made', { spec: { size: 1 } })
  t.equal(second.code, 200)
  t.equal(versionOf(second), versionOf(first))
  const dry = await apply('made', { spec: { size: 2 } }, 'fieldManager=one&dryRun=All')
  t.match(dry.body, { spec: { size: 2 } })
  t.equal(versionOf(await apply('made', { spec: { size: 1 } })), versionOf(first))
})

t.test('fields that are no longer applied go', async (t) => {
  await apply('less', { spec: { size: 1, owner: 'me' }, metadata: { labels: { a: '1', b: '2' } } })
  const { body } = await apply('less', { spec: { size: 1 }, metadata: { labels: { a: '1' } } })
  t.same(body['spec'], { size: 1 })
  t.same(body['metadata']?.['labels'], { a: '1' })
  const bare = await apply('less', { spec: { size: 1 } })
  t.equal(bare.body['metadata']?.['labels'], undefined)
})

t.test('conflicts', async (t) => {
  await apply('shared', { spec: { size: 1 } })
  t.match(managers((await merge('shared', { spec: { size: 2 } })).body), [{ manager: 'two', operation: 'Update' }])
  const refused = await apply('shared', { spec: { size: 3 } })
  t.match(refused, {
    code: 409,
    body: {
      reason: 'Conflict',
      message: 'Apply failed with 1 conflict: conflict with "two" using example.com/v1: .spec.size',
      details: {
        causes: [
          { reason: 'FieldManagerConflict', message: 'conflict with "two" using example.com/v1', field: '.spec.size' },
        ],
      },
    },
  })
  const strict =
    '{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"shared"},"spec":{"size":3,"size":3}}'
  t.equal(
    (await applied('shared', strict, 'fieldManager=one&fieldValidation=Strict')).code,
    409,
    'conflicts win over strict decoding',
  )
  const forced = await applied('shared', strict, 'fieldManager=one&fieldValidation=Strict&force=true')
  t.match(forced, {
    code: 400,
    body: {
      message:
        /^error strict decoding YAML: error .* JSON: yaml: unmarshal errors:\n  line 1: key "size" already set in map$/,
    },
  })
  t.match(await apply('shared', { spec: { size: 3 } }, 'fieldManager=one&force=true'), {
    code: 200,
    body: { spec: { size: 3 } },
  })
})

t.test('refusals', async (t) => {
  await apply('strict', { spec: { size: 1 } })
  const cases: readonly [what: string, body: unknown, code: number, message: RegExp | string][] = [
    ['another kind', { ...aWidget('strict'), kind: 'Gadget' }, 400, 'invalid object type: example.com/v1, Kind=Gadget'],
    [
      'an apiVersion that is no text',
      { ...aWidget('strict'), apiVersion: 5 },
      400,
      'invalid object type: /, Kind=Widget',
    ],
    [
      'managed fields',
      aWidget('strict', { metadata: { managedFields: [] } }),
      400,
      'metadata.managedFields must be nil',
    ],
    ['an unknown field', aWidget('strict', { spec: { foo: 1 } }), 500, /field not declared in schema/],
    [
      'another uid',
      aWidget('strict', { metadata: { uid: 'x' } }),
      422,
      /metadata.uid: Invalid value: "x": field is immutable/,
    ],
    ['an old version', aWidget('strict', { metadata: { resourceVersion: '1' } }), 409, /the object has been modified/],
    [
      'another name',
      aWidget('other'),
      400,
      'the name of the object (other) does not match the name on the URL (strict)',
    ],
    ['no object', '[]', 400, /^error decoding patch: /],
    ['an invalid value', aWidget('strict', { spec: { size: -1 } }), 422, /spec.size/],
  ]
  for (const [what, body, code, message] of cases) {
    t.match(await applied('strict', body, 'fieldManager=one'), { code, body: { message } }, what)
  }
  const absent = await applied('absent', aWidget('absent', { metadata: { uid: 'x' } }), 'fieldManager=one')
  t.match(absent, {
    code: 409,
    body: { message: /uid mismatch: the provided object specified uid x, and no existing object was found$/ },
  })
  t.equal((await applied('absent/status', aWidget('absent'), 'fieldManager=one')).code, 404)
})

t.test('to apply again what the server sets itself is no change', async (t) => {
  const metadata = { creationTimestamp: '2001-02-03T04:05:06Z', generation: 9, selfLink: '/x' }
  const first = await apply('foreign', { metadata, spec: { size: 1 } })
  t.equal(first.code, 201)
  await clock.advance(1000)
  t.not(textAt(first.body, 'metadata.creationTimestamp'), metadata.creationTimestamp)
  const again = await apply('foreign', { metadata, spec: { size: 1 } })
  t.equal(again.code, 200)
  t.strictSame(again.body, first.body)
})

t.test('several undeclared fields are told in the order of the configuration', async (t) => {
  const told = async (spec: object): Promise<string> => {
    const answer = await applied('two', aWidget('two', { spec }), 'fieldManager=one')
    t.equal(answer.code, 500)
    return textAt(answer.body, 'message')
  }
  const what = 'failed to create typed patch object (/two; example.com/v1, Kind=Widget): '
  const [part, field] = ['.spec.parts[name="a"].bar', '.spec.foo'].map(
    (path) => `${path}: field not declared in schema`,
  )
  t.equal(await told({ parts: [{ name: 'a', bar: 1 }], foo: 1 }), `${what}errors:\n  ${part}\n  ${field}`)
  t.equal(await told({ foo: 1, parts: [{ name: 'a', bar: 1 }] }), `${what}${field}`, 'a map is left at the first')
})

t.test('each version has its own entry of an updater, an applier has one', async (t) => {
  await apply('both', { spec: { size: 1, owner: 'me' } })
  const older = (query: string, type: string, body: object): Promise<Answer> =>
    api.call(`PATCH ${widgets.replace('/v1/', '/v1beta1/')}/both${query}`, {
      body,
      headers: { 'content-type': `application/${type}` },
    })
  await merge('both', { metadata: { labels: { new: 'x' } } }, 'two')
  await older('?fieldManager=two', 'merge-patch+json', { metadata: { labels: { old: 'x' } }, spec: { count: 2 } })
  const config = { apiVersion: 'example.com/v1beta1', kind: 'Widget', metadata: { name: 'both' } }
  const refused = await older('?fieldManager=one', 'apply-patch+yaml', { ...config, spec: { count: 3 } })
  const text = 'conflict with "two" using example.com/v1beta1'
  t.match(refused, { code: 409, body: { message: `Apply failed with 1 conflict: ${text}: .spec.count` } })
  const forced = await older('?fieldManager=one&force=true', 'apply-patch+yaml', { ...config, spec: { count: 3 } })
  t.strictSame(forced.body['spec'], { count: 3 }, 'what was applied in the other version and left out is gone')
  const entries = managers(forced.body) as readonly { manager: string; apiVersion: string; fieldsV1: object }[]
  t.strictSame(
    entries.map(({ manager, apiVersion, fieldsV1 }) => [manager, apiVersion, fieldsV1]),
    [
      ['one', 'example.com/v1beta1', { 'f:spec': { 'f:count': {} } }],
      ['two', 'example.com/v1', { 'f:metadata': { 'f:labels': { '.': {}, 'f:new': {} } } }],
      ['two', 'example.com/v1beta1', { 'f:metadata': { 'f:labels': { 'f:old': {} } } }],
    ],
  )
})

t.test('YAML and status', async (t) => {
  const yaml = 'apiVersion: example.com/v1\nkind: Widget\nmetadata:\n  name: yaml\nspec:\n  size: 2\n'
  t.match(await applied('yaml', yaml, 'fieldManager=one'), { code: 201, body: { spec: { size: 2 } } })
  const status = await applied('yaml/status', aWidget('yaml', { status: { phase: 'Done' } }), 'fieldManager=ctl')
  t.match(status, { code: 200, body: { status: { phase: 'Done' }, spec: { size: 2 } } })
  t.match(managers(status.body), [
    { manager: 'ctl', subresource: 'status', fieldsV1: { 'f:status': {} } },
    { manager: 'one' },
  ])
})

t.test('managers are told by time, those of one second by name', async (t) => {
  const names = (answer: Answer): unknown => (managers(answer.body) as readonly Body[]).map(({ manager }) => manager)
  await apply('ordered', { spec: { size: 1 } }, 'fieldManager=b')
  t.same(names(await apply('ordered', { metadata: { labels: { a: 'x' } } }, 'fieldManager=a')), ['a', 'b'])
  await clock.advance(1000)
  await apply('ordered', { metadata: { labels: { c: 'x' } } }, 'fieldManager=c')
  const last = await apply('ordered', { metadata: { labels: { z: 'x' } } }, 'fieldManager=a')
  t.same(names(last), ['b', 'a', 'c'])
  await clock.advance(1000)
  const again = await apply('ordered', { spec: { size: 1 } }, 'fieldManager=b')
  t.equal(versionOf(again), versionOf(last), 'what changes nothing keeps its time')
})

t.test('managers of other writes', async (t) => {
  const created = await api.call(`POST ${widgets}`, { body: aWidget('tracked', { spec: { size: 1 } }) })
  t.match(managers(created.body), [
    { manager: 'tester', operation: 'Update', fieldsV1: { 'f:spec': { '.': {}, 'f:size': {} } } },
  ])
  const dropped = await api.call(`PUT ${widgets}/tracked`, {
    body: { ...created.body, metadata: { ...created.body['metadata'], managedFields: undefined, labels: { a: 'b' } } },
  })
  t.match(
    managers(dropped.body),
    [{ manager: 'tester', fieldsV1: { 'f:metadata': { 'f:labels': {} } } }],
    'left out, they are kept',
  )
  const reset = await api.call(`PUT ${widgets}/tracked`, {
    body: { ...dropped.body, metadata: { ...dropped.body['metadata'], managedFields: [] } },
  })
  t.equal(managers(reset.body), undefined)
})

t.test('what an older version cannot say survives its apply', async (t) => {
  await apply('newer', { spec: { size: 1, serial: 7 } })
  const older = { apiVersion: 'example.com/v1beta1', kind: 'Widget', metadata: { name: 'newer' }, spec: { count: 2 } }
  const path = `${widgets.replace('/v1/', '/v1beta1/')}/newer?fieldManager=two&force=true`
  const answer = await api.call(`PATCH ${path}`, {
    body: older,
    headers: { 'content-type': 'application/apply-patch+yaml' },
  })
  t.match(answer, { code: 200, body: { spec: { count: 2 } } })
  t.match((await api.call(`GET ${widgets}/newer`)).body, { spec: { size: 2, serial: 7 } })
  t.match(managers(answer.body), [{ manager: 'one' }, { manager: 'two', apiVersion: 'example.com/v1beta1' }])
})

t.test('many appliers of their own fields never conflict', async (t) => {
  await apply('many', { spec: { size: 1 } })
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      apply('many', { metadata: { labels: { [`l${index}`]: 'x' } } }, `fieldManager=m${index}`),
    ),
  )
  t.ok(answers.every(({ code }) => code === 200))
  const created = await Promise.all(
    Array.from({ length: 5 }, (_, index) =>
      apply('born', { metadata: { labels: { [`l${index}`]: 'x' } } }, `fieldManager=m${index}`),
    ),
  )
  t.same(created.map(({ code }) => code).sort(), [200, 200, 200, 200, 201])
})
