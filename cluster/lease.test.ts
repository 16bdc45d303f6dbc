import t, { type Test } from 'tap'
import { localClient } from '../apiserver/registry/local-client.ts'
import { silentLogger } from '../base/log.ts'
import { coreKinds } from '../kinds/catalog.gen.ts'
import type { ResourceClient } from '../machinery/client.ts'
import { admin, openLocalApi } from '../test/support/local-api.ts'
import { ManualClock } from '../test/support/manual-clock.ts'
import { type ElectionLease, LeaseElection } from './lease.ts'

const at = { namespace: 'default', name: 'syncer' }

interface Candidate {
  readonly election: LeaseElection
  /** `begun` and `ended` of each term. */
  readonly terms: string[]
  /** The next calls are answered only when this resolves. */
  cut(): void
  mend(): void
  stop(): Promise<void>
}

interface World {
  readonly clock: ManualClock
  readonly leases: ResourceClient<ElectionLease>
  candidate(identity: string): Candidate
}

async function world(t: Test): Promise<World> {
  const clock = new ManualClock()
  const api = await openLocalApi({ kinds: coreKinds, clock })
  t.teardown(() => api[Symbol.asyncDispose]())
  await api.call('POST /api/v1/namespaces', {
    body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: at.namespace } },
  })
  const registry = api.registries.all.find(({ kind }) => kind.names.plural === 'leases')
  if (registry === undefined) throw new Error('no leases')
  const leases = localClient<ElectionLease>(registry, admin)
  return { clock, leases, candidate: (identity) => candidateOf(t, { clock, leases, identity }) }
}

function candidateOf(
  t: Test,
  { clock, leases, identity }: { clock: ManualClock; leases: ResourceClient<ElectionLease>; identity: string },
): Candidate {
  let isCut = false
  const through = <T>(call: () => Promise<T>, signal?: AbortSignal): Promise<T> =>
    isCut ? new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('cut')))) : call()
  const election = new LeaseElection({
    leases: {
      ...leases,
      get: (name, options) => through(() => leases.get(name, options), options?.signal),
      create: (lease, options) => through(() => leases.create(lease, options), options?.signal),
      update: (lease, options) => through(() => leases.update(lease, options), options?.signal),
    },
    at,
    identity,
    clock,
    log: silentLogger,
    random: () => 0,
    leaseDurationMs: 15_000,
    renewDeadlineMs: 10_000,
    retryPeriodMs: 2000,
  })
  const terms: string[] = []
  const ending = new AbortController()
  const lead = async (signal: AbortSignal): Promise<void> => {
    terms.push('begun')
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    terms.push('ended')
  }
  const running = election.run(lead, ending.signal)
  const stop = async (): Promise<void> => {
    ending.abort()
    await running
  }
  t.teardown(stop)
  return { election, terms, cut: () => (isCut = true), mend: () => (isCut = false), stop }
}

t.test('one of two leads, renews, and gives the lease back at its end', async (t) => {
  const { clock, leases, ...it } = await world(t)
  const first = it.candidate('first')
  await clock.advance(0)
  const second = it.candidate('second')
  await clock.advance(60_000)
  t.equal(first.election.isLeading, true)
  t.equal(second.election.isLeading, false)
  t.match(await leases.get(at), {
    spec: { holderIdentity: 'first', leaseDurationSeconds: 15, leaseTransitions: 0, acquireTime: String },
  })
  await first.stop()
  t.match(await leases.get(at), { spec: { holderIdentity: '', leaseDurationSeconds: 1 } })
  await clock.advance(2000)
  t.equal(second.election.isLeading, true)
  t.match(await leases.get(at), { spec: { holderIdentity: 'second', leaseTransitions: 1 } })
  t.same([first.terms, second.terms], [['begun', 'ended'], ['begun']])
})

t.test('a leader that is cut off stops a renew deadline after its last renewal, before another begins', async (t) => {
  const { clock, ...it } = await world(t)
  const first = it.candidate('first')
  await clock.advance(0)
  const second = it.candidate('second')
  await clock.advance(4000)
  first.cut()
  let bothCount = 0
  let [endedMs, begunMs] = [0, 0]
  for (let ms = 100; ms <= 20_000; ms += 100) {
    await clock.advance(100)
    if (first.election.isLeading && second.election.isLeading) bothCount += 1
    if (endedMs === 0 && !first.election.isLeading) endedMs = ms
    if (begunMs === 0 && second.election.isLeading) begunMs = ms
  }
  t.equal(bothCount, 0)
  t.equal(endedMs, 10_000)
  t.ok(begunMs >= 15_000 && begunMs <= 18_000, String(begunMs))
  t.same([first.terms, second.terms], [['begun', 'ended'], ['begun']])
  first.mend()
  await clock.advance(10_000)
  t.equal(first.election.isLeading, false)
})

t.test('nobody waits for a lease that cannot be given back longer than it lasts', async (t) => {
  const { clock, ...it } = await world(t)
  const one = it.candidate('one')
  await clock.advance(1000)
  t.same(one.terms, ['begun'])
  one.cut()
  const stopped = one.stop()
  await clock.advance(10_000)
  await stopped
  t.same(one.terms, ['begun', 'ended'])
})

t.test('a lease that somebody else took ends the lead at the next renewal', async (t) => {
  const { clock, leases, ...it } = await world(t)
  const first = it.candidate('first')
  await clock.advance(0)
  const lease = await leases.get(at)
  await leases.update({ ...lease, spec: { ...lease.spec, holderIdentity: 'thief' } }, { fieldManager: 'thief' })
  await clock.advance(2000)
  t.equal(first.election.isLeading, false)
  t.same(first.terms, ['begun', 'ended'])
})
