import type { KubeObject } from '../../../machinery/object.ts'
import type { StatusError } from '../../../machinery/status.ts'
import { statusOf } from '../../../machinery/status-errors.ts'
import type { Revision } from '../../../storage/storage.ts'
import { columnsOf } from '../../registry/forms/table.ts'
import { metaApiVersion, type MetaVersion, partialMetadata } from '../../registry/forms/partial-metadata.ts'
import type { SharedPiece } from '../../registry/forms/representations.ts'
import type { WatchBatch, WatchEvent } from '../../registry/reads/watch.ts'
import type { WatchSeries } from '../../registry/reads/watch-metrics.ts'
import { definitionsOf, rowOf, type Shown } from './object-answer.ts'

/** How the events of one stream are written: one JSON document to a line (section 2.6). */
export interface WatchFrames {
  /** The events of a batch, in pieces of a bounded size. */
  pieces(batch: WatchBatch): Iterable<Uint8Array>
  bookmark(revision: Revision, isInitialEnd: boolean): Uint8Array
  error(error: StatusError): Uint8Array
}

/** Streams that show the same events in the same way share the bytes. What is asked for is counted as sent. */
export function watchFrames(shown: Shown, selectionText: string): WatchFrames {
  const { as } = shown.output.representation
  if (as?.kind === 'Table') return tableFrames(shown, as.version, selectionText)
  const series = watchSeriesOf(shown)
  const key = JSON.stringify([shown.version, as?.version, selectionText])
  const encode = as === undefined ? plainEncoder(shown) : partialEncoder(shown, as.version)
  return {
    pieces: (batch) => piecesOf(shown, batch, { key: () => key, encode, series }),
    bookmark: (revision, isInitialEnd) =>
      counted(series, frame('BOOKMARK', bookmarkObject(shown, as?.version, { revision, isInitialEnd }))),
    error: (error) => errorFrame(series, error),
  }
}

export function watchSeriesOf({ registry: { kind, watchMetrics }, version }: Shown): WatchSeries {
  return watchMetrics.of({ group: kind.group, version, resource: kind.names.plural })
}

function errorFrame(series: WatchSeries, error: StatusError): Uint8Array {
  return counted(series, frame('ERROR', statusOf(error)))
}

function counted(series: WatchSeries, bytes: Uint8Array): Uint8Array {
  series.sent(series.tally([bytes.length]))
  return bytes
}

type EventEncoder = (event: WatchEvent) => readonly Uint8Array[]

interface Form {
  /** All that the bytes depend on beside the events. */
  readonly key: () => string
  readonly encode: EventEncoder
  readonly series: WatchSeries
}

/** What a reader that stops reading holds in memory is about one piece. */
const pieceBytesMin = 256 * 1024
const pieceEventsMax = 200

/** Changes between two revisions are the same events to everyone who selects the same, and so are their pieces. */
function* piecesOf({ registry }: Shown, batch: WatchBatch, form: Form): Generator<Uint8Array> {
  const { events, isInitial } = batch
  const span = `${events[0]?.state.revision}-${events.at(-1)?.state.revision}`
  for (let from = 0; from < events.length; ) {
    const join = (): SharedPiece => joined(events, from, form)
    const piece = isInitial ? join() : registry.representations.shared(`${span} ${from} ${form.key()}`, join)
    form.series.sent(piece.events)
    yield piece.bytes
    from += piece.events.count
  }
}

function joined(events: readonly WatchEvent[], from: number, { encode, series }: Form): SharedPiece {
  const parts: Uint8Array[] = []
  const sizes: number[] = []
  let size = 0
  for (let to = from; to < events.length && to - from < pieceEventsMax && size < pieceBytesMin; to += 1) {
    const before = size
    for (const part of events[to] === undefined ? [] : encode(events[to] as WatchEvent)) {
      parts.push(part)
      size += part.length
    }
    sizes.push(size - before)
  }
  return { bytes: Buffer.concat(parts, size), events: series.tally(sizes) }
}

const heads = {
  ADDED: Buffer.from('{"type":"ADDED","object":'),
  MODIFIED: Buffer.from('{"type":"MODIFIED","object":'),
  DELETED: Buffer.from('{"type":"DELETED","object":'),
}
const tail = Buffer.from('}\n')

function plainEncoder({ registry, version }: Shown): EventEncoder {
  return ({ type, state }) => {
    const bytes = registry.representations.bytes(state, version)
    return [heads[type], bytes.subarray(0, bytes.length - 1), tail]
  }
}

function partialEncoder({ registry, version }: Shown, metaVersion: MetaVersion): EventEncoder {
  return ({ type, state }) => [
    frame(type, partialMetadata(registry.representations.object(state, version), metaVersion)),
  ]
}

/** The columns come with the first event of a stream only; what follows it is the same for all within a second. */
function tableFrames(shown: Shown, metaVersion: MetaVersion, selectionText: string): WatchFrames {
  const { registry, version, output } = shown
  const series = watchSeriesOf(shown)
  const as = { kind: 'Table', version: metaVersion } as const
  let columnDefinitions: unknown = definitionsOf(shown)
  const takeDefinitions = (): unknown => {
    const taken = columnDefinitions
    columnDefinitions = null
    return taken
  }
  const eventFrame = ({ type, state }: WatchEvent, definitions: unknown): Uint8Array =>
    frame(type, tableOf(metaVersion, { revision: String(state.revision), definitions, row: rowOf(shown, as, state) }))
  const form: Form = {
    // Ages are whole seconds since times that are whole seconds.
    key: () =>
      JSON.stringify([
        'Table',
        version,
        metaVersion,
        output.include,
        selectionText,
        wholeSeconds(registry.clock.now()),
      ]),
    encode: (event) => [eventFrame(event, null)],
    series,
  }
  return {
    *pieces(batch) {
      const ownCount = columnDefinitions === null ? 0 : 1
      for (const first of batch.events.slice(0, ownCount)) yield counted(series, eventFrame(first, takeDefinitions()))
      yield* piecesOf(shown, { ...batch, events: batch.events.slice(ownCount) }, form)
    },
    bookmark: (revision, isInitialEnd) => {
      const cells = columnsOf(registry.kind).map(() => null)
      const object = bookmarkObject(shown, metaVersion, { revision, isInitialEnd })
      const row = { cells, object }
      const table = tableOf(metaVersion, { revision: String(revision), definitions: takeDefinitions(), row })
      return counted(series, frame('BOOKMARK', table))
    },
    error: (error) => errorFrame(series, error),
  }
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000)
}

interface TableParts {
  readonly revision: string
  readonly definitions: unknown
  readonly row: object
}

function tableOf(metaVersion: MetaVersion, { revision, definitions, row }: TableParts): object {
  const head = { kind: 'Table', apiVersion: metaApiVersion(metaVersion), metadata: { resourceVersion: revision } }
  return { ...head, columnDefinitions: definitions, rows: [row] }
}

/** An empty object of the watched kind; clients check that the kind is the one they watch. */
function bookmarkObject(
  { registry, version }: Shown,
  metaVersion: MetaVersion | undefined,
  { revision, isInitialEnd }: { revision: Revision; isInitialEnd: boolean },
): KubeObject {
  const { group, names } = registry.kind
  const metadata = {
    resourceVersion: String(revision),
    ...(isInitialEnd && { annotations: { 'k8s.io/initial-events-end': 'true' } }),
  }
  if (metaVersion !== undefined) return partialMetadata({ kind: '', apiVersion: '', metadata }, metaVersion)
  return { kind: names.kind, apiVersion: group === '' ? version : `${group}/${version}`, metadata }
}

function frame(type: string, object: object): Uint8Array {
  return Buffer.from(`${JSON.stringify({ type, object })}\n`)
}
