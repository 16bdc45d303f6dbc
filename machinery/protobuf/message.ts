import type { JsonObject, JsonValue } from '../object.ts'
import { ProtobufDecodeError } from './errors.ts'
import { type Piece, readPieces } from './reader.ts'

/**
 * A message as the JSON object that stands for the same thing: its members, and how each is read. Declarations end, so
 * no input nests deeper than its declaration.
 */
export type Message = Readonly<Record<string, Field>>

export interface Field {
  readonly number: number
  /** Of all fields with this number, at least one. Undefined: the member is left out, as Go's omitempty does. */
  readonly read: (pieces: readonly Piece[]) => JsonValue | undefined
}

/** No object has as many; two bytes of input make a piece, which takes a hundred here. */
const piecesMax = 100_000

/** What the declaration does not name is passed over, as protocol buffers want it. Throws ProtobufDecodeError. */
export function decodeMessage(message: Message, bytes: Uint8Array): JsonObject {
  const found = new Map(Object.values(message).map(({ number }): [number, Piece[]] => [number, []]))
  let count = 0
  for (const piece of readPieces(bytes)) {
    if (++count > piecesMax) throw new ProtobufDecodeError(`more than ${piecesMax} fields in a message`)
    found.get(piece.number)?.push(piece)
  }
  const members = Object.entries(message).map(([name, { number, read }]) => {
    const pieces = found.get(number) ?? []
    return [name, pieces.length === 0 ? undefined : read(pieces)] as const
  })
  return Object.fromEntries(members.filter(([, value]) => value !== undefined))
}
