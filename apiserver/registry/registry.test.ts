import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { namespace } from '../../kinds/core/namespace/kind.ts'
import { widget } from '../../kinds/test/widget/kind.ts'
import { openLocalApi } from '../../test/support/local-api.ts'
import { aWidget, openWidgetApi, widgets } from '../../test/support/widgets.ts'
import { servedForm, storedCodec } from './codec.ts'
import { humanAge } from './forms/age.ts'
import { withCompactMetadata } from './writes/compact-metadata.ts'
import { finalizersOfDeletion } from './writes/finalizers.ts'

t.test('ages are written as kubectl writes them', async (t) => {
  const [minute, hour, day, year] = [60, 3600, 86_400, 365 * 86_400] as const
  const cases: readonly [seconds: number, age: string][] = [
    [-5, '<invalid>'],
    [-1, '0s'],
    [0, '0s'],
    [119, '119s'],
    [2 * minute, '2m'],
    [2 * minute + 5, '2m5s'],
    [10 * minute + 5, '10m'],
    [3 * hour - 1, '179m'],
    [3 * hour, '3h'],
    [7 * hour + 59 * minute, '7h59m'],
    [47 * hour, '47h'],
    [2 * day + 3 * hour, '2d3h'],
    [8 * day + 5, '8d'],
    [2 * year - 1, '729d'],
    [6 * year + 328 * day, '6y328d'],
    [9 * year + 5 * day, '9y'],
  ]
  for (const [seconds, age] of cases) t.equal(humanAge(seconds * 1000), age, age)
})

t.test('what a deletion leaves of finalizers', async (t) => {
  const cases: readonly [given: string[], propagation: object, left: string[]][] = [
    [[], {}, []],
    [['a/b'], { policy: 'Background' }, ['a/b']],
    [['a/b'], { policy: 'Foreground' }, ['a/b', 'foregroundDeletion']],
    [[], { policy: 'Orphan' }, ['orphan']],
    [['foregroundDeletion'], { policy: 'Background' }, []],
    [['orphan'], { policy: 'Foreground' }, ['foregroundDeletion']],
    [['orphan'], {}, ['orphan']],
    [['foregroundDeletion'], {}, ['foregroundDeletion']],
    [[], { orphanDependents: true }, ['orphan']],
    [['foregroundDeletion'], { orphanDependents: false }, []],
  ]
  for (const [finalizers, propagation, left] of cases) {
    t.same(finalizersOfDeletion({ finalizers }, propagation), left, JSON.stringify([finalizers, propagation]))
  }
})

t.test('stored bytes', async (t) => {
  const codec = storedCodec(widget)
  const metadata = { name: 'a', annotations: { __proto__x: '"metadata":{' } }
  const object = { apiVersion: 'example.com/v1', kind: 'Widget', metadata, spec: { owner: 'ä\n' } }
  const stored = { object, hidden: { v1beta1: { old: 'ü' } } }
  const written = codec.encode(stored)
  const decoded = codec.decode(Buffer.from(written))
  t.same({ object: decoded.object, hidden: decoded.hidden }, stored)
  const form = servedForm(decoded, '42')
  const bytes = Buffer.alloc(form.size + 2)
  form.writeTo(bytes, 1)
  t.same(JSON.parse(bytes.toString('utf8', 1, form.size + 1)), {
    ...object,
    metadata: { ...metadata, resourceVersion: '42' },
  })
  t.same([bytes[0], bytes[form.size + 1]], [0, 0], 'nothing is written beside its room')
  const heard = codec.decode(written)
  t.equal(heard.object, object, 'whom a write rings for sees what was written, without parsing it')
  await setImmediate()
  t.not(heard.object, object, 'for this turn: it is held as bytes')
  t.same({ object: heard.object, hidden: heard.hidden }, stored)
  const older = { apiVersion: 'example.com/v1beta1', kind: 'Widget', metadata: { name: 'a' }, spec: { count: 3 } }
  const converted = codec.decode(codec.encode({ object: older }))
  t.match(converted.object, { apiVersion: 'example.com/v1', spec: { size: 3 } }, 'what another release stored')
})

t.test('metadata that says nothing', async (t) => {
  const object = { apiVersion: 'v1', kind: 'X', metadata: { name: 'a' } }
  t.equal(withCompactMetadata(object), object)
  const said = {
    ...object,
    metadata: { name: 'a', labels: {}, creationTimestamp: null, finalizers: [], generateName: '' },
  }
  t.same(withCompactMetadata(said).metadata, { name: 'a' })
  const reset = { ...object, metadata: { name: 'a', managedFields: [] } }
  t.equal(withCompactMetadata(reset), reset, 'an empty managedFields asks for a reset')
})

t.test('rules run when what they judge changes', async (t) => {
  let isStrict = false
  const rule = {
    name: 'strict',
    check: () => ({
      errors: isStrict
        ? [{ type: 'FieldValueInvalid' as const, field: 'spec', message: 'Invalid value: "x": no' }]
        : [],
      warnings: ['looked at'],
    }),
  }
  const api = await openWidgetApi({ kinds: [namespace, { ...widget, validate: [rule] }] })
  t.teardown(() => api[Symbol.asyncDispose]())
  const headers = { 'content-type': 'application/merge-patch+json' }
  const patch = (body: unknown, path = '') => api.call(`PATCH ${widgets}/a${path}`, { body, headers })
  const created = await api.call(`POST ${widgets}`, { body: aWidget('a', { spec: { size: 1 } }) })
  t.match(created, { code: 201, warnings: ['looked at'] })
  isStrict = true
  t.match(await patch({ metadata: { labels: { a: 'b' } } }), { code: 200, warnings: [] })
  t.match(await patch({ status: { phase: 'Done' } }, '/status'), { code: 200 })
  t.match(await patch({ spec: { size: 2 } }), { code: 422, body: { message: /spec: Invalid value: "x": no$/ } })
})

t.test('rules about a change see the live object, in the version of the request', async (t) => {
  const api = await openWidgetApi()
  t.teardown(() => api[Symbol.asyncDispose]())
  const spec = { color: 'red', size: 1 }
  t.match(await api.call(`POST ${widgets}`, { body: aWidget('painted', { spec }) }), { code: 201 })
  const patch = (version: string, body: object, path = '') =>
    api.call(`PATCH ${widgets.replace('v1', version)}/painted${path}`, {
      body,
      headers: { 'content-type': 'application/merge-patch+json' },
    })
  for (const version of ['v1', 'v1beta1']) {
    const refused = await patch(version, { spec: { color: 'blue' } })
    t.match(refused, { code: 422, body: { message: /spec\.color: Forbidden: the color stays red$/ } }, version)
  }
  t.match(await patch('v1', { spec: { size: 2 } }), { code: 200, warnings: [] })
  t.match(await patch('v1', { status: { phase: 'Dry' } }, '/status'), { code: 200, warnings: [] })
  t.match(await patch('v1', { spec: { color: null } }), { code: 200 }, 'a rule on a field does not see it go')
  t.match(await patch('v1', { spec: { color: 'blue' } }), { code: 200 }, 'nor come')
})

t.test('a rule that cannot work fails the start', async (t) => {
  const schema = { ...widget.versions['v1']?.schema, 'x-kubernetes-validations': [{ rule: 'self.spec.colour == ""' }] }
  const kind = { ...widget, versions: { ...widget.versions, v1: { schema } } }
  await t.rejects(openLocalApi({ kinds: [namespace, kind] }), { message: /1:10: undefined field 'colour'/ })
})
