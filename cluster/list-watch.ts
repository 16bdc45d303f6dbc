import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import { OutboundError } from '../base/outbound/outbound-error.ts'
import type { WatchNotice } from '../machinery/client.ts'
import type { JsonObject, KubeList, KubeObject, ObjectMeta } from '../machinery/object.ts'
import { StatusError } from '../machinery/status.ts'
import { statusErrorIn } from './answer.ts'
import type { Contact } from './reconnecting/contact.ts'
import { ClusterError } from './errors.ts'
import { Pauses } from './reconnecting/pauses.ts'
import { Silence, type WireEvent, wireEvents } from './watch-stream.ts'

/** What is followed. */
export interface ListWatchSource {
  /** One page, with this query. */
  readonly list: (query: Query, signal: AbortSignal) => Promise<KubeList>
  readonly watch: (query: Query, signal: AbortSignal) => Promise<AsyncIterable<Uint8Array>>
}

export type Query = Readonly<Record<string, string>>

export interface ListWatchOptions {
  readonly clock: Clock
  readonly log: Logger
  /** From 0 to below 1. */
  readonly random: () => number
  /** A watch on which nothing is heard for so long is begun anew. Bookmarks come about once a minute. */
  readonly silenceMs: number
  /** With the server that is asked. */
  readonly contact: Contact
}

/**
 * The state and then every change, as client-go's reflector does it (apiserver-conformance.md 3.6):
 *
 * 1. `#revision` is that of the last list, event or bookmark; a watch goes on behind it, without a list, when the
 *    server ends it, when the connection breaks and when nothing is heard for too long.
 * 2. It is undefined at the start and after 410 Gone or an answer that nobody foresaw: then the state is listed afresh,
 *    and what went missing meanwhile is given as deleted.
 * 3. After every failure there is a pause with chance in it. A refusal (403, 404) before the first state is thrown. A
 *    pause because the server could not be reached ends soon after it answers anybody again.
 *
 * `#known` has no more than the metadata of each object: what goes missing is told with that alone.
 */
export class ListWatch<T extends KubeObject> {
  readonly #source: ListWatchSource
  readonly #options: ListWatchOptions
  readonly #pauses: Pauses
  /** After being woken: longer each time that nothing came of it, so that a server in trouble has its peace. */
  readonly #wakings: Pauses
  readonly #known = new Map<string, Tombstone>()
  #revision: string | undefined
  #hasState = false

  constructor(source: ListWatchSource, options: ListWatchOptions) {
    this.#source = source
    this.#options = options
    this.#pauses = new Pauses(options.random)
    this.#wakings = new Pauses(options.random)
  }

  async *notices(signal: AbortSignal): AsyncGenerator<readonly WatchNotice<T>[]> {
    while (!signal.aborted) {
      let pauseMs = 0
      let isOutage = false
      try {
        if (this.#revision === undefined) yield* this.#list(signal)
        const isLively = yield* this.#watch(this.#revision ?? '', signal)
        if (isLively) this.#succeeded()
        else pauseMs = this.#pauses.next()
      } catch (error) {
        if (signal.aborted) return
        isOutage = isAway(error)
        pauseMs = this.#failed(error)
      }
      if (isOutage) await this.#outlive(pauseMs, signal)
      else if (pauseMs > 0) await this.#options.clock.sleep(pauseMs, signal).catch(() => undefined)
    }
  }

  #succeeded(): void {
    this.#pauses.succeeded()
    this.#wakings.succeeded()
  }

  async #outlive(pauseMs: number, signal: AbortSignal): Promise<void> {
    const { clock, contact } = this.#options
    const restored = contact.restored()
    await clock.sleep(pauseMs, AbortSignal.any([signal, restored.signal])).catch(() => undefined)
    restored.end()
    if (signal.aborted || !restored.signal.aborted) return
    this.#pauses.succeeded()
    await clock.sleep(this.#wakings.next(), signal).catch(() => undefined)
  }

  async *#list(signal: AbortSignal): AsyncGenerator<readonly WatchNotice<T>[]> {
    const seen = new Set<string>()
    const limit = String(pageLimit)
    let page = await this.#source.list({ limit }, signal)
    yield page.items.flatMap((item) => this.#set(item as T, seen))
    while (page.metadata.continue) {
      page = await this.#nextPage({ limit, continue: page.metadata.continue }, seen, signal)
      yield page.items.flatMap((item) => this.#set(item as T, seen))
    }
    const gone = [...this.#known].filter(([key]) => !seen.has(key))
    for (const [key] of gone) this.#known.delete(key)
    this.#hasState = true
    this.#revision = page.metadata.resourceVersion
    yield [...gone.map(([, tombstone]) => deleted<T>(tombstone)), { type: 'synced' }]
  }

  /** The rest of a list that took so long that it expired comes from another state: that is asked for in one piece. */
  async #nextPage(query: Query, seen: Set<string>, signal: AbortSignal): Promise<KubeList> {
    try {
      return await this.#source.list(query, signal)
    } catch (error) {
      if (!isExpired(error)) throw error
      seen.clear()
      return this.#source.list({}, signal)
    }
  }

  /** Answers whether the stream told anything or lived for a while: one that did neither must not be asked at once. */
  async *#watch(revision: string, signal: AbortSignal): AsyncGenerator<readonly WatchNotice<T>[], boolean> {
    const { clock, random, silenceMs } = this.#options
    const timeoutSeconds = String(Math.floor(watchSecondsMin * (1 + random())))
    const query = { watch: 'true', allowWatchBookmarks: 'true', resourceVersion: revision, timeoutSeconds }
    const startMs = clock.monotonic()
    const silence = new Silence(clock, silenceMs)
    let isTold = false
    try {
      const pieces = await this.#source.watch(query, AbortSignal.any([signal, silence.signal]))
      for await (const events of wireEvents(silence.heard(pieces))) {
        isTold = true
        const notices = events.flatMap((event) => this.#event(event))
        if (notices.length > 0) yield notices
      }
    } catch (error) {
      if (!silence.signal.aborted || signal.aborted) throw error
      this.#options.log.info('a watch fell silent and is begun anew')
    } finally {
      silence.end()
    }
    return isTold || clock.monotonic() - startMs >= shortWatchMs
  }

  #event({ type, object }: WireEvent): readonly WatchNotice<T>[] {
    if (type === 'ERROR') throw statusErrorIn(object, { code: 500, subject: 'watch' })
    const metadata = metadataOf(object)
    this.#revision = metadata.resourceVersion
    if (type === 'ADDED' || type === 'MODIFIED') return this.#set(object as unknown as T)
    if (type !== 'DELETED') return []
    this.#known.delete(keyOf(metadata))
    return [{ type: 'deleted', object: object as unknown as T }]
  }

  #set(object: T, seen?: Set<string>): readonly WatchNotice<T>[] {
    const { apiVersion, kind } = object
    const { name, namespace, uid, resourceVersion } = object.metadata
    const key = keyOf(object.metadata)
    const before = this.#known.get(key)
    seen?.add(key)
    if (seen !== undefined && before !== undefined && before.metadata.resourceVersion === resourceVersion) return []
    const metadata = present({ name, namespace, uid, resourceVersion })
    this.#known.set(key, { apiVersion, kind, metadata })
    const isReplaced = before !== undefined && before.metadata.uid !== uid
    return [...(isReplaced ? [deleted<T>(before)] : []), { type: 'set', object }]
  }

  /** Answers the pause. */
  #failed(error: unknown): number {
    const isRefusal = error instanceof StatusError && isFinal(error)
    if (isRefusal && !this.#hasState) throw error
    if (!mayGoOn(error)) this.#revision = undefined
    const code = error instanceof StatusError ? error.reason : codeOf(error)
    if (!isExpired(error)) this.#options.log.warn('a watch was interrupted', { code })
    return this.#pauses.next(error instanceof StatusError ? error.details?.retryAfterSeconds : undefined)
  }
}

interface Tombstone {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMeta
}

const pageLimit = 500
const watchSecondsMin = 300
const shortWatchMs = 1000
const tooManyCode = 429

function deleted<T extends KubeObject>(tombstone: Tombstone): WatchNotice<T> {
  return { type: 'deleted', object: tombstone as KubeObject as T }
}

/** Client-go's reflector drops events without; here they end the stream, since the place to go on from is lost. */
function metadataOf(object: JsonObject): ObjectMeta & { readonly resourceVersion: string } {
  const metadata = object['metadata'] as ObjectMeta | undefined
  const resourceVersion = metadata?.resourceVersion
  if (!resourceVersion) throw new ClusterError('cluster-answer', 'an event without a resourceVersion')
  return { ...metadata, resourceVersion }
}

function keyOf({ namespace = '', name = '' }: ObjectMeta): string {
  return `${namespace}/${name}`
}

function present(metadata: { readonly [Name in keyof ObjectMeta]: ObjectMeta[Name] | undefined }): ObjectMeta {
  return Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== undefined))
}

function isExpired(error: unknown): boolean {
  return error instanceof StatusError && (error.code === 410 || error.reason === 'Expired' || error.reason === 'Gone')
}

/** No answer, or one that says no more than that. */
function isAway(error: unknown): boolean {
  if (error instanceof StatusError) return error.code >= 500 && error.details?.retryAfterSeconds === undefined
  return error instanceof OutboundError
}

/** The revision is as good as it was. */
function mayGoOn(error: unknown): boolean {
  return error instanceof OutboundError || (error instanceof StatusError && error.code === tooManyCode)
}

/** Asking again would be answered alike until somebody changes something. */
function isFinal(error: StatusError): boolean {
  return error.code >= 400 && error.code < 500 && error.code !== tooManyCode && !isExpired(error)
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown'
}
