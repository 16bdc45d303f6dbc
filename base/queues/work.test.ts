import t from 'tap'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { seriesOf } from '../../test/support/metric-series.ts'
import { Metrics } from '../metrics.ts'
import { Alarms } from './alarms.ts'
import { Backoff } from './backoff.ts'
import { queueMetrics } from './queue-metrics.ts'
import { WorkLoop, type WorkNext } from './work-loop.ts'
import { type Work, WorkQueue } from './work-queue.ts'

const work = (key: string, more: Partial<Work> = {}): Work => ({
  key,
  lane: 0,
  shard: 's',
  group: 'g',
  sinceMs: 0,
  ...more,
})
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

t.test('a key waits once and is worked on once at a time', async (t) => {
  const end = new AbortController()
  const queue = new WorkQueue({ lanes: 1, workers: 8, shardWorkersMax: 8 })
  const seen: number[] = []
  const release: (() => void)[] = []
  const running = queue.run(async ({ sinceMs }) => {
    seen.push(sinceMs)
    await new Promise<void>((resolve) => release.push(resolve))
  }, end.signal)
  queue.add(work('a', { sinceMs: 1 }))
  queue.add(work('a', { sinceMs: 3 }))
  queue.add(work('a', { sinceMs: 2 }))
  await turn()
  t.same(seen, [3], 'with the latest moment that was asked for')
  queue.add(work('a', { sinceMs: 4 }))
  await turn()
  t.same(seen, [3], 'not while it is worked on')
  release.shift()?.()
  await turn()
  t.same(seen, [3, 4])
  end.abort()
  release.shift()?.()
  await running
})

t.test('what is done at once may ask for more, and the queue ends behind what it began', async (t) => {
  const end = new AbortController()
  const queue = new WorkQueue({ lanes: 1, workers: 1, shardWorkersMax: 1 })
  const seen: string[] = []
  let release = (): void => undefined
  const running = queue.run(({ key, sinceMs }) => {
    seen.push(`${key}${sinceMs}`)
    if (key === 'quick' && sinceMs === 0) queue.add(work(key, { sinceMs: 1 }))
    if (key !== 'slow') return
    end.abort()
    return new Promise<void>((resolve) => (release = resolve)).then(() => void seen.push('slow ended'))
  }, end.signal)
  queue.add(work('quick'))
  queue.add(work('slow'))
  const ending = running.then(() => seen.push('queue ended'))
  await turn()
  t.same(seen, ['quick0', 'slow0'], 'nothing is begun behind the end')
  release()
  await ending
  t.same(seen.slice(2), ['slow ended', 'queue ended'])
})

t.test('better lanes go first, groups take turns, and one shard cannot hold all workers', async (t) => {
  const queue = new WorkQueue({ lanes: 2, workers: 1, shardWorkersMax: 1 })
  for (const key of ['a1', 'a2', 'a3']) queue.add(work(key, { group: 'a', lane: 1 }))
  queue.add(work('b1', { group: 'b', lane: 1 }))
  queue.add(work('first', { group: 'b' }))
  queue.add(work('a3', { group: 'a' }))
  t.same(await drained(queue, 5), ['first', 'a3', 'a1', 'b1', 'a2'])

  const slow = new WorkQueue({ lanes: 1, workers: 2, shardWorkersMax: 1 })
  const end = new AbortController()
  const began: string[] = []
  let release = (): void => undefined
  const running = slow.run(async ({ key, shard }) => {
    began.push(key)
    if (shard === 'stuck') await new Promise<void>((resolve) => (release = resolve))
  }, end.signal)
  for (const key of ['x', 'y']) slow.add(work(key, { shard: 'stuck' }))
  slow.add(work('z', { shard: 'well' }))
  await turn()
  t.same(began, ['x', 'z'])
  end.abort()
  release()
  await running
})

t.test('pauses double up to their maximum and begin anew after a success', async (t) => {
  const backoff = new Backoff({ firstMs: 1000, maxMs: 5000 })
  t.same(
    [1, 2, 3, 4].map(() => backoff.failed('a')),
    [1000, 2000, 4000, 5000],
  )
  backoff.succeeded('a')
  t.equal(backoff.failed('a'), 1000)
})

t.test('alarms ring in order, once, and can be moved or cancelled', async (t) => {
  const clock = new ManualClock(0)
  const alarms = new Alarms(clock)
  const end = new AbortController()
  const rung: string[] = []
  const running = alarms.run((key) => rung.push(`${key}@${clock.now()}`), end.signal)
  for (const [key, atMs] of [
    ['c', 300],
    ['a', 100],
    ['b', 200],
    ['d', 150],
    ['e', 50],
  ] as const)
    alarms.set(key, atMs)
  alarms.set('a', 250)
  alarms.cancel('d')
  await clock.advance(1000)
  t.same(rung, ['e@50', 'b@200', 'a@250', 'c@300'])
  alarms.set('far', 10_000_000)
  alarms.set('near', 1100)
  await clock.advance(100)
  t.equal(rung.at(-1), 'near@1100')
  end.abort()
  await running
})

t.test('a loop retries with growing pauses and shares nothing with the attempt before', async (t) => {
  const clock = new ManualClock(0)
  const end = new AbortController()
  const metrics = new Metrics()
  const passes: { atMs: number; sinceMs: number }[] = []
  const answers: WorkNext[] = [
    { next: 'retry' },
    { next: 'retry' },
    { next: 'later', atMs: 60_000 },
    { next: 'nothing' },
  ]
  const loop = new WorkLoop({
    clock,
    lanes: 2,
    workers: 1,
    shardWorkersMax: 1,
    dueLane: 1,
    retryLane: 1,
    retryFirstMs: 1000,
    retryMaxMs: 60_000,
    sharedAgeMaxMs: 10_000,
    report: queueMetrics(metrics)('a-queue'),
    work: async ({ sinceMs }) => {
      passes.push({ atMs: clock.now(), sinceMs })
      return answers.shift() ?? { next: 'nothing' }
    },
    failed: (_, error) => t.fail(String(error)),
  })
  const running = loop.run(end.signal)
  loop.add({ key: 'a', lane: 0, shard: 's', group: 'g' })
  loop.add({ key: 'a', lane: 0, shard: 's', group: 'g' })
  const counted = (name: string): unknown => seriesOf(metrics.render(), `workqueue_${name}`)
  const [labels, passCount] = [{ name: 'a-queue' }, 4]
  t.same(counted('depth'), [{ labels, value: 1 }])
  await clock.advance(120_000)
  t.same(passes, [
    { atMs: 0, sinceMs: 0 },
    { atMs: 1000, sinceMs: 500 },
    { atMs: 3000, sinceMs: 2000 },
    { atMs: 60_000, sinceMs: 50_000 },
  ])
  t.same(counted('depth'), [{ labels, value: 0 }])
  for (const name of ['adds_total', 'queue_duration_seconds', 'work_duration_seconds'])
    t.same(counted(name), [{ labels, value: passCount }], name)
  t.same(counted('retries_total'), [{ labels, value: 2 }])
  end.abort()
  await running
})

/** The order in which one worker gets the keys. */
async function drained(queue: WorkQueue, count: number): Promise<string[]> {
  const end = new AbortController()
  const keys: string[] = []
  await queue.run(async ({ key }) => {
    keys.push(key)
    if (keys.length === count) end.abort()
  }, end.signal)
  return keys
}
