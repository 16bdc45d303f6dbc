import assert from 'node:assert/strict'
import type { WatchedEvent, WatchStream } from '../../../support/watch-stream.ts'
import { expectObject } from '../../expect.ts'
import { versionOf } from '../../resource-version.ts'
import type { Scene } from '../../scene.ts'
import type { Statement } from '../../statement.ts'
import { watchPath } from './watch-path.ts'

/** Long enough for a write, on a busy machine too, before the bookmark some seconds before the end. */
const shortSeconds = 10
/** Long enough for one bookmark in the ordinary course and one at the end. */
const longSeconds = 75

export const bookmarks: readonly Statement[] = [
  {
    number: 129,
    sentence: 'Who allows bookmarks gets one a minute and one before the end, whatever matches; others get none.',
    play: async (scene) => {
      const short = bookmarksOf(scene, shortSeconds)
      const long = scene.target.isPatient ? bookmarksOf(scene, longSeconds) : undefined
      expectProgress(await short, 1)
      if (long !== undefined) expectProgress(await long, 2)
    },
  },
  {
    number: 130,
    sentence: 'A bookmark is an empty object of what is watched, with a version and nothing else.',
    play: async ({ api, watch, widgets }) => {
      const list = expectObject(await api.get(widgets))
      const query = '&allowWatchBookmarks=true&timeoutSeconds=4'
      const partial = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io'
      const older = widgets.replace('/v1/', '/v1beta1/')
      const cases: readonly (readonly [string, string, string, string])[] = [
        [widgets, 'application/json', 'Widget', 'example.com/v1'],
        [older, 'application/json', 'Widget', 'example.com/v1beta1'],
        [widgets, partial, 'PartialObjectMetadata', 'meta.k8s.io/v1'],
      ]
      const streams = cases.map(([path, accept]) => watch(watchPath(path, list, query), { accept }))
      for (const [index, [, , kind, apiVersion]] of cases.entries()) {
        const { type, object } = (await (await streams[index])?.next()) ?? { type: 'none', object: list }
        assert.equal(type, 'BOOKMARK')
        const { resourceVersion, creationTimestamp: _, ...rest } = object['metadata'] ?? {}
        assert.deepEqual({ ...object, metadata: rest }, { kind, apiVersion, metadata: {} })
        assert.ok(BigInt(String(resourceVersion)) >= versionOf(list))
      }
    },
  },
  {
    number: 131,
    sentence: 'A watch ends in order when the seconds that it asked for are over.',
    play: async ({ api, create, watch, widgets }) => {
      const created = (await create('a')).json
      const list = expectObject(await api.get(widgets))
      const quiet = await watch(watchPath(widgets, list, '&timeoutSeconds=1'))
      const told = await watch(`${widgets}?watch=true&timeoutSeconds=2`)
      assert.deepEqual(await quiet.rest(), [])
      assert.deepEqual(await told.rest(), [{ type: 'ADDED', object: created }])
    },
  },
]

interface Told {
  readonly allowed: readonly WatchedEvent[]
  readonly others: readonly WatchedEvent[]
  /** Of a write that matched nothing, before the last bookmark was due. */
  readonly written: bigint
}

/** Two watches that match nothing, side by side, to their ends. */
async function bookmarksOf({ api, create, namespace, watch, widgets }: Scene, seconds: number): Promise<Told> {
  const list = expectObject(await api.get(widgets))
  const query = `&labelSelector=none%3D${namespace}&timeoutSeconds=${seconds}`
  const allowed = await watch(watchPath(widgets, list, `${query}&allowWatchBookmarks=true`))
  const others = await watch(watchPath(widgets, list, query))
  const written = versionOf((await create(`n${seconds}`)).json)
  const rest = (stream: WatchStream): Promise<readonly WatchedEvent[]> => stream.rest((seconds + 10) * 1000)
  const [first, second] = await Promise.all([rest(allowed), rest(others)])
  return { allowed: first, others: second, written }
}

function expectProgress({ allowed, others, written }: Told, countMin: number): void {
  assert.deepEqual(others, [])
  assert.ok(allowed.length >= countMin, `${allowed.length} bookmarks`)
  assert.ok(allowed.every(({ type }) => type === 'BOOKMARK'))
  assert.ok(allowed.every(({ object }) => object['metadata']?.['annotations'] === undefined))
  const versions = allowed.map(({ object }) => versionOf(object))
  assert.ok(versions.every((version, index) => index === 0 || version >= (versions[index - 1] ?? 0n)))
  assert.ok((versions.at(-1) ?? 0n) >= written, 'the bookmark is past what matched nothing')
}
