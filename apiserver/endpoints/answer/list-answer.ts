import { setImmediate } from 'node:timers/promises'
import type { JsonObject } from '../../../machinery/object.ts'
import type { ServedForm } from '../../registry/codec.ts'
import { metaApiVersion, partialMetadata } from '../../registry/forms/partial-metadata.ts'
import { textForm } from '../../registry/forms/representations.ts'
import type { ObjectPage } from '../../registry/reads/list.ts'
import type { StoredState } from '../../registry/stored.ts'
import { type ListForm, readableList } from './readable-list.ts'
import { definitionsOf, rowOf, type Shown } from './object-answer.ts'
import type { ApiResponse } from '../endpoint.ts'

/** Large enough that few writes are made, small enough that the event loop breathes between two (libraries.md, 3). */
const pieceBytes = 256 * 1024

/** A list in the form that was asked for, in pieces of encoded items. */
export async function listAnswer(shown: Shown, page: ObjectPage): Promise<ApiResponse> {
  const envelope = envelopeOf(shown, page)
  if (!shown.output.isCompact) return readableAnswer(shown, page, envelope)
  const pieces = piecesOf(page.items, envelope, itemFormer(shown))
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

async function readableAnswer(shown: Shown, page: ObjectPage, { head, itemsMember }: Envelope): Promise<ApiResponse> {
  const form = await readableList(shown.output.representation.mediaType, head, itemsMember)
  const pieces = readablePieces(form, page.items.length, (index) => itemOf(shown, page.items[index] as StoredState))
  return { type: 'stream', code: 200, contentType: form.contentType, pieces, flush: false }
}

async function* readablePieces(
  form: ListForm,
  count: number,
  itemAt: (index: number) => object,
): AsyncGenerator<Uint8Array> {
  let text = count === 0 ? form.empty : form.head
  for (let index = 0; index < count; index += 1) {
    text += form.item(itemAt(index), index === 0)
    if (text.length < pieceBytes) continue
    yield Buffer.from(text)
    await setImmediate()
    text = ''
  }
  yield Buffer.from(count === 0 ? text : text + form.tail)
}

function itemOf(shown: Shown, state: StoredState): object {
  const { as } = shown.output.representation
  if (as?.kind === 'Table') return rowOf(shown, as, state)
  const object = shown.registry.representations.object(state, shown.version)
  return as === undefined ? object : partialMetadata(object, as.version)
}

type Former = (state: StoredState) => ServedForm

/** Items of a plain list are what a GET answers. */
function itemFormer(shown: Shown): Former {
  if (!shown.output.isPlain) return (state) => textForm(`${JSON.stringify(itemOf(shown, state))}\n`)
  const { representations } = shown.registry
  return (state) => representations.form(state, shown.version)
}

async function* piecesOf(
  states: readonly StoredState[],
  { head, itemsMember }: Envelope,
  formOf: Former,
): AsyncGenerator<Uint8Array> {
  let lead = `${JSON.stringify(head).slice(0, -1)},"${itemsMember}":[`
  if (states.length === 0) yield Buffer.from(`${lead}${listEnd}`)
  let forms: ServedForm[] = []
  let size = 0
  for (const [index, state] of states.entries()) {
    const form = formOf(state)
    forms.push(form)
    size += form.size
    const isLast = index === states.length - 1
    if (size < pieceBytes && !isLast) continue
    yield pieceOf(lead, forms, isLast)
    await setImmediate()
    lead = ''
    forms = []
    size = 0
  }
}

const comma = 0x2c
const listEnd = ']}\n'

/** Items are written straight into the bytes that are sent; a comma takes the place of the newline behind each. */
function pieceOf(lead: string, forms: readonly ServedForm[], isLast: boolean): Buffer {
  const leadBytes = Buffer.byteLength(lead)
  const size = forms.reduce((sum, form) => sum + form.size, leadBytes)
  const piece = Buffer.allocUnsafeSlow(isLast ? size + listEnd.length - 1 : size)
  piece.write(lead)
  let at = leadBytes
  for (const form of forms) {
    form.writeTo(piece, at)
    at += form.size
    piece[at - 1] = comma
  }
  if (isLast) piece.write(listEnd, at - 1)
  return piece
}
