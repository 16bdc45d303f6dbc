import assert from 'node:assert/strict'
import { listOf } from '../../../support/api-client.ts'
import type { WatchedEvent } from '../../../support/watch-stream.ts'
import { expectFailure, expectObject } from '../../expect.ts'
import { mergePatch } from '../../merge-patch.ts'
import { versionOf } from '../../resource-version.ts'
import type { Scene } from '../../scene.ts'
import type { Statement } from '../../statement.ts'
import { watchPath } from './watch-path.ts'

const tables = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' }
const partials = { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json' }

export const forms: readonly Statement[] = [
  {
    number: 143,
    sentence: 'A watch comes as JSON alone: other forms are 406, told in a form that was accepted.',
    play: async ({ api, isNative, widgets }) => {
      const get = (accept: string) => api.call('GET', `${widgets}?watch=true`, { headers: { accept } })
      const offered = 'only the following media types are accepted: application/json;stream=watch'
      const message = isNative ? offered : /^only the following media types are accepted: /
      const failure = { code: 406, reason: 'NotAcceptable', message }
      expectFailure(await get('application/xml'), failure)
      expectFailure(await get('application/json;as=Other;v=v1;g=meta.k8s.io'), failure)
      const yaml = await get('application/yaml')
      assert.equal(yaml.status, 406)
      assert.equal(yaml.headers['content-type'], 'application/yaml')
      assert.match(yaml.text, /^code: 406$/m)
      assert.ok(yaml.text.includes(isNative ? offered : 'only the following media types are accepted'))
      // A kube-apiserver serves events of a list to whoever asks for them.
      if (!isNative) return
      const list = await get('application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io')
      expectFailure(list, { code: 406, reason: 'NotAcceptable' })
    },
  },
  {
    number: 144,
    sentence: 'Watches come as tables, with columns once, and as metadata; their errors stay as they are.',
    play: async (scene) => {
      await asTables(scene)
      await asPartials(scene)
      await withErrors(scene)
    },
  },
]

/** A state that the server never comes to is waited for, and then given up. */
async function withErrors({ api, widgets }: Scene): Promise<void> {
  const initial = 'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan'
  const future = versionOf(expectObject(await api.get(widgets))) + 1_000_000n
  const path = `${widgets}?${initial}&resourceVersion=${future}`
  for (const answer of await Promise.all([tables, partials].map((headers) => api.call('GET', path, { headers })))) {
    const { type, object } = expectObject(answer) as unknown as WatchedEvent
    assert.deepEqual([type, object['kind'], object['code'], object['reason']], ['ERROR', 'Status', 504, 'Timeout'])
  }
}

async function asTables({ api, create, watch, widgets }: Scene): Promise<void> {
  const list = expectObject(await api.get(widgets))
  const stream = await watch(watchPath(widgets, list), tables)
  const created = (await create('a', { spec: { size: 3 } })).json
  const changed = expectObject(await mergePatch(api, `${widgets}/a`, { spec: { size: 4 } }))
  const [first, second] = await stream.take(2)
  for (const [event, state] of [
    [first, created],
    [second, changed],
  ] as const) {
    assert.equal(event?.object['kind'], 'Table')
    assert.equal(event.object['apiVersion'], 'meta.k8s.io/v1')
    const [row, ...others] = listOf(event.object['rows'])
    assert.deepEqual(others, [])
    assert.equal(listOf(row?.['cells'])[0], 'a')
    const object = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: state['metadata'] }
    assert.deepEqual(row?.['object'], object)
  }
  const columns = listOf(first?.object['columnDefinitions'])
  assert.deepEqual(
    { ...columns[0], description: '' },
    { name: 'Name', type: 'string', format: 'name', description: '', priority: 0 },
  )
  assert.deepEqual(listOf(second?.object['columnDefinitions']), [], 'columns come once')
  const size = columns.findIndex((column) => String(column['name']) === 'Size')
  assert.deepEqual(
    [first, second].map((event) => listOf(listOf(event?.object['rows'])[0]?.['cells'])[size]),
    [3, 4],
  )
  const whole = await watch(watchPath(widgets, list, '&includeObject=Object'), tables)
  assert.deepEqual(listOf((await whole.next()).object['rows'])[0]?.['object'], created)
  const none = await watch(watchPath(widgets, list, '&includeObject=None'), tables)
  assert.equal(listOf((await none.next()).object['rows'])[0]?.['object'], null)
}

async function asPartials({ api, create, watch, widgets }: Scene): Promise<void> {
  const list = expectObject(await api.get(widgets))
  const query = '&allowWatchBookmarks=true&timeoutSeconds=4'
  const marked = await watch(watchPath(widgets, list, query), tables)
  const stream = await watch(watchPath(widgets, list), partials)
  const { metadata } = (await create('p', { spec: { size: 3 } })).json
  const object = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata }
  assert.deepEqual(await stream.next(), { type: 'ADDED', object })
  const bookmark = (await marked.until(({ type }) => type === 'BOOKMARK')).at(-1)
  assert.equal(bookmark?.object['kind'], 'Table')
  assert.ok(versionOf(listOf(bookmark.object['rows'])[0]?.['object']) >= versionOf(list))
}
