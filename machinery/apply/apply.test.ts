import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { fieldAreas } from '../../hack/vector-areas/apply-fields.ts'
import { httpAreas } from '../../hack/vector-areas/apply-http.ts'
import { managerAreas } from '../../hack/vector-areas/apply-manager.ts'
import { typedAreas } from '../../hack/vector-areas/apply-typed.ts'
import { updaterAreas } from '../../hack/vector-areas/apply-updater.ts'
import { vectorResults } from '../../hack/vector-areas/outcome.ts'
import type { JsonObject, KubeObject, ManagedFieldsEntry } from '../object.ts'
import { StatusError } from '../status.ts'
import { createFieldManager, type FieldManager } from './field-manager.ts'
import type { FieldWrite } from './field-write.ts'
import { keepTimes } from './keep-times.ts'
import { objectTypeOf } from './types/object-type.ts'

const vectors = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../test/vectors/ssa-vectors.json'), 'utf8'),
) as JsonObject

for (const area of [...fieldAreas, ...typedAreas, ...updaterAreas, ...managerAreas, ...httpAreas]) {
  t.test(`${area.name} answers as the reference was recorded`, async (t) => {
    const results = vectorResults([area], vectors)
    t.ok(results.length > 0)
    const failed = results.filter(({ result }) => result !== 'passed')
    t.strictSame(failed, [])
  })
}

const text = { type: 'string' } as const
const apiVersion = 'example.com/v1'
const type = objectTypeOf({
  type: 'object',
  properties: {
    apiVersion: text,
    kind: text,
    metadata: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    spec: {
      type: 'object',
      properties: {
        size: { type: 'integer' },
        mode: text,
        settings: { type: 'object', additionalProperties: text },
        ports: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: { type: 'object', properties: { name: text, port: { type: 'integer' } } },
        },
      },
    },
    status: { type: 'object', properties: { phase: text } },
  },
})

const untracked: unknown[] = []
const statusFields = { 'f:status': {} }
const allButStatus = { 'f:metadata': {}, 'f:spec': {} }

function aManager(nowMs = Date.UTC(2024, 0, 1)): FieldManager {
  return createFieldManager({
    kind: 'Widget',
    types: new Map([[apiVersion, type]]),
    resetFields: (subresource) => (subresource === 'status' ? allButStatus : statusFields),
    clock: { now: () => nowMs, monotonic: () => nowMs, sleep: async () => {} },
    onUntracked: (error) => untracked.push(error),
  })
}

function aWrite(manager: string, more: Partial<FieldWrite> = {}): FieldWrite & { force: boolean } {
  return { manager, apiVersion, subresource: '', convert: (object) => object, force: false, ...more }
}

function aWidget(spec: object, more: object = {}): KubeObject {
  return { apiVersion, kind: 'Widget', metadata: { name: 'w', namespace: 'ns', ...more }, spec }
}

function stored(object: KubeObject): KubeObject {
  return { ...object, metadata: { ...object.metadata, uid: 'u' } }
}

function fieldsOf(object: KubeObject, manager: string): JsonObject | undefined {
  return object.metadata.managedFields?.find((entry) => entry.manager === manager)?.fieldsV1
}

function refusal(run: () => unknown): StatusError {
  try {
    run()
  } catch (error) {
    if (error instanceof StatusError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

t.test('an apply that changes nothing gives back the live object itself', async (t) => {
  const manager = aManager()
  const live = stored(manager.apply(undefined, aWidget({ size: 1, ports: [{ name: 'a', port: 1 }] }), aWrite('m')))
  const again = manager.apply(live, aWidget({ size: 1, ports: [{ name: 'a', port: 1 }] }), aWrite('m'))
  t.equal(again, live)
})

t.test('nothing is merged into the objects that were handed in', async (t) => {
  const manager = aManager()
  const live = stored(manager.apply(undefined, aWidget({ settings: { a: '1', b: '2' } }), aWrite('m')))
  const before = structuredClone(live)
  const config = aWidget({ settings: { a: '3' } })
  const next = manager.apply(live, config, aWrite('m'))
  t.strictSame(live, before)
  t.strictSame(config, aWidget({ settings: { a: '3' } }))
  t.strictSame(next.spec, { settings: { a: '3' } })
})

t.test('an apply of another kind or version is refused with 400', async (t) => {
  const manager = aManager()
  const gadget = { ...aWidget({}), kind: 'Gadget' }
  const wrong = refusal(() => manager.apply(undefined, gadget, aWrite('m')))
  t.match(wrong, { code: 400, message: 'invalid object type: example.com/v1, Kind=Gadget' })
  const core = refusal(() => manager.apply(undefined, { ...gadget, apiVersion: 'v1' }, aWrite('m')))
  t.equal(core.message, 'invalid object type: /v1, Kind=Gadget')
})

t.test('an apply with managedFields is refused with 400, even with none in them', async (t) => {
  const refused = refusal(() => aManager().apply(undefined, aWidget({}, { managedFields: [] }), aWrite('m')))
  t.match(refused, { code: 400, reason: 'BadRequest', message: 'metadata.managedFields must be nil' })
})

t.test('undeclared fields are a plain 500 with the text that deployment tools look for', async (t) => {
  const refused = refusal(() => aManager().apply(undefined, aWidget({ sise: 1 }), aWrite('m')))
  t.match(refused, { code: 500, reason: '' })
  t.equal(
    refused.message,
    'failed to create typed patch object (ns/w; example.com/v1, Kind=Widget): .spec.sise: field not declared in schema',
  )
})

t.test('no value of the object gets into an error', async (t) => {
  const refused = refusal(() => aManager().apply(undefined, aWidget({ size: 'canary', mode: ['canary'] }), aWrite('m')))
  t.notMatch(refused.message, /canary/)
})

t.test('a member named __proto__ is owned and merged like any other', async (t) => {
  const manager = aManager()
  const config = aWidget(JSON.parse('{"settings":{"__proto__":"x","constructor":"y"}}') as object)
  const live = stored(manager.apply(undefined, config, aWrite('m')))
  t.equal(JSON.stringify(live.spec), '{"settings":{"__proto__":"x","constructor":"y"}}')
  t.equal(JSON.stringify(fieldsOf(live, 'm')), '{"f:spec":{"f:settings":{"f:__proto__":{},"f:constructor":{}}}}')
  const next = manager.apply(live, aWidget({ settings: { z: '1' } }), aWrite('m'))
  t.strictSame(Object.keys((next.spec as { settings: object }).settings), ['z'])
})

t.test('an update whose object does not fit its type keeps the live managedFields and tells of it', async (t) => {
  const manager = aManager()
  const live = stored(manager.apply(undefined, aWidget({ size: 1 }), aWrite('m')))
  const next = manager.update(live, aWidget({ size: 'many' }), aWrite('u'))
  t.equal(next.metadata.managedFields, live.metadata.managedFields)
  t.equal(untracked.length, 1)
})

t.test('the status endpoint owns status only, the main endpoint all but status', async (t) => {
  const manager = aManager()
  const created = { ...aWidget({ size: 1 }), status: { phase: 'sent' } }
  const live = stored(manager.update(undefined, created, aWrite('u')))
  t.strictSame(fieldsOf(live, 'u'), { 'f:spec': { '.': {}, 'f:size': {} } })
  const next = { ...live, spec: { size: 5 }, status: { phase: 'Ready' } }
  const written = manager.update(live, next, aWrite('c', { subresource: 'status' }))
  t.strictSame(fieldsOf(written, 'c'), { 'f:status': { 'f:phase': {} } })
  t.strictSame(fieldsOf(written, 'u'), { 'f:spec': { '.': {}, 'f:size': {} } })
})

t.test('an object that was stored without managedFields is not tracked until somebody applies to it', async (t) => {
  const manager = aManager()
  const live = stored(aWidget({ size: 1 }))
  const updated = manager.update(live, aWidget({ size: 2 }), aWrite('u'))
  t.equal(updated.metadata.managedFields, undefined)
  const applied = manager.apply(live, aWidget({ mode: 'x' }), aWrite('m'))
  t.strictSame(
    applied.metadata.managedFields?.map(({ manager: name, operation }) => `${name} ${operation}`),
    ['m Apply', 'before-first-apply Update'],
  )
})

t.test('entries that a write leaves alone keep their JSON', async (t) => {
  const manager = aManager()
  const live = stored(manager.apply(undefined, aWidget({ size: 1 }), aWrite('m')))
  const next = manager.update(live, { ...live, spec: { size: 1, mode: 'x' } }, aWrite('u'))
  t.equal(fieldsOf(next, 'm'), fieldsOf(live, 'm'))
})

t.test('times of a client are written in whole seconds of UTC', async (t) => {
  const manager = aManager()
  const live = stored(manager.apply(undefined, aWidget({ size: 1 }), aWrite('m')))
  const entries = (live.metadata.managedFields ?? []).map((entry) => ({
    ...entry,
    time: '2024-01-01T02:00:00.5+01:00',
  }))
  const next = manager.update(live, { ...live, metadata: { ...live.metadata, managedFields: entries } }, aWrite('u'))
  t.equal(next.metadata.managedFields?.[0]?.time, '2024-01-01T01:00:00Z')
})

t.test('keepTimes restores the old times only where nothing else differs', async (t) => {
  const entry: ManagedFieldsEntry = { manager: 'm', operation: 'Apply', apiVersion, time: '2024-01-01T00:00:00Z' }
  const live = aWidget({ size: 1 }, { managedFields: [entry] })
  const later = { ...entry, time: '2024-01-02T00:00:00Z' }
  const same = keepTimes(aWidget({ size: 1 }, { managedFields: [later] }), live)
  t.equal(same.metadata.managedFields, live.metadata.managedFields)
  const changed = aWidget({ size: 2 }, { managedFields: [later] })
  t.equal(keepTimes(changed, live), changed)
  const others = aWidget({ size: 1 }, { managedFields: [later, entry] })
  t.equal(keepTimes(others, live), others)
})
