import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { systemClock } from '../../base/clock.ts'
import { Metrics } from '../../base/metrics.ts'
import { type Body, textAt } from '../../test/support/local-api.ts'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { boundsOf, seriesOf, totalOf } from '../../test/support/metric-series.ts'
import { aWidget, openWidgetApi, type WidgetParts, widgets } from '../../test/support/widgets.ts'
import type { Conversion } from '../../machinery/media-type.ts'
import type { Revision } from '../../storage/storage.ts'
import { Pulse } from '../registry/reads/pulse.ts'
import { type WatchFrames, watchFrames } from './answer/watch-frames.ts'

const metrics = new Metrics()
const api = await openWidgetApi({ historyCountMax: 50, metrics })
t.teardown(() => api[Symbol.asyncDispose]())

const created = async (name: string, parts: WidgetParts = {}): Promise<Body> =>
  (await api.call(`POST ${widgets}`, { body: aWidget(name, parts) })).body
const patched = async (name: string, body: unknown): Promise<Body> =>
  (await api.call(`PATCH ${widgets}/${name}`, { body, headers: { 'content-type': 'application/merge-patch+json' } }))
    .body
const removed = (name: string): Promise<unknown> => api.call(`DELETE ${widgets}/${name}`)
const listVersion = async (): Promise<string> =>
  textAt((await api.call(`GET ${widgets}`)).body, 'metadata.resourceVersion')
const short = (event: Body): string => `${textAt(event, 'type')} ${textAt(event, 'object.metadata.name')}`.trim()
const versionOf = (event: Body | undefined): number => Number(textAt(event, 'object.metadata.resourceVersion'))

const linesIn = (piece: Uint8Array): number => String(Buffer.from(piece)).split('\n').length - 1

/** The first `count` events of a watch, while `act` changes things. */
async function eventsOf(
  query: string,
  count: number,
  act: () => Promise<unknown> = async () => undefined,
): Promise<Body[]> {
  const stopped = new AbortController()
  const events: Body[] = []
  const reading = (async () => {
    for await (const event of api.watch(`${widgets}?watch=true${query}`, { signal: stopped.signal })) {
      if (events.push(event) === count) break
    }
  })()
  await act()
  await reading
  stopped.abort()
  return events
}

t.test('a watch from a version gives every change in order', async (t) => {
  const version = await listVersion()
  const events = await eventsOf(`&resourceVersion=${version}`, 3, async () => {
    await created('one')
    await patched('one', { spec: { size: 1 } })
    await removed('one')
  })
  t.same(events.map(short), ['ADDED one', 'MODIFIED one', 'DELETED one'])
  t.ok(versionOf(events[2]) > versionOf(events[1]), 'a deletion has a version of its own')
  t.match(events[2], { object: { spec: { size: 1 } } })
})

t.test('a watch from the state', async (t) => {
  await created('state-1')
  await created('state-2')
  t.same((await eventsOf('', 2)).map(short), ['ADDED state-1', 'ADDED state-2'])
  t.same((await eventsOf('&resourceVersion=0&fieldSelector=metadata.name%3Dstate-2', 1)).map(short), ['ADDED state-2'])
  const initial = '&sendInitialEvents=true&resourceVersionMatch=NotOlderThan'
  const marked = await eventsOf(`${initial}&allowWatchBookmarks=true`, 4, () =>
    patched('state-1', { spec: { size: 2 } }),
  )
  t.same(marked.map(short).sort(), ['ADDED state-1', 'ADDED state-2', 'BOOKMARK', 'MODIFIED state-1'].sort())
  const bookmark = marked.find((event) => textAt(event, 'type') === 'BOOKMARK')
  t.match(bookmark, {
    object: {
      kind: 'Widget',
      apiVersion: 'example.com/v1',
      metadata: { resourceVersion: /^[1-9]\d*$/, annotations: { 'k8s.io/initial-events-end': 'true' } },
    },
  })
  const unmarked = await eventsOf(initial, 3, () => patched('state-1', { spec: { size: 3 } }))
  t.notOk(unmarked.map(short).includes('BOOKMARK'))
  const empty = `${initial}&allowWatchBookmarks=true&fieldSelector=metadata.name%3Dnone`
  t.same((await eventsOf(empty, 1)).map(short), ['BOOKMARK'])
  await removed('state-1')
  await removed('state-2')
})

t.test('objects enter and leave a selection', async (t) => {
  const version = await listVersion()
  const events = await eventsOf(`&resourceVersion=${version}&labelSelector=on`, 4, async () => {
    await created('selected')
    await patched('selected', { metadata: { labels: { on: 'y' } }, spec: { size: 1 } })
    await patched('selected', { metadata: { labels: { on: null } }, spec: { size: 2 } })
    await patched('selected', { metadata: { labels: { on: 'z' } } })
    await removed('selected')
  })
  t.same(events.map(short), ['ADDED selected', 'DELETED selected', 'ADDED selected', 'DELETED selected'])
  t.match(events[1], { object: { spec: { size: 1 }, metadata: { labels: { on: 'y' } } } }, 'as it was')
  t.ok(versionOf(events[1]) > versionOf(events[0]), 'at the version of the change')
})

t.test('other forms', async (t) => {
  const version = await listVersion()
  await created('formed')
  await patched('formed', { spec: { size: 5 } })
  const stopped = new AbortController()
  const read = async (accept: string): Promise<Body[]> => {
    const events: Body[] = []
    const call = { headers: { accept }, signal: stopped.signal }
    for await (const event of api.watch(`${widgets}?watch=true&resourceVersion=${version}`, call)) {
      if (events.push(event) === 2) break
    }
    return events
  }
  const tables = await read('application/json;as=Table;v=v1;g=meta.k8s.io,application/json')
  t.match(tables[0], {
    type: 'ADDED',
    object: { kind: 'Table', columnDefinitions: [{ name: 'Name' }], rows: [{ cells: ['formed'] }] },
  })
  t.match(tables[1], { type: 'MODIFIED', object: { columnDefinitions: null, rows: [{ cells: ['formed', 5] }] } })
  const partial = await read('application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io')
  t.match(partial[1], {
    object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: { name: 'formed' } },
  })
  t.equal(partial[1]?.['object']?.['spec'], undefined)
  stopped.abort()
  const yaml = await api.call(`GET ${widgets}?watch=true`, { headers: { accept: 'application/yaml' } })
  t.equal(yaml.code, 406)
})

t.test('the end of a stream', async (t) => {
  const timed = await eventsOf(`&timeoutSeconds=1&allowWatchBookmarks=true&resourceVersion=${await listVersion()}`, 10)
  t.same(timed, [], 'a second is too short for a bookmark')
  const future = await eventsOf('&resourceVersion=999999&timeoutSeconds=1', 10, () => created('unseen'))
  t.same(future, [], 'a version that has not come is waited for')
  for (let size = 0; size < 60; size += 1) await patched('formed', { spec: { size } })
  const [event, ...rest] = await eventsOf('&resourceVersion=1', 10)
  t.match(event, { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } })
  t.same(rest, [])
  await using hasty = await openWidgetApi({ freshnessWaitMs: 50 })
  const quiet: Body[] = []
  const initial = `${widgets}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`
  const { signal } = new AbortController()
  for await (const event of hasty.watch(`${initial}&resourceVersion=999999`, { signal })) quiet.push(event)
  t.match(quiet, [{ type: 'ERROR', object: { code: 504 } }])
})

t.test('a stream ends though its timers ring early', async (t) => {
  const clock = { ...systemClock, sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms - 1, signal) }
  await using early = await openWidgetApi({ clock })
  await early.call(`POST ${widgets}`, { body: aWidget('here') })
  const events: Body[] = []
  const { signal } = new AbortController()
  const path = `${widgets}?watch=true&timeoutSeconds=1&resourceVersion=1`
  for await (const event of early.watch(path, { signal })) events.push(event)
  t.same(events.map(short), ['ADDED here'])
})

t.test('dry runs and writes that change nothing are not seen', async (t) => {
  const version = await listVersion()
  const events = await eventsOf(`&resourceVersion=${version}`, 1, async () => {
    await api.call(`POST ${widgets}?dryRun=All`, { body: aWidget('dry') })
    await patched('formed', {})
    await api.call(`DELETE ${widgets}/formed?dryRun=All`)
    await removed('formed')
  })
  t.same(events.map(short), ['DELETED formed'])
})

t.test(
  'streams that show the same events in the same way give the same bytes, in pieces of a bounded size',
  async (t) => {
    const clock = new ManualClock()
    await using api = await openWidgetApi({ clock })
    const registry = api.registries.find('example.com', 'widgets')
    if (registry === undefined) throw new Error('widgets are served')
    const version = textAt((await api.call(`GET ${widgets}`)).body, 'metadata.resourceVersion')
    const spec = { settings: { text: 'x'.repeat(100_000) } }
    for (const name of ['a', 'b', 'c', 'd', 'e']) await api.call(`POST ${widgets}`, { body: aWidget(name, { spec }) })
    const selection = registry.select({ namespace: 'default' })
    const start = { kind: 'after', revision: Number(version) as Revision } as const
    const framesOf = (as?: Conversion): WatchFrames => {
      const representation = { mediaType: 'application/json', ...(as && { as }) } as const
      const output = { representation, include: 'Metadata', isPlain: as === undefined, isCompact: true } as const
      return watchFrames({ registry, version: 'v1', output }, selection.text)
    }
    const stopped = new AbortController()
    for await (const batch of registry.watch({ selection, start }, stopped.signal)) {
      const piecesOf = (as?: Conversion): Uint8Array[][] =>
        [framesOf(as), framesOf(as)].map((each) => [...each.pieces(batch)])
      const [plain = [], samePlain = []] = piecesOf()
      t.same(plain.map(linesIn), [3, 2], 'a piece ends with the event that fills it')
      plain.forEach((piece, index) => t.equal(piece, samePlain[index]))
      const [partial = [], samePartial = []] = piecesOf({ kind: 'PartialObjectMetadata', version: 'v1' })
      t.same(partial.map(linesIn), [5])
      t.equal(partial[0], samePartial[0])
      const [table = [], sameTable = []] = piecesOf({ kind: 'Table', version: 'v1' })
      t.same(table.map(linesIn), [1, 4], 'the first event has the columns and is its own')
      t.not(table[0], sameTable[0])
      t.equal(table[1], sameTable[1])
      await clock.advance(1000)
      const [later = []] = piecesOf({ kind: 'Table', version: 'v1' })
      t.not(later[1], table[1], 'ages are of another second')
      break
    }
    stopped.abort()
  },
)

t.test('what watches are sent is counted, by resource and by size', async (t) => {
  const version = await listVersion()
  await created('counted')
  const [name, sizes] = ['apiserver_watch_events_total', 'apiserver_watch_events_sizes']
  const total = (): number => totalOf(metrics.render(), name)
  const bytes = (): number => totalOf(metrics.render(), `${sizes}_sum`)
  const read = async (query: string, accept: string, count: number): Promise<void> => {
    const [before, bytesBefore] = [total(), bytes()]
    const stopped = new AbortController()
    let size = 0
    let seen = 0
    const call = { headers: { accept }, signal: stopped.signal }
    for await (const event of api.watch(`${widgets}?watch=true${query}`, call)) {
      size += Buffer.byteLength(JSON.stringify(event)) + 1
      if (++seen === count) break
    }
    stopped.abort()
    t.equal(total() - before, count, query)
    t.equal(bytes() - bytesBefore, size, query)
  }
  const initial = '&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'
  const table = 'application/json;as=Table;v=v1;g=meta.k8s.io'
  for (const accept of ['application/json', table]) {
    await read(`&resourceVersion=${version}`, accept, 1)
    await read('&fieldSelector=metadata.name%3Dcounted', accept, 1)
    await read(`${initial}&fieldSelector=metadata.name%3Dcounted`, accept, 2)
  }
  await read('&resourceVersion=1', 'application/json', 1)
  const labels = { group: 'example.com', version: 'v1', resource: 'widgets' }
  t.same(
    seriesOf(metrics.render(), name).map((series) => series.labels),
    [labels],
  )
  t.same(seriesOf(metrics.render(), sizes), [{ labels, value: total() }])
  const bounds = ['1024', '2048', '4096', '8192', '16384', '32768', '65536', '131072', '+Inf']
  t.same(boundsOf(metrics.render(), sizes), bounds)
  await removed('counted')
})

t.test('how long the state takes that a watch begins with is counted behind its bookmark', async (t) => {
  const metrics = new Metrics()
  await using api = await openWidgetApi({ metrics })
  const name = 'apiserver_watch_list_duration_seconds'
  const initial = 'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'
  const stopped = new AbortController()
  const paths = [widgets, '/apis/example.com/v1/widgets']
  const streams = paths.map((path) => api.watch(`${path}?${initial}`, { signal: stopped.signal }))
  for (const stream of streams) t.match(await stream.next(), { value: { type: 'BOOKMARK' } })
  const rest = streams.map((stream) => stream.next())
  const of = { group: 'example.com', version: 'v1', resource: 'widgets' }
  t.same(seriesOf(metrics.render(), name), [
    { labels: { ...of, scope: 'namespace' }, value: 1 },
    { labels: { ...of, scope: 'cluster' }, value: 1 },
  ])
  t.equal(boundsOf(metrics.render(), name).length, 18)
  stopped.abort()
  await Promise.all(rest)
})

t.test('streams that were told something wait for the next beat together', async (t) => {
  const clock = new ManualClock()
  const pulse = new Pulse(clock, 50)
  const beats: string[] = []
  const first = pulse.beat().then(() => beats.push('first'))
  await clock.advance(40)
  const second = pulse.beat().then(() => beats.push('second'))
  t.same(beats, [])
  await clock.advance(10)
  await Promise.all([first, second])
  t.same(beats, ['first', 'second'])
  const third = pulse.beat().then(() => beats.push('third'))
  await clock.advance(49)
  t.equal(beats.length, 2)
  await clock.advance(1)
  await third
})

t.test('a beat that keeps the thread is followed by a pause of twice its length, within bounds', async (t) => {
  const pauses: number[] = []
  let nowMs = 0
  const pause = async (durationMs: number): Promise<void> => void pauses.push(durationMs)
  const pulse = new Pulse({ now: () => nowMs, monotonic: () => nowMs, sleep: pause }, 50)
  for (const beatMs of [100, 900, 1, 0]) {
    await pulse.beat().then(() => {
      nowMs += beatMs
    })
    await nextTurn()
  }
  t.same(pauses, [50, 200, 500, 50])
})
