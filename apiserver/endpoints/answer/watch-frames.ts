import type { KubeObject } from '../../../machinery/object.ts'
import type { StatusError } from '../../../machinery/status.ts'
import { statusOf } from '../../../machinery/status-errors.ts'
import type { Revision } from '../../../storage/storage.ts'
import { columnsOf } from '../../registry/forms/table.ts'
import { metaApiVersion, type MetaVersion, partialMetadata } from '../../registry/forms/partial-metadata.ts'
import type { WatchBatch, WatchEvent } from '../../registry/reads/watch.ts'
import { definitionsOf, rowOf, type Shown } from './object-answer.ts'

/** How the events of one stream are written: one JSON document to a line (section 2.6). */
export interface WatchFrames {
  /** Of the events from `from` up to `to`. */
  events(batch: WatchBatch, from: number, to: number): Uint8Array
  bookmark(revision: Revision, isInitialEnd: boolean): Uint8Array
}

/** Streams that show the same events in the same way share the bytes; tables do not, as ages differ. */
export function watchFrames(shown: Shown, selectionText: string): WatchFrames {
  const { as } = shown.output.representation
  if (as?.kind === 'Table') return tableFrames(shown, as.version)
  const key = JSON.stringify([shown.version, as?.version, selectionText])
  const encode = as === undefined ? plainEncoder(shown) : partialEncoder(shown, as.version)
  return {
    events: (batch, from, to) => shared(shown, batch, { key, from, to, encode }),
    bookmark: (revision, isInitialEnd) =>
      frame('BOOKMARK', bookmarkObject(shown, as?.version, { revision, isInitialEnd })),
  }
}

export function errorFrame(error: StatusError): Uint8Array {
  return frame('ERROR', statusOf(error))
}

type EventEncoder = (event: WatchEvent) => readonly Uint8Array[]

interface Slice {
  readonly key: string
  readonly from: number
  readonly to: number
  readonly encode: EventEncoder
}

/** Changes between two revisions are the same events to everyone who selects the same. */
function shared({ registry }: Shown, batch: WatchBatch, { key, from, to, encode }: Slice): Uint8Array {
  const events = batch.events.slice(from, to)
  const join = (): Uint8Array => Buffer.concat(events.flatMap(encode))
  if (batch.isInitial) return join()
  const [first, last] = [events[0]?.state.revision, events.at(-1)?.state.revision]
  return registry.representations.shared(`${first}-${last} ${key}`, join)
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

/** The columns come with the first event of a stream only. */
function tableFrames(shown: Shown, metaVersion: MetaVersion): WatchFrames {
  let columnDefinitions: unknown = definitionsOf(shown)
  const table = (revision: string, row: object): object => {
    const definitions = columnDefinitions
    columnDefinitions = null
    const metadata = { resourceVersion: revision }
    return {
      kind: 'Table',
      apiVersion: metaApiVersion(metaVersion),
      metadata,
      columnDefinitions: definitions,
      rows: [row],
    }
  }
  const eventFrame = ({ type, state }: WatchEvent): Uint8Array =>
    frame(type, table(String(state.revision), rowOf(shown, { kind: 'Table', version: metaVersion }, state)))
  return {
    events: (batch, from, to) => Buffer.concat(batch.events.slice(from, to).map(eventFrame)),
    bookmark: (revision, isInitialEnd) => {
      const cells = columnsOf(shown.registry.kind).map(() => null)
      const object = bookmarkObject(shown, metaVersion, { revision, isInitialEnd })
      return frame('BOOKMARK', table(String(revision), { cells, object }))
    },
  }
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
