import assert from 'node:assert/strict'
import { expectFailure, expectObject } from '../../expect.ts'
import { expectInvalid } from '../../expect-invalid.ts'
import type { Scene } from '../../scene.ts'
import type { Statement } from '../../statement.ts'
import { warningsOf } from '../../warnings.ts'

const annotationBytesMax = 262144
const invalid = 'FieldValueInvalid'

/** What metadata may say. */
export const metadata: readonly Statement[] = [
  {
    number: 31,
    sentence: 'Annotations have at most 256 KiB together, keys and values.',
    play: async ({ api, isNative, widgets, widget, create }) => {
      const annotations = (size: number): object => ({
        'example.com/a': 'x'.repeat(1000),
        b: 'x'.repeat(size - 1000 - 'example.com/ab'.length),
      })
      await create('x', { metadata: { annotations: annotations(annotationBytesMax) } })
      const tooLong = widget('y', { metadata: { annotations: annotations(annotationBytesMax + 1) } })
      const message = `Too long: may not be more than ${annotationBytesMax} bytes`
      const causes = [{ field: 'metadata.annotations', reason: 'FieldValueTooLong', message }]
      expectInvalid(await api.post(widgets, tooLong), { name: 'y', causes, isOfCustomResource: !isNative })
    },
  },
  {
    number: 32,
    sentence: 'Labels have qualified names and short plain values.',
    play: async ({ api, widgets, widget, create }) => {
      const refused: readonly (readonly [key: string, value: string, shown: string])[] = [
        ['a', 'not plain', 'not plain'],
        ['a', '-b', '-b'],
        ['a', 'x'.repeat(64), 'x'.repeat(64)],
        ['a b', 'c', 'a b'],
        [`${'k'.repeat(64)}`, 'c', 'k'.repeat(64)],
        ['UPPER.example/a', 'c', 'UPPER.example/a'],
      ]
      for (const [key, value, shown] of refused) {
        const start = `Invalid value: ${JSON.stringify(shown)}: `
        const causes = [{ field: 'metadata.labels', reason: invalid, message: new RegExp(`^${start}`) }]
        const answer = await api.post(widgets, widget('x', { metadata: { labels: { [key]: value } } }))
        expectInvalid(answer, { name: 'x', causes })
      }
      await create('x', { metadata: { labels: { a: '', 'example.com/B_c.d': 'x'.repeat(63) } } })
    },
  },
  {
    number: 33,
    sentence: 'Annotations have qualified names, in whatever case.',
    play: async ({ api, widgets, widget, create }) => {
      for (const key of ['a b', '/a', 'a/', 'a/b/c', 'x'.repeat(64)]) {
        const answer = await api.post(widgets, widget('x', { metadata: { annotations: { [key]: 'any text' } } }))
        const status = expectFailure(answer, { code: 422, reason: 'Invalid' })
        const [cause] = (status['details']?.['causes'] ?? []) as unknown as readonly Record<string, unknown>[]
        assert.deepEqual([cause?.['field'], cause?.['reason']], ['metadata.annotations', invalid], key)
      }
      await create('x', { metadata: { annotations: { 'UPPER.example/A': 'any text, of\nany length' } } })
    },
  },
  {
    number: 34,
    sentence: 'An owner is named whole.',
    play: async ({ api, widgets, widget, create }) => {
      const owner = await ownerOf({ create })
      for (const member of ['uid', 'name', 'kind', 'apiVersion'] as const) {
        const { [member]: _, ...rest } = owner
        const field = `metadata.ownerReferences.${member}`
        const why = member === 'apiVersion' ? 'version must not be empty' : 'must not be empty'
        const causes = [{ field, reason: invalid, message: `Invalid value: "": ${why}` }]
        const answer = await api.post(widgets, widget('x', { metadata: { ownerReferences: [rest] } }))
        expectInvalid(answer, { name: 'x', causes })
      }
      const event = { ...owner, apiVersion: 'v1', kind: 'Event' }
      const answer = await api.post(widgets, widget('x', { metadata: { ownerReferences: [event] } }))
      expectFailure(answer, { code: 422, message: /Kind=Event is disallowed from being an owner/ })
    },
  },
  {
    number: 35,
    sentence: 'An object has one controller at most.',
    play: async ({ api, widgets, widget, create }) => {
      const owner = { ...(await ownerOf({ create })), controller: true }
      const ownerReferences = [owner, { ...owner, name: 'second', uid: `${owner.uid}2` }]
      const answer = await api.post(widgets, widget('x', { metadata: { ownerReferences } }))
      const found = 'Found "true" in references for Widget/owner and Widget/second'
      const message = new RegExp(`Only one reference can have Controller set to true. ${found}$`)
      const causes = [{ field: 'metadata.ownerReferences', reason: invalid, message }]
      expectInvalid(answer, { name: 'x', causes })
    },
  },
  {
    number: 36,
    sentence: 'An owner that is named twice is stored once, with a warning.',
    play: async ({ api, widgets, widget, create }) => {
      const owner = await ownerOf({ create })
      const blocking = { ...owner, blockOwnerDeletion: true }
      const metadata = { ownerReferences: [owner, owner, owner] }
      const answer = await api.post(widgets, widget('x', { metadata }))
      assert.deepEqual(expectObject(answer, 201)['metadata']?.['ownerReferences'], [owner])
      const [warning = '', ...others] = warningsOf(answer)
      assert.ok(warning.startsWith('.metadata.ownerReferences contains duplicate entries'), warning)
      assert.ok(warning.includes(owner.uid), 'it says which one')
      assert.deepEqual(others, [])
      assert.deepEqual(expectObject(await api.get(`${widgets}/x`)), answer.json)
      const different = await api.post(widgets, widget('y', { metadata: { ownerReferences: [owner, blocking] } }))
      assert.deepEqual(expectObject(different, 201)['metadata']?.['ownerReferences'], [owner, blocking])
    },
  },
  {
    number: 37,
    sentence: 'Dependents are orphaned or deleted first, not both.',
    play: async ({ api, widgets, widget, create }) => {
      const finalizers = ['orphan', 'foregroundDeletion']
      const message = /finalizer orphan and foregroundDeletion cannot be both set$/
      const causes = [{ field: 'metadata.finalizers', reason: invalid, message }]
      expectInvalid(await api.post(widgets, widget('x', { metadata: { finalizers } })), { name: 'x', causes })
      const bad = await api.post(widgets, widget('x', { metadata: { finalizers: ['no name'] } }))
      expectFailure(bad, { code: 422, message: /metadata\.finalizers: Invalid value: "no name"/ })
      await create('x', { metadata: { finalizers: ['orphan'] } })
      await api.call('PATCH', `${widgets}/x`, {
        body: { metadata: { finalizers: null } },
        contentType: 'application/merge-patch+json',
      })
    },
  },
]

interface Owner {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
}

/** An owner that is there: dependents of others are collected. */
async function ownerOf({ create }: Pick<Scene, 'create'>): Promise<Owner> {
  const { json } = await create('owner')
  return { apiVersion: 'example.com/v1', kind: 'Widget', name: 'owner', uid: String(json['metadata']?.['uid']) }
}
