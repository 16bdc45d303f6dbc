import t from 'tap'
import type { ExternalSecret, ExternalSecretSpec } from '../../kinds/external-secret/v1.ts'
import type { SecretStore } from '../../kinds/secret-store/v1.ts'
import { ProviderError } from '../../providers/errors.ts'
import { Gate } from '../../base/waiting/gate.ts'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { Batch } from './batch.ts'
import { Breaker } from './breaker.ts'
import { Budget } from './budget.ts'
import { momentAfter, phaseOf } from './phase.ts'
import { retryingOf } from './retrying.ts'
import { ValueCache } from './value-cache.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

t.test('an answer serves whoever needs none that is younger', async (t) => {
  const clock = new ManualClock(0)
  const cache = new ValueCache<{ sizeBytes: number; text: string }>({ bytesMax: 1000, ageMaxMs: 10_000 }, clock)
  let reads = 0
  const read = async (): Promise<{ sizeBytes: number; text: string }> => {
    await clock.sleep(100)
    reads += 1
    return { sizeBytes: 10, text: `answer ${reads}` }
  }
  const first = cache.get('k', 0, read)
  await clock.advance(50)
  const early = cache.get('k', 0, read)
  const late = cache.get('k', 50, read)
  await clock.advance(200)
  t.same(await Promise.all([first, early]), [
    { sizeBytes: 10, text: 'answer 1' },
    { sizeBytes: 10, text: 'answer 1' },
  ])
  t.match(await late, { text: 'answer 2' }, 'what was on its way before the change is not for those who know of it')
  t.match(cache.get('k', 50, read), { text: 'answer 2' }, 'known at once')
  await clock.advance(20_000)
  cache.sweep()
  t.type(cache.get('k', 0, read), Promise, 'nothing is held longer than a round')
})

t.test('an older answer that comes late replaces no younger one, and bytes are bounded', async (t) => {
  const clock = new ManualClock(0)
  const cache = new ValueCache<{ sizeBytes: number; name: string }>({ bytesMax: 1000, ageMaxMs: 10_000 }, clock)
  const after =
    (durationMs: number, name: string, sizeBytes = 10) =>
    async () => {
      await clock.sleep(durationMs)
      return { name, sizeBytes }
    }
  void cache.get('k', 0, after(500, 'old'))
  await clock.advance(10)
  void cache.get('k', 5, after(10, 'young'))
  await clock.advance(1000)
  t.match(cache.get('k', 5, after(0, 'none')), { name: 'young' })
  for (const key of ['a', 'b', 'c']) void cache.get(key, 0, after(0, key, 400))
  await clock.advance(10)
  t.type(cache.get('a', 0, after(0, 'a')), Promise, 'the one used longest ago had to go')
})

t.test('a budget bounds calls at once and calls a second, in order', async (t) => {
  const clock = new ManualClock(0)
  const { signal } = new AbortController()
  const budget = new Budget({ concurrency: 2, callsPerSecond: 0, pauseMaxMs: 60_000 }, clock)
  let running = 0
  let most = 0
  const order: number[] = []
  const call = (index: number) => async () => {
    running += 1
    most = Math.max(most, running)
    order.push(index)
    await clock.sleep(100)
    running -= 1
  }
  const calls = [0, 1, 2, 3, 4].map((index) => budget.run(call(index), signal))
  await clock.advance(1000)
  await Promise.all(calls)
  t.equal(most, 2)
  t.same(order, [0, 1, 2, 3, 4])

  const slow = new Budget({ concurrency: 10, callsPerSecond: 10, pauseMaxMs: 60_000 }, clock)
  const times: number[] = []
  const begin = clock.now()
  const paced = [0, 1, 2].map(() => slow.run(async () => void times.push(clock.now() - begin), signal))
  await clock.advance(1000)
  await Promise.all(paced)
  t.same(times, [0, 100, 200])
  slow.pause(5000)
  const paused = slow.run(async () => void times.push(clock.now() - begin), signal)
  await clock.advance(6000)
  await paused
  t.equal(times.at(-1), 6000, 'a throttled store rests')
})

t.test('a provider that asks for a pause of years gets the longest one there is', async (t) => {
  const clock = new ManualClock(0)
  const budget = new Budget({ concurrency: 1, callsPerSecond: 0, pauseMaxMs: 60_000 }, clock)
  budget.pause(1e12)
  const call = budget.run(async () => clock.monotonic(), new AbortController().signal)
  await clock.advance(60_000)
  t.equal(await call, 60_000)
})

t.test('a call that fails gives its place back', async (t) => {
  const budget = new Budget({ concurrency: 1, callsPerSecond: 0, pauseMaxMs: 60_000 }, new ManualClock())
  const { signal } = new AbortController()
  await t.rejects(budget.run(() => Promise.reject(new Error('x')), signal))
  t.equal(await budget.run(async () => 'next', signal), 'next')
})

t.test('nobody who waits for a turn or a verdict keeps the syncer from ending', async (t) => {
  const end = new AbortController()
  const stopping = new Error('stopping')
  const budget = new Budget({ concurrency: 1, callsPerSecond: 0, pauseMaxMs: 60_000 }, new ManualClock())
  const answer = new Gate()
  const begun = budget.run(() => answer.opened, end.signal)
  const waiting = [1, 2].map(() =>
    t.rejects(
      budget.run(async () => t.fail('nothing new begins'), end.signal),
      stopping,
    ),
  )
  const breaker = new Breaker()
  breaker.failed(new ProviderError('auth-failed', 'who are you'))
  const unjudged = t.rejects(breaker.passage(end.signal), stopping)
  end.abort(stopping)
  await unjudged
  answer.open()
  await begun
  await Promise.all(waiting)
})

t.test('failures in a row cast doubt, a verdict ends it for all, and one bad key is only its own', async (t) => {
  const down = new ProviderError('unavailable', 'nobody there')
  const breaker = new Breaker()
  const { signal } = new AbortController()
  t.notOk(breaker.failed(new ProviderError('secret-missing', 'x')), 'an answer is no trouble')
  for (const round of [1, 2, 3]) {
    t.ok(breaker.failed(down), `somebody looks, ${round}`)
    breaker.succeeded()
  }
  t.ok(breaker.mayPass, 'others succeed in between')
  for (let failure = 0; failure < 3; failure += 1) breaker.failed(down)
  t.notOk(breaker.mayPass)
  const [waiting, too] = [breaker.passage(signal), breaker.passage(signal)]
  breaker.judged()
  await Promise.all([waiting, too])
  breaker.failed(new ProviderError('auth-failed', 'who are you'))
  const refused = breaker.passage(signal)
  breaker.judged(down)
  await t.rejects(refused, { code: 'unavailable' })
  await t.rejects(breaker.passage(signal), { code: 'unavailable' })
  breaker.judged()
  t.ok(breaker.mayPass)
})

t.test('a call is repeated as its store says, when that may help', async (t) => {
  const clock = new ManualClock(0)
  const { signal } = new AbortController()
  const tries = async (retrySettings: object | undefined, error: Error): Promise<number[]> => {
    const times: number[] = []
    const store = { spec: { ...(retrySettings && { retrySettings }) } } as SecretStore
    const began = clock.now()
    const call = retryingOf(store, { pauseMaxMs: 60_000, clock, signal })(async () => {
      times.push(clock.now() - began)
      throw error
    })
    const refused = t.rejects(call, error)
    await clock.advance(600_000)
    await refused
    return times
  }
  const down = new ProviderError('unavailable', 'down')
  t.same(await tries({ maxRetries: 2, retryInterval: '5s' }, down), [0, 5000, 10_000])
  t.same(await tries({ maxRetries: 1, retryInterval: '24h' }, down), [0, 60_000], 'no longer than any pause')
  t.same(await tries(undefined, down), [0])
  t.same(await tries({ maxRetries: 2 }, new ProviderError('denied', 'no')), [0])
})

t.test('what is wanted in one turn is read together, as many as one call may', async (t) => {
  const calls: string[][] = []
  const batch = new Batch(2, async (refs) => {
    calls.push(refs.map(({ key }) => key))
    return refs.map(({ key }) => ({
      secret: { value: () => Buffer.from(key), entries: () => new Map(), sizeBytes: 1 },
    }))
  })
  const reads = ['a', 'b', 'c'].map((key) => batch.read({ key, metadataPolicy: 'None' }))
  await turn()
  t.match(await Promise.all(reads), [{ secret: { sizeBytes: 1 } }, {}, {}])
  t.same(calls, [['a', 'b'], ['c']])
  const failing = new Batch(2, () => Promise.reject(new Error('down')))
  await t.rejects(failing.read({ key: 'a', metadataPolicy: 'None' }), { message: 'down' })
})

t.test('a phase follows from what is read alone, and moments of one interval are moments of its parts', async (t) => {
  const read = (key: string, more: object = {}) => ({ secretKey: 'x', remoteRef: { key, ...more } })
  const one = phaseOf(aSpec({ data: [read('k')] }))
  t.equal(phaseOf(aSpec({ dataFrom: [{ extract: { key: 'k' } }], refreshInterval: '1m' }, 'other')), one)
  t.equal(phaseOf(aSpec({ data: [read('k', { property: 'p', metadataPolicy: 'None' })] })), one, 'one read serves them')
  const others = [
    aSpec({ data: [read('k', { version: '2' })] }),
    aSpec({ data: [read('k', { metadataPolicy: 'Fetch' })] }),
    aSpec({ data: [read('k')], secretStoreRef: { name: 's', kind: 'ClusterSecretStore' } }),
    aSpec({ data: [{ ...read('k'), sourceRef: { storeRef: { name: 'other' } } }] }),
    aSpec({ dataFrom: [{ find: { path: 'k' } }] }),
  ]
  t.equal(new Set([one, ...others.map(phaseOf)]).size, others.length + 1)
  const [ab, ba] = [phaseOf(aSpec({ data: [read('a'), read('b')] })), phaseOf(aSpec({ data: [read('b'), read('a')] }))]
  t.equal(ab, ba, 'in whatever order')
  const generatorRef = { kind: 'Password', name: 'p' } as const
  t.equal(phaseOf(aSpec({ data: [read('k')], dataFrom: [{ sourceRef: { generatorRef } }] })), undefined)
  t.equal(phaseOf(aSpec({})), undefined)

  const phase = one ?? 0
  const hour = momentAfter(1_800_000_000_123, { phase, intervalMs: 3_600_000 })
  t.equal(hour % 1000, 0)
  t.ok(hour > 1_800_000_000_123 && hour <= 1_800_000_000_123 + 3_600_000)
  t.equal(momentAfter(hour, { phase, intervalMs: 3_600_000 }), hour + 3_600_000, 'strictly after')
  for (const intervalMs of [1_800_000, 60_000, 1000]) t.equal(momentAfter(hour - 1, { phase, intervalMs }), hour)
  t.ok(momentAfter(hour, { phase, intervalMs: 250 }) <= hour + 250)
})

t.test('phases of neighbouring names are spread over the interval', async (t) => {
  const seconds = new Array<number>(60).fill(0)
  for (let index = 0; index < 6000; index += 1) {
    const phase = phaseOf(aSpec({ dataFrom: [{ extract: { key: `bench/secret-${index}` } }] })) ?? 0
    const second = (momentAfter(0, { phase, intervalMs: 60_000 }) / 1000) % 60
    seconds[second] = (seconds[second] ?? 0) + 1
  }
  t.ok(Math.max(...seconds) < 160 && Math.min(...seconds) > 50, 'a hundred each second, more or less')
})

function aSpec(spec: Partial<ExternalSecretSpec>, name = 'es'): ExternalSecret {
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name, namespace: 'a' },
    spec: { secretStoreRef: { name: 's' }, ...spec },
  }
}
