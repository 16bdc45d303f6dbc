import { byBytes } from '../../../base/byte-order.ts'
import type { Clock } from '../../../base/clock.ts'
import type { Logger } from '../../../base/log.ts'
import type { ResourceClient, WatchNotice } from '../../../machinery/client.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import { isStatusReason, StatusError } from '../../../machinery/status.ts'
import type { ConfigurationSource } from '../configuration.ts'

export interface WatchedObjectsOptions<T extends KubeObject> {
  /** Asked for when the watch begins. */
  readonly client: () => Pick<ResourceClient<T>, 'watch'>
  readonly clock: Clock
  readonly log: Logger
}

/**
 * All objects of a kind, kept fresh by a watch, in the order of their names. A kind that is not served has none; while
 * reading is refused, nothing is known, or what was known before.
 */
export class WatchedObjects<T extends KubeObject> implements ConfigurationSource<T> {
  readonly #options: WatchedObjectsOptions<T>
  /** What is to be made known: of a watch that has not shown the whole state yet, a part of it. */
  #byKey = new Map<string, T>()
  #isWhole = false
  #current: readonly T[] | undefined
  readonly #firstState: Promise<void>
  #tellFirstState = (): void => undefined

  constructor(options: WatchedObjectsOptions<T>) {
    this.#options = options
    this.#firstState = new Promise((resolve) => {
      this.#tellFirstState = resolve
    })
  }

  current(): readonly T[] | undefined {
    return this.#current
  }

  async known(signal: AbortSignal | undefined): Promise<boolean> {
    const over = new AbortController()
    const waits = signal === undefined ? over.signal : AbortSignal.any([over.signal, signal])
    const tooLate = this.#options.clock.sleep(knownWaitMs, waits).catch(() => undefined)
    await Promise.race([this.#firstState, tooLate])
    over.abort()
    return this.#current !== undefined
  }

  async run(signal: AbortSignal): Promise<void> {
    const { client, clock, log } = this.#options
    while (!signal.aborted) {
      this.#byKey = new Map()
      this.#isWhole = false
      try {
        for await (const notices of client().watch({}, signal)) this.#take(notices)
      } catch (error) {
        if (signal.aborted) return
        if (isStatusReason(error, 'NotFound')) this.#publish()
        else log.warn('configurations cannot be read', { reason: error instanceof StatusError ? error.reason : '' })
      }
      await clock.sleep(retryMs, signal).catch(() => undefined)
    }
  }

  #take(notices: readonly WatchNotice<T>[]): void {
    for (const notice of notices) {
      if (notice.type === 'synced') this.#isWhole = true
      else if (notice.type === 'set') this.#byKey.set(keyOf(notice.object), notice.object)
      else this.#byKey.delete(keyOf(notice.object))
    }
    if (this.#isWhole) this.#publish()
  }

  #publish(): void {
    this.#current = [...this.#byKey].toSorted(([left], [right]) => byBytes(left, right)).map(([, object]) => object)
    this.#tellFirstState()
  }
}

/** As long as kube-apiserver waits for its own caches. */
const knownWaitMs = 10_000
const retryMs = 30_000

function keyOf({ metadata: { namespace = '', name = '' } }: KubeObject): string {
  return `${namespace}/${name}`
}
