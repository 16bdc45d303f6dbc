import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { ObjectName, ResourceClient } from '../machinery/client.ts'
import type { KubeObject } from '../machinery/object.ts'
import { isStatusReason, StatusError } from '../machinery/status.ts'
import { formatMicroTime } from '../machinery/time.ts'

/** coordination.k8s.io/v1, as far as an election needs it. */
export interface ElectionLease extends KubeObject {
  readonly spec?: ElectionRecord
}

interface ElectionRecord {
  readonly holderIdentity?: string
  readonly leaseDurationSeconds?: number
  readonly acquireTime?: string | null
  readonly renewTime?: string | null
  readonly leaseTransitions?: number
}

export interface LeaseElectionOptions {
  readonly leases: ResourceClient<ElectionLease>
  readonly at: ObjectName & { readonly namespace: string }
  /** No two processes may share it. */
  readonly identity: string
  readonly clock: Clock
  readonly log: Logger
  /** From 0 to below 1. */
  readonly random: () => number
  readonly leaseDurationMs: number
  readonly renewDeadlineMs: number
  readonly retryPeriodMs: number
}

/**
 * Leads while it holds a Lease, as client-go's leader election does it.
 *
 * 1. Another's lease is waited out by our own monotonic clock, from when we saw it change: clocks of two machines
 *    are never compared.
 * 2. `isLeading` ends a renew deadline after the last successful renewal *began*. Others take over a lease duration
 *    after it, or later: what is begun while `isLeading` has the difference of both to come to its end.
 * 3. While what was led comes to its end, the lease is renewed; then it is given back, so that another need not wait.
 */
export class LeaseElection {
  readonly #options: LeaseElectionOptions
  #leadsUntilMs = Number.NEGATIVE_INFINITY
  #seen: { readonly version: string | undefined; readonly atMs: number } | undefined
  #lastFailure = ''

  constructor(options: LeaseElectionOptions) {
    this.#options = options
  }

  get isLeading(): boolean {
    return this.#options.clock.monotonic() < this.#leadsUntilMs
  }

  /** Runs `lead` whenever the lease is ours, until `signal` aborts. Rejects as `lead` does. */
  async run(lead: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    const { log, identity } = this.#options
    while (await this.#acquired(signal)) {
      log.info('leading', { identity })
      await this.#term(lead, signal)
      log.info('not leading any more', { identity })
    }
  }

  async #acquired(signal: AbortSignal): Promise<boolean> {
    const { clock, random, retryPeriodMs } = this.#options
    while (!signal.aborted) {
      if (await this.#attempt(signal)) return true
      await clock.sleep(retryPeriodMs * (1 + acquireJitter * random()), signal).catch(() => undefined)
    }
    return false
  }

  async #term(lead: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    const lost = new AbortController()
    const over = new AbortController()
    const renewing = this.#renew(over.signal).then(() => lost.abort())
    try {
      await lead(AbortSignal.any([signal, lost.signal]))
    } finally {
      over.abort()
      await renewing
      await this.#release()
    }
  }

  /** Resolves when the lease is lost, or when `over` aborts. */
  async #renew(over: AbortSignal): Promise<void> {
    const { clock, retryPeriodMs } = this.#options
    while (!over.aborted && this.isLeading) {
      const leftMs = this.#leadsUntilMs - clock.monotonic()
      await clock.sleep(Math.min(retryPeriodMs, leftMs), over).catch(() => undefined)
      if (!over.aborted && this.isLeading) await this.#attemptInTime(over)
    }
  }

  /** A renewal that is not answered ends with the time that we may lead: nobody must wait for it longer. */
  async #attemptInTime(over: AbortSignal): Promise<void> {
    await this.#whileLeading(async (late) => {
      await this.#attempt(AbortSignal.any([over, late]))
      if (late.aborted) this.#options.log.warn('the lease was not renewed in time')
    })
  }

  /** The signal of the call aborts when the time that we may lead is over. */
  async #whileLeading(call: (late: AbortSignal) => Promise<void>): Promise<void> {
    const { clock } = this.#options
    const late = new AbortController()
    const answered = new AbortController()
    const waiting = clock.sleep(this.#leadsUntilMs - clock.monotonic(), answered.signal).then(
      () => late.abort(),
      () => undefined,
    )
    await call(late.signal).finally(() => answered.abort())
    await waiting
  }

  /** Takes or renews the lease; a failure leaves everything as it was. */
  async #attempt(signal: AbortSignal): Promise<boolean> {
    const { clock, log, renewDeadlineMs } = this.#options
    const startMs = clock.monotonic()
    try {
      const isOurs = await this.#takeOrRenew(signal)
      this.#leadsUntilMs = isOurs ? startMs + renewDeadlineMs : Number.NEGATIVE_INFINITY
      this.#lastFailure = ''
      return isOurs
    } catch (error) {
      const code = error instanceof StatusError ? error.reason : error instanceof Error ? error.name : 'unknown'
      if (!signal.aborted && code !== this.#lastFailure) log.warn('the lease cannot be had', { code })
      this.#lastFailure = code
      return false
    }
  }

  async #takeOrRenew(signal: AbortSignal): Promise<boolean> {
    const { at, identity, leases } = this.#options
    const found = await this.#read(signal)
    if (found === undefined) {
      const record = this.#record({})
      const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { ...at }, spec: record }
      await leases.create(lease, { ...manager, signal })
      return true
    }
    const { holderIdentity: holder } = found.spec ?? {}
    if (holder && holder !== identity && this.#isValid(found)) return false
    await leases.update({ ...found, spec: this.#record(found.spec ?? {}) }, { ...manager, signal })
    return true
  }

  async #read(signal: AbortSignal): Promise<ElectionLease | undefined> {
    try {
      return await this.#options.leases.get(this.#options.at, { signal })
    } catch (error) {
      if (isStatusReason(error, 'NotFound')) return undefined
      throw error
    }
  }

  #isValid({ metadata: { resourceVersion }, spec = {} }: ElectionLease): boolean {
    const { clock, leaseDurationMs } = this.#options
    const now = clock.monotonic()
    if (this.#seen?.version !== resourceVersion || this.#seen === undefined) {
      this.#seen = { version: resourceVersion, atMs: now }
    }
    const { leaseDurationSeconds = leaseDurationMs / 1000 } = spec
    return this.#seen.atMs + leaseDurationSeconds * 1000 > now
  }

  #record(before: ElectionRecord): ElectionRecord {
    const { clock, identity, leaseDurationMs } = this.#options
    const now = formatMicroTime(clock.now())
    const isHeld = before.holderIdentity === identity
    return {
      ...before,
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(leaseDurationMs / 1000),
      acquireTime: isHeld ? (before.acquireTime ?? now) : now,
      renewTime: now,
      leaseTransitions: (before.leaseTransitions ?? 0) + (isHeld || !before.acquireTime ? 0 : 1),
    }
  }

  /** What is not answered in time runs out by itself. */
  async #release(): Promise<void> {
    if (!this.isLeading) return
    const released = this.#whileLeading((late) => this.#giveBack(late)).catch(() => undefined)
    this.#leadsUntilMs = Number.NEGATIVE_INFINITY
    await released
  }

  /** As client-go: nobody holds it, and it is over in a second. */
  async #giveBack(signal: AbortSignal): Promise<void> {
    const { at, clock, identity, leases } = this.#options
    const found = await leases.get(at, { signal })
    if (found.spec?.holderIdentity !== identity) return
    const renewTime = formatMicroTime(clock.now())
    const spec = { ...found.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime }
    await leases.update({ ...found, spec }, { ...manager, signal })
  }
}

const manager = { fieldManager: 'external-secrets' }
const acquireJitter = 1.2
