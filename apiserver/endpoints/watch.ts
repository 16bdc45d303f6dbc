import { onAbort } from '../../base/waiting/on-abort.ts'
import { refusalOf } from '../errors.ts'
import type { Selection } from '../registry/reads/selection.ts'
import type { WatchBatch } from '../registry/reads/watch.ts'
import { scopeOf } from '../request-info.ts'
import { Alarm } from './alarm.ts'
import type { Shown } from './answer/object-answer.ts'
import type { ApiRequest, ApiResponse } from './endpoint.ts'
import { outputOf } from './request/output.ts'
import { type WatchOptions, watchOptionsOf } from './request/list-options.ts'
import type { ResourceRequest } from './resource-request.ts'
import { watchFrames, watchSeriesOf } from './answer/watch-frames.ts'

const bookmarkPeriodMs = 60_000
/** The last bookmark comes this long before the stream's end, for the client to resume from. */
const farewellMs = 2_000

/** What can be refused is refused before the stream begins, but for revisions: those end it with an ERROR event. */
export async function watch(resource: ResourceRequest): Promise<ApiResponse> {
  const { request, registry, version, namespace, name } = resource
  const output = outputOf(request, 'watch')
  const options = watchOptionsOf(request.query)
  const selection = registry.select({
    ...options,
    ...(namespace !== undefined && { namespace }),
    ...(name !== '' && { name }),
  })
  const stream = { shown: { registry, version, output }, options, selection, request }
  const pieces = piecesOf(stream)
  return { type: 'stream', code: 200, contentType: 'application/json', pieces, flush: true }
}

interface Stream {
  readonly shown: Shown
  readonly options: WatchOptions
  readonly selection: Selection
  readonly request: ApiRequest
}

/** One generator for all of it: what goes through a second one costs a stream more than what is done with it. */
async function* piecesOf(stream: Stream): AsyncGenerator<Uint8Array> {
  const { shown, options, selection, request } = stream
  const frames = watchFrames(shown, selection.text)
  const ended = new AbortController()
  const forget = onAbort(request.context.signal, () => ended.abort())
  try {
    const alarms = alarmsOf(lifetimeOf(shown, options), options.allowsBookmarks)
    const alarm = new Alarm(shown.registry.clock, alarms, ended.signal)
    const batches = shown.registry.watch({ selection, start: options.start }, ended.signal)[Symbol.asyncIterator]()
    const following = (): Promise<IteratorResult<WatchBatch>> => batches.next()
    let progress = options.start.kind === 'after' ? options.start.revision : undefined
    let next = batches.next()
    for (;;) {
      const result = await alarm.race(next)
      if (result?.done) return
      if (result !== undefined) {
        const batch = result.value
        progress = batch.progress
        for (const piece of frames.pieces(batch)) yield piece
        if (batch.isInitial && options.marksInitialEnd) {
          yield frames.bookmark(progress, true)
          countList(stream)
        }
        next = shown.registry.pulse.beat().then(following)
      } else if (alarm.isOver) return
      else if (progress !== undefined) yield frames.bookmark(progress, false)
    }
  } catch (error) {
    if (!ended.signal.aborted) yield frames.error(refusalOf(error))
  } finally {
    forget()
    ended.abort()
  }
}

function countList({ shown, request: { info, context } }: Stream): void {
  const nowMs = shown.registry.clock.monotonic()
  watchSeriesOf(shown).listed(scopeOf(info), nowMs - (context.startMs ?? nowMs))
}

/** Spread, so that the streams of a restarted server do not all end together. */
function lifetimeOf({ registry }: Shown, { timeoutSeconds }: WatchOptions): number {
  if (timeoutSeconds !== undefined) return timeoutSeconds * 1000
  return registry.minRequestTimeoutMs * (1 + registry.random.number())
}

/** The waits between bookmarks, then before the farewell, then before the end. */
function* alarmsOf(lifetimeMs: number, allowsBookmarks: boolean): Generator<number> {
  let restMs = lifetimeMs
  if (allowsBookmarks) {
    for (; restMs > bookmarkPeriodMs + farewellMs; restMs -= bookmarkPeriodMs) yield bookmarkPeriodMs
    if (restMs > farewellMs) {
      yield restMs - farewellMs
      restMs = farewellMs
    }
  }
  yield restMs
}
