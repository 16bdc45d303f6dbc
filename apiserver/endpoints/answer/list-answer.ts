import { setImmediate } from 'node:timers/promises'
import type { JsonObject } from '../../../machinery/object.ts'
import { metaApiVersion, partialMetadata } from '../../registry/forms/partial-metadata.ts'
import type { ObjectPage } from '../../registry/reads/list.ts'
import type { StoredState } from '../../registry/stored.ts'
import { definitionsOf, rowOf, type Shown } from './object-answer.ts'
import type { ApiResponse } from '../endpoint.ts'

/** Large enough that few writes are made, small enough that the event loop breathes between two (libraries.md, 3). */
const pieceBytes = 256 * 1024

/** A list in the form that was asked for, in pieces of encoded items. */
export function listAnswer(shown: Shown, page: ObjectPage): ApiResponse {
  const envelope = envelopeOf(shown, page)
  if (!shown.output.isCompact) return { type: 'object', code: 200, object: wholeList(shown, page, envelope) }
  const pieces = piecesOf(page.items, envelope, itemEncoder(shown))
  return { type: 'stream', code: 200, contentType: 'application/json', pieces, flush: false }
}

interface Envelope {
  readonly head: JsonObject
  readonly itemsMember: 'items' | 'rows'
}

function envelopeOf(shown: Shown, page: ObjectPage): Envelope {
  const metadata = {
    resourceVersion: String(page.revision),
    ...(page.continue !== undefined && { continue: page.continue }),
    ...(page.remaining !== undefined && { remainingItemCount: page.remaining }),
  }
  const { as } = shown.output.representation
  if (as === undefined)
    return { head: { kind: listKind(shown), apiVersion: listVersion(shown), metadata }, itemsMember: 'items' }
  const head = { kind: as.kind, apiVersion: metaApiVersion(as.version), metadata }
  if (as.kind !== 'Table') return { head, itemsMember: 'items' }
  return { head: { ...head, columnDefinitions: definitionsOf(shown) }, itemsMember: 'rows' }
}

function listKind({ registry }: Shown): string {
  return registry.kind.names.listKind ?? `${registry.kind.names.kind}List`
}

function listVersion({ registry, version }: Shown): string {
  return registry.kind.group === '' ? version : `${registry.kind.group}/${version}`
}

function wholeList(shown: Shown, page: ObjectPage, { head, itemsMember }: Envelope): JsonObject {
  return { ...head, [itemsMember]: page.items.map((item) => itemOf(shown, item) as JsonObject) }
}

function itemOf(shown: Shown, state: StoredState): object {
  const { as } = shown.output.representation
  if (as?.kind === 'Table') return rowOf(shown, as, state)
  const object = shown.registry.representations.object(state, shown.version)
  return as === undefined ? object : partialMetadata(object, as.version)
}

type Encoder = (state: StoredState) => Uint8Array

/** Items of a plain list are the bytes of a GET without the newline at their end. */
function itemEncoder(shown: Shown): Encoder {
  if (!shown.output.isPlain) return (state) => Buffer.from(JSON.stringify(itemOf(shown, state)))
  const { representations } = shown.registry
  return (state) => {
    const bytes = representations.bytes(state, shown.version)
    return bytes.subarray(0, bytes.length - 1)
  }
}

const comma = Buffer.from(',')

async function* piecesOf(
  states: readonly StoredState[],
  { head, itemsMember }: Envelope,
  encode: Encoder,
): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [Buffer.from(`${JSON.stringify(head).slice(0, -1)},"${itemsMember}":[`)]
  let size = 0
  let isFirst = true
  for (const state of states) {
    const bytes = encode(state)
    if (!isFirst) parts.push(comma)
    isFirst = false
    parts.push(bytes)
    size += bytes.length + 1
    if (size < pieceBytes) continue
    yield Buffer.concat(parts)
    await setImmediate()
    parts = []
    size = 0
  }
  parts.push(Buffer.from(']}\n'))
  yield Buffer.concat(parts)
}
