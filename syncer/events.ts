import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import { LRUCache } from 'lru-cache'
import type { Event } from '../kinds/core/event/v1.ts'
import type { ResourceClient } from '../machinery/client.ts'
import type { KubeObject } from '../machinery/object.ts'
import { isStatusReason } from '../machinery/status.ts'
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

/** How many written events are remembered, so that the same one again counts up instead. */
const rememberedMax = 4096
const writersMax = 4
const messageLengthMax = 1024

/**
 * Tells what happened, behind the work that it happened in: nobody waits for an event to be written, and what cannot be
 * written is let go.
 */
export class Events {
  readonly #options: EventOptions
  readonly #waiting: Happening[] = []
  readonly #written = new LRUCache<string, Event>({ max: rememberedMax })
  #writers = 0
  #count = 0
  #dropped = 0

  constructor(options: EventOptions) {
    this.#options = options
  }

  tell(happening: Happening): void {
    if (this.#waiting.length >= this.#options.waitingMax) {
      this.#dropped += 1
      if (this.#dropped % this.#options.waitingMax === 1) this.#options.log.warn('events are dropped', { count: this.#dropped })
      return
    }
    this.#waiting.push(happening)
    if (this.#writers < writersMax) void this.#write()
  }

  async #write(): Promise<void> {
    this.#writers += 1
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      try {
        await this.#writeOne(next)
      } catch {
        this.#options.log.debug('an event was not written', { reason: next.reason })
      }
    }
    this.#writers -= 1
  }

  async #writeOne(happening: Happening): Promise<void> {
    const { uid, name } = happening.object.metadata
    const key = [uid ?? name, happening.type, happening.reason, happening.message].join('\n')
    const { client, clock } = this.#options
    const options = { fieldManager: happening.component }
    const known = this.#written.get(key)
    try {
      const again = known && { ...known, count: (known.count ?? 1) + 1, lastTimestamp: formatTime(clock.now()) }
      this.#written.set(key, again ? await client.update(again, options) : await client.create(this.#event(happening), options))
    } catch (error) {
      const isGone = isStatusReason(error, 'NotFound') || isStatusReason(error, 'Conflict')
      if (known === undefined || !isGone) throw error
      this.#written.set(key, await client.create(this.#event(happening), options))
    }
  }

  #event({ component, object, type, reason, message }: Happening): Event {
    const { name = '', namespace, uid, resourceVersion } = object.metadata
    const nowMs = this.#options.clock.now()
    const time = formatTime(nowMs)
    this.#count += 1
    const suffix = (BigInt(nowMs) * 1_000_000n + BigInt(this.#count % 1_000_000)).toString(16)
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
