import { createHash } from 'node:crypto'
import type { Backend, Entry, Key, Revision } from '../backend.ts'
import { StorageError } from '../errors.ts'
import { readIdentity } from '../identity.ts'
import { members } from '../members.ts'

export interface Snapshot {
  readonly header: SnapshotHeader
  readonly entries: readonly Entry[]
}

export interface SnapshotHeader {
  /** Of the store that it was taken from. */
  readonly uid: string
  readonly epoch: number
  /** The one state that it shows. */
  readonly revision: number
  readonly count: number
}

// Layout: a line that says what it is, a line of JSON (format and header), `count` records, and the SHA-256 of all
// that. A record: length of the key (4), length of the value (4), revision (8), key, value. Numbers are big-endian.
const firstLine = Buffer.from('external-secrets-apiserver snapshot\n')
const format = 1
const headerBytesMax = 4096
const recordHeadBytes = 16
const digestBytes = 32
const newline = 10

/** The whole store at one revision, as a file, read as fast as it is taken. */
export async function* snapshotPieces(backend: Backend): AsyncGenerator<Uint8Array> {
  if (backend.pages === undefined) throw new StorageError('unavailable', 'this store shows no whole state')
  const { uid = '', epoch = 0 } = (await readIdentity(backend)) ?? {}
  const hash = createHash('sha256')
  let hasBegun = false
  for await (const { entries, revision, total: count } of backend.pages()) {
    const header = Buffer.from(`${JSON.stringify({ format, uid, epoch, revision, count })}\n`)
    const piece = Buffer.concat([...(hasBegun ? [] : [firstLine, header]), ...entries.flatMap(recordOf)])
    hasBegun = true
    hash.update(piece)
    yield piece
  }
  yield hash.digest()
}

/** Rejects what is altered or cut off as `corrupt`, and what a later version of this program wrote as `format`. */
export function parseSnapshot(file: Uint8Array): Snapshot {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength)
  if (!bytes.subarray(0, firstLine.length).equals(firstLine)) throw corrupt('it is no snapshot')
  const { header, end } = headerOf(bytes)
  const digestAt = bytes.length - digestBytes
  const digest = createHash('sha256')
    .update(bytes.subarray(0, Math.max(0, digestAt)))
    .digest()
  if (!digest.equals(bytes.subarray(digestAt))) throw corrupt('it was altered, or is not all there')
  const entries: Entry[] = []
  let at = end
  while (at < digestAt) {
    const { entry, next } = recordAt(bytes, at, digestAt)
    entries.push(entry)
    at = next
  }
  if (entries.length !== header.count) throw corrupt('it has another number of records than it says')
  return { header, entries }
}

function recordOf({ key, value, revision }: Entry): readonly Uint8Array[] {
  const keyBytes = Buffer.from(key)
  const head = Buffer.allocUnsafe(recordHeadBytes)
  head.writeUInt32BE(keyBytes.length, 0)
  head.writeUInt32BE(value.length, 4)
  head.writeBigUInt64BE(BigInt(revision), 8)
  return [head, keyBytes, value]
}

function recordAt(bytes: Buffer, at: number, limit: number): { readonly entry: Entry; readonly next: number } {
  if (at + recordHeadBytes > limit) throw corrupt('a record is cut off')
  const keyAt = at + recordHeadBytes
  const valueAt = keyAt + bytes.readUInt32BE(at)
  const next = valueAt + bytes.readUInt32BE(at + 4)
  if (next > limit) throw corrupt('a record is cut off')
  const key = bytes.toString('utf8', keyAt, valueAt) as Key
  const revision = Number(bytes.readBigUInt64BE(at + 8)) as Revision
  return { entry: { key, revision, value: bytes.subarray(valueAt, next) }, next }
}

function headerOf(bytes: Buffer): { readonly header: SnapshotHeader; readonly end: number } {
  const end = bytes.indexOf(newline, firstLine.length) + 1
  if (end === 0 || end - firstLine.length > headerBytesMax) throw corrupt('it is no snapshot')
  const said = parsed(bytes.toString('utf8', firstLine.length, end))
  if (said['format'] !== format) throw new StorageError('format', 'the snapshot is of another version of this program')
  const { uid, epoch, revision, count } = said
  if (typeof uid !== 'string' || !isCount(epoch) || !isCount(revision) || !isCount(count)) throw corrupt('its header')
  return { header: { uid, epoch, revision, count }, end }
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return members(JSON.parse(text))
  } catch {
    throw corrupt('its header')
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

function corrupt(why: string): StorageError {
  return new StorageError('corrupt', `the snapshot: ${why}`)
}
