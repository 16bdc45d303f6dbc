import { assert } from '../../base/assert.ts'
import { decodeJson, JsonDecodeError } from '../json/decode.ts'
import type { JsonValue } from '../object.ts'
import { formatTime } from '../time.ts'
import { ProtobufDecodeError } from './errors.ts'
import { decodeMessage, type Field, type Message } from './message.ts'
import { type Piece, readPieces } from './reader.ts'

/**
 * The fields that Kubernetes messages are made of. Go writes the zero of a plain member, which stands for nothing; a
 * pointer is written only when it is set, so that its zero counts: those are the optional ones.
 */

export function text(number: number): Field {
  return { number, read: (pieces) => lastText(pieces) || undefined }
}

export function optionalText(number: number): Field {
  return { number, read: lastText }
}

export function integer(number: number): Field {
  return { number, read: (pieces) => lastInteger(pieces) || undefined }
}

export function optionalInteger(number: number): Field {
  return { number, read: lastInteger }
}

export function optionalFlag(number: number): Field {
  return { number, read: (pieces) => numberOf(last(pieces)) !== 0 }
}

/** A message given in pieces is all of them together: joined bytes are merged messages. */
export function message(number: number, members: Message): Field {
  return { number, read: (pieces) => decodeMessage(members, joined(pieces)) }
}

export function texts(number: number): Field {
  return { number, read: (pieces) => pieces.map(textOf) }
}

export function messages(number: number, members: Message): Field {
  return { number, read: (pieces) => pieces.map((piece) => decodeMessage(members, bytesOf(piece))) }
}

export function textMap(number: number): Field {
  return mapOf(number, textOf)
}

/** Each value a message of its own, with the texts in it. */
export function textsMap(number: number): Field {
  const items = { items: texts(1) }
  return mapOf(number, (piece) => decodeMessage(items, bytesOf(piece))['items'] ?? [], [])
}

/** Bytes are base64 in JSON. */
export function bytesMap(number: number): Field {
  return mapOf(number, (piece) => bufferOf(piece).toString('base64'))
}

/** metav1.Time; an empty one is null in JSON. */
export function time(number: number): Field {
  return { number, read: (pieces) => timeOf(pieces, (seconds) => formatTime(seconds * 1000)) }
}

export function microTime(number: number): Field {
  return { number, read: (pieces) => timeOf(pieces, formatMicros) }
}

/** A message that holds JSON, metav1.FieldsV1. */
export function json(number: number): Field {
  const raw: Field = { number: 1, read: (pieces) => jsonOf(bytesOf(last(pieces))) }
  return { number, read: (pieces) => decodeMessage({ raw }, joined(pieces))['raw'] }
}

function mapOf(number: number, valueOf: (piece: Piece) => JsonValue, none: JsonValue = ''): Field {
  return { number, read: (pieces) => Object.fromEntries(pieces.map((piece) => entryOf(piece, valueOf, none))) }
}

/** There may be as many as the body has room for: they are read in place. */
function entryOf(entry: Piece, valueOf: (piece: Piece) => JsonValue, none: JsonValue): readonly [string, JsonValue] {
  let key = ''
  let value = none
  for (const piece of readPieces(bytesOf(entry))) {
    if (piece.number === 1) key = textOf(piece)
    if (piece.number === 2) value = valueOf(piece)
  }
  return [key, value]
}

const epochSeconds = { first: -62_135_596_800, last: 253_402_300_799 }

function timeOf(pieces: readonly Piece[], format: (seconds: number, nanos: number) => string): string | null {
  const bytes = joined(pieces)
  if (bytes.length === 0) return null
  const { seconds, nanos } = decodeMessage({ seconds: optionalInteger(1), nanos: optionalInteger(2) }, bytes)
  const [whole, part] = [Number(seconds ?? 0), Number(nanos ?? 0)]
  const isTime = whole >= epochSeconds.first && whole <= epochSeconds.last && part >= 0 && part < 1e9
  if (!isTime) throw new ProtobufDecodeError('a time before the first or after the last year')
  return format(whole, part)
}

function formatMicros(seconds: number, nanos: number): string {
  const micros = String(Math.floor(nanos / 1000)).padStart(6, '0')
  return `${formatTime(seconds * 1000).slice(0, -1)}.${micros}Z`
}

function jsonOf(bytes: Uint8Array): JsonValue {
  try {
    return decodeJson(bytes).value
  } catch (error) {
    if (error instanceof JsonDecodeError) throw new ProtobufDecodeError(error.message)
    throw error
  }
}

function lastText(pieces: readonly Piece[]): string {
  return textOf(last(pieces))
}

function lastInteger(pieces: readonly Piece[]): number {
  const value = numberOf(last(pieces))
  if (!Number.isSafeInteger(value)) throw new ProtobufDecodeError('a number too great to keep')
  return value
}

/** Of a field given twice, the last counts. */
function last(pieces: readonly Piece[]): Piece {
  const piece = pieces.at(-1)
  assert(piece !== undefined, 'a field is read when it is there')
  return piece
}

function joined(pieces: readonly Piece[]): Uint8Array {
  return pieces.length === 1 ? bytesOf(last(pieces)) : Buffer.concat(pieces.map(bytesOf))
}

function textOf(piece: Piece): string {
  return bufferOf(piece).toString()
}

/** The same bytes, with the methods that make texts of them. */
function bufferOf(piece: Piece): Buffer {
  const { buffer, byteOffset, byteLength } = bytesOf(piece)
  return Buffer.from(buffer, byteOffset, byteLength)
}

function bytesOf(piece: Piece): Uint8Array {
  if (piece.wire !== 'bytes') throw notOfType(piece)
  return piece.value
}

function numberOf(piece: Piece): number {
  if (piece.wire !== 'varint') throw notOfType(piece)
  return piece.value
}

function notOfType({ number }: Piece): Error {
  return new ProtobufDecodeError(`field ${number} has another wire type`)
}
