import assert from 'node:assert/strict'
import type { WatchedEvent, WatchStream } from '../../../support/watch-stream.ts'
import { expectFailure, expectObject } from '../../expect.ts'
import { versionOf } from '../../resource-version.ts'
import type { Statement } from '../../statement.ts'

const initial = 'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan'
const marked = `${initial}&allowWatchBookmarks=true`
const mark = 'k8s.io/initial-events-end'

export const initialState: readonly Statement[] = [
  {
    number: 125,
    sentence: 'A watch that asks for the state first is told where the state ends, be it empty, and goes on.',
    play: async ({ api, create, watch, widgets }) => {
      const empty = await watch(`${widgets}?${marked}`)
      expectMark(await empty.next())
      const there = [(await create('a')).json, (await create('b')).json]
      assert.deepEqual(await changesOf(empty, 2), addedOf(there))
      const rest = expectObject(await api.get(widgets))
      for (const from of ['', '&resourceVersion=0', `&resourceVersion=${versionOf(rest)}`]) {
        const stream = await watch(`${widgets}?${marked}${from}`)
        const told = await stream.take(there.length + 1)
        assert.deepEqual(told.slice(0, -1).toSorted(byName), addedOf(there))
        expectMark(told.at(-1))
        const { json } = await create(`n${there.length}`)
        assert.deepEqual(await changesOf(stream, 1), addedOf([json]))
        there.push(json)
      }
    },
  },
  {
    number: 126,
    sentence: 'Without bookmarks allowed, the state has no marked end.',
    play: async ({ create, watch, widgets }) => {
      const there = (await create('a')).json
      const stream = await watch(`${widgets}?${initial}`)
      assert.deepEqual(await stream.next(), { type: 'ADDED', object: there })
      const next = (await create('b')).json
      assert.deepEqual(await stream.next(), { type: 'ADDED', object: next })
    },
  },
  {
    number: 127,
    sentence: 'sendInitialEvents without the matching resourceVersionMatch is 422, before a stream begins.',
    play: async ({ api, widgets }) => {
      const needsMatch = 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'
      const cases: readonly (readonly [string, string, string])[] = [
        ['watch=true&sendInitialEvents=true', 'resourceVersionMatch', needsMatch],
        ['watch=true&sendInitialEvents=false', 'resourceVersionMatch', needsMatch],
        [
          'watch=true&resourceVersion=1&resourceVersionMatch=NotOlderThan',
          'resourceVersionMatch',
          'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
        ],
        ['sendInitialEvents=true', 'sendInitialEvents', 'sendInitialEvents is forbidden for list'],
      ]
      for (const [query, field, text] of cases) {
        const message = `ListOptions.meta.k8s.io "" is invalid: ${field}: Forbidden: ${text}`
        const causes = [{ reason: 'FieldValueForbidden', message: `Forbidden: ${text}`, field }]
        const details = { group: 'meta.k8s.io', kind: 'ListOptions', causes }
        expectFailure(await api.get(`${widgets}?${query}`), { code: 422, reason: 'Invalid', message, details })
      }
      const exact = await api.get(`${widgets}?watch=true&sendInitialEvents=true&resourceVersionMatch=Exact`)
      expectFailure(exact, { code: 422, reason: 'Invalid' })
    },
  },
  {
    number: 128,
    sentence: 'The marked end of the state is not older than a write that was done before the watch.',
    play: async ({ create, watch, widgets }) => {
      for (let index = 0; index < 5; index += 1) {
        const written = (await create(`n${index}`)).json
        const stream = await watch(`${widgets}?${marked}`)
        const told = await stream.until(({ type }) => type === 'BOOKMARK')
        const end = expectMark(told.at(-1))
        assert.ok(end >= versionOf(written))
        const added = told.find(({ object }) => String(object['metadata']?.['name']) === `n${index}`)
        assert.deepEqual(added, { type: 'ADDED', object: written })
        stream.close()
      }
    },
  },
]

function addedOf(objects: readonly WatchedEvent['object'][]): readonly WatchedEvent[] {
  return objects.map((object) => ({ type: 'ADDED', object }))
}

/** So many changes. A bookmark may come before any of them, on a slow machine, but none that ends the state again. */
async function changesOf(stream: WatchStream, count: number): Promise<readonly WatchedEvent[]> {
  const changes: WatchedEvent[] = []
  while (changes.length < count) {
    const event = await stream.next()
    if (event.type !== 'BOOKMARK') changes.push(event)
    else assert.equal(event.object['metadata']?.['annotations'], undefined)
  }
  return changes
}

function byName(left: WatchedEvent, right: WatchedEvent): number {
  const [one, other] = [left, right].map(({ object }) => String(object['metadata']?.['name']))
  return (one ?? '') < (other ?? '') ? -1 : 1
}

/** The event is a bookmark with the mark and a version, which comes back. */
function expectMark(event: WatchedEvent | undefined): bigint {
  assert.equal(event?.type, 'BOOKMARK')
  assert.equal(event.object['metadata']?.['annotations']?.[mark], 'true')
  return versionOf(event.object)
}
