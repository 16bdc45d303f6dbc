import t from 'tap'
import type { ApiAnswer } from '../../test/support/api-client.ts'
import { type BareServer, type BareServerOptions, startBareServer } from '../../test/support/bare-server.ts'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { boundsOf, seriesOf, totalOf } from '../../test/support/metric-series.ts'
import { until } from '../../test/support/until.ts'
import type { ApiResponse } from '../endpoints/endpoint.ts'
import { FairQueue } from './fair-queue.ts'
import type { RejectionReason } from './place.ts'
import { type SeatLimits, Seats } from './seats.ts'

const path = '/apis/example.com/v1/namespaces/default/widgets'
const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases'

/** Requests stay where they are until they are let go, one by one. */
class Gate {
  readonly held: { readonly user: string; readonly letGo: () => void }[] = []
  readonly order: string[] = []
  isOpen = false

  pass(user: string): Promise<void> {
    this.order.push(user)
    if (this.isOpen) return Promise.resolve()
    return new Promise((letGo) => this.held.push({ user, letGo }))
  }

  open(): void {
    this.isOpen = true
    for (const { letGo } of this.held) letGo()
  }
}

interface Gated {
  readonly gate: Gate
  readonly bare: BareServer
  /** As a user whose token is the name. */
  readonly ask: (user: string, target?: string, method?: string) => Promise<ApiAnswer>
}

const tokens = 'ann,ann,1,staff\nbob,bob,2,staff\nrobot,system:serviceaccount:a:robot,3,system:serviceaccounts\n'

async function gated(options: Partial<BareServerOptions>): Promise<Gated> {
  const gate = new Gate()
  const bare = await startBareServer({
    dispatch: async ({ info, context }): Promise<ApiResponse> => {
      if (info.resource === 'widgets' && info.name !== 'free') await gate.pass(context.user.name)
      return { type: 'object', code: 200, object: { user: context.user.name } }
    },
    tokens,
    authorize: () => ({ verdict: 'allow' }),
    ...options,
    limits: { connectionsMax: 300, ...options.limits },
  })
  const clients = Array.from({ length: 5 }, () => bare.client())
  let next = 0
  const ask = (user: string, target = `${path}/held`, method = 'GET'): Promise<ApiAnswer> => {
    const client = clients[next++ % clients.length] ?? bare.client()
    return client.call(method, target, { headers: { authorization: `Bearer ${user}` } })
  }
  return { gate, bare, ask }
}

function number(bare: BareServer, name: string, labels: string): number {
  const line = bare.metrics
    .render()
    .split('\n')
    .find((each) => each.startsWith(`${name}{${labels}`))
  return Number(line?.split(' ').at(-1) ?? 0)
}

const everybody = 'priority_level="global-default",request_kind="readOnly"'
const waiting = (bare: BareServer): number => number(bare, 'apiserver_flowcontrol_current_inqueue_requests', everybody)
const rejected = (bare: BareServer, reason: string, labels = everybody): number =>
  number(bare, 'apiserver_flowcontrol_rejected_requests_total', `${labels},reason="${reason}"`)

const tooMany = {
  status: 429,
  headers: { 'retry-after': '1', 'content-type': 'application/json' },
  json: {
    kind: 'Status',
    code: 429,
    reason: 'TooManyRequests',
    message: 'Too many requests, please try again later.',
    details: { retryAfterSeconds: 1 },
  },
}

t.test('while every seat is held, what must be answered is', async (t) => {
  const { gate, bare, ask } = await gated({ limits: { readOnlyInFlightMax: 2, mutatingInFlightMax: 1 } })
  const held = [ask('ann'), ask('bob'), ask('ann', path, 'POST')]
  await until(() => gate.held.length === 3)
  const late = [ask('ann'), ask('bob')]
  await until(() => waiting(bare) === 2)
  for (const target of ['/readyz', '/livez', '/version', '/']) t.equal((await ask('ann', target)).status, 200, target)
  t.equal((await bare.admin.get(`${path}/free`)).status, 200, 'a member of system:masters')
  t.equal((await ask('robot', `${leases}/election`)).status, 200, 'a controller holds its Lease')
  t.equal((await ask('robot', `${leases}/election`, 'PUT')).status, 200)
  t.equal(gate.order.length, 3, 'and nobody else got in')
  const seats = (level: string, kind: string): number =>
    number(bare, 'apiserver_flowcontrol_current_executing_seats', `priority_level="${level}",request_kind="${kind}"`)
  t.same([seats('global-default', 'readOnly'), seats('global-default', 'mutating')], [2, 1])
  t.equal(number(bare, 'apiserver_flowcontrol_nominal_limit_seats', everybody), 2)
  t.equal(number(bare, 'apiserver_current_inflight_requests', 'request_kind="readOnly"'), 2)
  gate.open()
  for (const answer of await Promise.all([...held, ...late])) t.equal(answer.status, 200)
  await until(() => seats('global-default', 'readOnly') + seats('global-default', 'mutating') === 0)
  t.equal(number(bare, 'apiserver_flowcontrol_dispatched_requests_total', everybody), 4)
  await bare[Symbol.asyncDispose]()
})

t.test('one request of a user is not behind the hundred of another', async (t) => {
  const { gate, bare, ask } = await gated({ limits: { readOnlyInFlightMax: 2 } })
  const flood = Array.from({ length: 100 }, () => ask('ann'))
  await until(() => waiting(bare) === 98)
  const single = ask('bob')
  await until(() => waiting(bare) === 99)
  for (let count = 0; !gate.order.includes('bob'); count += 1) {
    const seatedCount = gate.order.length
    gate.held[count]?.letGo()
    await until(() => gate.order.length > seatedCount)
  }
  t.same(gate.order, ['ann', 'ann', 'ann', 'bob'], 'users take turns')
  gate.held.find(({ user }) => user === 'bob')?.letGo()
  t.equal((await single).status, 200)
  t.ok(waiting(bare) >= 96, 'of the flood most still wait')
  gate.open()
  for (const answer of await Promise.all(flood)) t.equal(answer.status, 200)
  await bare[Symbol.asyncDispose]()
})

t.test('who cannot even wait is told to come again', async (t) => {
  const limits = { readOnlyInFlightMax: 1, userQueueLengthMax: 3, queueLengthMax: 3 }
  const { gate, bare, ask } = await gated({ limits })
  const first = ask('ann')
  await until(() => gate.held.length === 1)
  const queued = [ask('ann'), ask('ann'), ask('ann')]
  await until(() => waiting(bare) === 3)
  t.match(await ask('ann'), tooMany, 'a queue of one user has an end')
  t.equal(rejected(bare, 'queue-full'), 1)
  const other = ask('bob')
  t.match(await Promise.race(queued), { status: 429 }, 'when there are too many, who has most of them loses one')
  t.equal(rejected(bare, 'queue-full'), 2)
  t.match(await ask('bob'), tooMany, 'but nobody loses one to somebody who has as many')
  t.equal(waiting(bare), 3)
  gate.open()
  const answers = await Promise.all([first, other, ...queued])
  t.same(answers.map(({ status }) => status).sort(), [200, 200, 200, 200, 429])
  await bare[Symbol.asyncDispose]()
})

t.test('no wait is without an end', async (t) => {
  const clock = new ManualClock()
  const { gate, bare, ask } = await gated({ clock, limits: { readOnlyInFlightMax: 1, queueWaitMs: 15_000 } })
  const first = ask('ann')
  await until(() => gate.held.length === 1)
  const queued = ask('bob')
  const hurried = ask('bob', `${path}/held?timeout=2s`)
  await until(() => waiting(bare) === 2)
  await clock.advance(2_100)
  t.match((await hurried).json, { code: 504, reason: 'Timeout' }, 'its own deadline comes first')
  await until(() => waiting(bare) === 1)
  t.equal(rejected(bare, 'cancelled'), 1)
  await clock.advance(13_000)
  t.match(await queued, tooMany)
  t.equal(rejected(bare, 'time-out'), 1)
  const secondsOf = (name: string): readonly number[] =>
    seriesOf(bare.metrics.render(), `apiserver_request_${name}_seconds_sum`).map(({ value }) => Math.round(value))
  const terminated = () => seriesOf(bare.metrics.render(), 'apiserver_request_terminations_total')
  // A request is counted when its answer has gone out.
  await until(() => terminated().length === 2 && secondsOf('duration')[0] === 17)
  t.same(
    terminated().map(({ labels: { verb, code }, value }) => [verb, code, value]),
    [
      ['GET', '504', 1],
      ['GET', '429', 1],
    ],
  )
  t.same(secondsOf('duration'), [17])
  t.same(secondsOf('sli_duration'), [0], 'waiting for a turn aside')
  const bounds = boundsOf(bare.metrics.render(), 'apiserver_request_sli_duration_seconds')
  for (const bound of ['0.05', '1', '5', '30', '60']) t.ok(bounds.includes(bound), bound)

  const gone = new AbortController()
  const client = bare.client()
  const abandoned = client.call('GET', `${path}/held`, {
    headers: { authorization: 'Bearer bob' },
    signal: gone.signal,
  })
  await until(() => waiting(bare) === 1)
  gone.abort()
  await t.rejects(abandoned)
  await until(() => waiting(bare) === 0)
  t.equal(rejected(bare, 'cancelled'), 2, 'who is gone does not wait')
  gate.open()
  t.equal((await first).status, 200)
  t.same(gate.order, ['ann'])
  await bare[Symbol.asyncDispose]()
})

t.test('watches have a bound of their own, for each user too', async (t) => {
  const bare = await startBareServer({
    dispatch: async ({ context }) => {
      const pieces = (async function* (): AsyncGenerator<Uint8Array> {
        yield Buffer.from('{}\n')
        await new Promise((resolve) => context.signal.addEventListener('abort', resolve))
      })()
      return { type: 'stream', code: 200, contentType: 'application/json', pieces, flush: true }
    },
    tokens,
    authorize: () => ({ verdict: 'allow' }),
    limits: { watchesMax: 3, userWatchesMax: 2, readOnlyInFlightMax: 0 },
  })
  const open: AbortController[] = []
  const watch = async (user: string): Promise<number> => {
    const client = bare.client()
    const stopped = new AbortController()
    const call = client.call('GET', `${path}?watch=true`, {
      headers: { authorization: `Bearer ${user}` },
      signal: stopped.signal,
    })
    const count = longRunning()
    const answer = await Promise.race([call.catch(() => undefined), until(() => longRunning() > count)])
    if (answer !== undefined) return answer.status
    open.push(stopped)
    return 200
  }
  const longRunning = (): number =>
    number(
      bare,
      'apiserver_flowcontrol_dispatched_requests_total',
      'priority_level="global-default",request_kind="watch"',
    )
  t.same([await watch('ann'), await watch('ann'), await watch('ann')], [200, 200, 429])
  t.same([await watch('bob'), await watch('bob')], [200, 429])
  t.equal(rejected(bare, 'concurrency-limit', 'priority_level="global-default",request_kind="watch"'), 2)
  const openCount = (): number => totalOf(bare.metrics.render(), 'apiserver_longrunning_requests')
  t.equal(openCount(), 3)
  open[0]?.abort()
  await until(() => openCount() === 2)
  t.equal(await watch('bob'), 200, 'one that ends makes room')
  for (const each of open) each.abort()
  await bare[Symbol.asyncDispose]()
})

function seatsWith(limits: Partial<SeatLimits>, clock = new ManualClock()): { seats: Seats; told: RejectionReason[] } {
  const told: RejectionReason[] = []
  const report = { seated: () => undefined, rejected: (reason: RejectionReason) => void told.push(reason) }
  const all = { seatsMax: 1, userQueueLengthMax: 10, queueLengthMax: 10, queueWaitMs: 1_000, ...limits }
  return { seats: new Seats({ clock, limits: all, report }), told }
}

t.test('a seat is handed on once', async (t) => {
  const { seats, told } = seatsWith({})
  const first = seats.enter('a')
  const second = seats.enter('b')
  const third = seats.enter('c')
  t.equal(first.seated, undefined)
  first.leave()
  first.leave()
  await second.seated
  t.same([seats.takenCount, seats.waitingCount], [1, 1], 'leaving twice frees one seat')
  third.leave()
  third.leave()
  t.same([seats.takenCount, seats.waitingCount, told], [1, 0, ['cancelled']])
  second.leave()
  t.same([seats.takenCount, seats.waitingCount], [0, 0])
  t.equal(seats.enter('d').seated, undefined)
})

t.test('without seats or queues nobody waits', (t) => {
  const none = seatsWith({ seatsMax: 0 })
  t.throws(() => none.seats.enter('a'), { code: 429 })
  const queueless = seatsWith({ userQueueLengthMax: 0 })
  queueless.seats.enter('a')
  t.throws(() => queueless.seats.enter('a'), { code: 429 })
  t.same([none.told, queueless.told], [['concurrency-limit'], ['concurrency-limit']])
  t.end()
})

t.test('turns of users', (t) => {
  const queue = new FairQueue<{ readonly user: string; readonly id: string }>()
  const entries = ['a1', 'a2', 'a3', 'b1', 'c1', 'c2'].map((id) => ({ user: id[0] ?? '', id }))
  for (const entry of entries) queue.push(entry)
  t.equal(queue.lastOfLongest()?.id, 'a3')
  t.same(
    queue.firsts().map(({ id }) => id),
    ['a1', 'b1', 'c1'],
  )
  const [, second] = entries
  if (second) queue.delete(second)
  if (second) queue.delete(second)
  const order = Array.from({ length: 6 }, () => queue.shift()?.id)
  t.same(order, ['a1', 'b1', 'c1', 'a3', 'c2', undefined])
  t.equal(queue.length, 0)
  t.end()
})
