import { LRUCache } from 'lru-cache'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { Event } from '../kinds/core/event/v1.ts'
import type { ResourceClient } from '../machinery/client.ts'
import type { KubeObject } from '../machinery/object.ts'
import { isStatusReason, StatusError } from '../machinery/status.ts'
import { formatTime } from '../machinery/time.ts'

export interface Happening {
  readonly component: string
  readonly object: KubeObject
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
}

interface EventOptions {
  readonly client: ResourceClient<Event>
  readonly clock: Clock
  readonly log: Logger
  readonly waitingMax: number
}

/** How many warnings are remembered, so that the same one again counts up instead. Good news seldom repeats. */
const rememberedMax = 4096
const writersMax = 2
const messageLengthMax = 1024
/** Thousands that fail alike, again and again, must not drown the API in counts. */
const countedEveryMs = 60_000

interface Told {
  readonly event: Event
  readonly writtenMs: number
  count: number
}

/**
 * Tells what happened, behind the work that it happened in: nobody waits for an event to be written, and what cannot be
 * written is let go. The same again is counted, and the count written once a minute at most.
 */
export class Events {
  readonly #options: EventOptions
  readonly #waiting: Happening[] = []
  readonly #told = new LRUCache<string, Told>({ max: rememberedMax })
  #writers = 0
  #made = 0
  #dropped = 0

  constructor(options: EventOptions) {
    this.#options = options
  }

  tell(happening: Happening): void {
    const known = this.#told.get(keyOf(happening))
    if (known !== undefined) known.count += 1
    if (known !== undefined && this.#options.clock.monotonic() - known.writtenMs < countedEveryMs) return
    if (this.#waiting.length >= this.#options.waitingMax) return this.#drop()
    this.#waiting.push(happening)
    if (this.#writers < writersMax) void this.#write()
  }

  #drop(): void {
    if (this.#dropped % this.#options.waitingMax === 0) this.#options.log.warn('events are dropped')
    this.#dropped += 1
  }

  async #write(): Promise<void> {
    this.#writers += 1
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      try {
        await this.#writeOne(next)
      } catch (error) {
        const code = error instanceof StatusError ? error.reason : 'unknown'
        this.#options.log.debug('an event was not written', { reason: next.reason, code })
      }
    }
    this.#writers -= 1
  }

  async #writeOne(happening: Happening): Promise<void> {
    const key = keyOf(happening)
    const known = this.#told.get(key)
    const event = (known && (await this.#countUp(known, happening))) ?? (await this.#create(happening))
    if (happening.type === 'Normal') return
    this.#told.set(key, { event: lean(event), writtenMs: this.#options.clock.monotonic(), count: event.count ?? 1 })
  }

  /** `undefined` when the event is gone, as events go after an hour. */
  async #countUp({ event, count }: Told, { component }: Happening): Promise<Event | undefined> {
    const { client, clock } = this.#options
    const again = { ...event, count, lastTimestamp: formatTime(clock.now()) }
    try {
      return await client.update(again, { fieldManager: component })
    } catch (error) {
      if (isStatusReason(error, 'NotFound') || isStatusReason(error, 'Conflict')) return undefined
      throw error
    }
  }

  #create(happening: Happening): Promise<Event> {
    return this.#options.client.create(this.#event(happening), { fieldManager: happening.component })
  }

  #event({ component, object, type, reason, message }: Happening): Event {
    const { name = '', namespace, uid, resourceVersion } = object.metadata
    const nowMs = this.#options.clock.now()
    const time = formatTime(nowMs)
    this.#made += 1
    const suffix = (BigInt(nowMs) * 1_000_000n + BigInt(this.#made % 1_000_000)).toString(16)
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${name.slice(0, eventNameMax)}.${suffix}`, namespace: namespace ?? 'default' },
      involvedObject: {
        apiVersion: object.apiVersion,
        kind: object.kind,
        name,
        ...(namespace !== undefined && { namespace }),
        ...(uid !== undefined && { uid }),
        ...(resourceVersion !== undefined && { resourceVersion }),
      },
      reason,
      message: message.slice(0, messageLengthMax),
      type,
      count: 1,
      firstTimestamp: time,
      lastTimestamp: time,
      eventTime: null,
      source: { component },
      reportingComponent: component,
      reportingInstance: '',
    }
  }
}

/** Room for a dot and the suffix in a name of 253. */
const eventNameMax = 235

function lean(event: Event): Event {
  const { managedFields: _, ...metadata } = event.metadata
  return { ...event, metadata }
}

function keyOf({ object: { metadata }, type, reason, message }: Happening): string {
  return [metadata.uid ?? metadata.name, type, reason, message].join('\n')
}
