import { asBuffer } from '../../../base/as-buffer.ts'
import { crc32 } from 'node:zlib'
import type { Key, Revision } from '../../backend.ts'
import { StorageError } from '../../errors.ts'

/** One write as the log keeps it. `previous` is the record it replaces: its key's last one, 0 for the first. */
export type LogRecord =
  | {
      readonly type: 'put'
      readonly revision: Revision
      readonly key: Key
      readonly previous: Revision
      readonly value: Uint8Array
    }
  | { readonly type: 'remove'; readonly revision: Revision; readonly key: Key; readonly previous: Revision }

// Layout: version (1), type (1), key length (2), previous (8), checksum (4), key, value. Numbers are big-endian. The
// checksum covers the revision as well, so that a record under a foreign revision is found out.
const layoutVersion = 1
const typeCodes = { put: 1, remove: 2 } as const
const checksumAt = 12
const headerBytes = 16

/** The revision and what stands before the checksum: filled and summed at once, by one caller at a time. */
const covered = Buffer.alloc(8 + checksumAt)

export function encodeLogRecord(record: LogRecord): Uint8Array {
  const value = record.type === 'put' ? record.value : new Uint8Array(0)
  const keyBytes = Buffer.byteLength(record.key)
  const bytes = Buffer.allocUnsafe(headerBytes + keyBytes + value.length)
  bytes.writeUInt8(layoutVersion, 0)
  bytes.writeUInt8(typeCodes[record.type], 1)
  bytes.writeUInt16BE(keyBytes, 2)
  writeRevision(bytes, record.previous, 4)
  bytes.write(record.key, headerBytes, 'utf8')
  bytes.set(value, headerBytes + keyBytes)
  bytes.writeUInt32BE(checksum(record.revision, bytes), checksumAt)
  return bytes
}

/** Rejects with `corrupt` whatever `encodeLogRecord` did not write for this revision. The value shares the bytes. */
export function decodeLogRecord(revision: Revision, bytes: Uint8Array): LogRecord {
  const view = asBuffer(bytes)
  if (view.length < headerBytes || view.readUInt32BE(checksumAt) !== checksum(revision, view)) throw corrupt(revision)
  const valueAt = headerBytes + view.readUInt16BE(2)
  const key = view.toString('utf8', headerBytes, valueAt) as Key
  const previous = revisionIn(view, 4)
  if (view.readUInt8(0) !== layoutVersion) throw new StorageError('format', `log record ${revision}`)
  if (view.readUInt8(1) === typeCodes.remove) return { type: 'remove', revision, key, previous }
  return { type: 'put', revision, key, previous, value: view.subarray(valueAt) }
}

/** Eight bytes that sort as the revisions do. */
export function encodeRevision(revision: Revision): Buffer {
  const bytes = Buffer.allocUnsafe(8)
  writeRevision(bytes, revision, 0)
  return bytes
}

function writeRevision(bytes: Buffer, revision: Revision, offset: number): void {
  bytes.writeUInt32BE(Math.floor(revision / 2 ** 32), offset)
  bytes.writeUInt32BE(revision % 2 ** 32, offset + 4)
}

export function decodeRevision(bytes: Uint8Array): Revision {
  return revisionIn(asBuffer(bytes), 0)
}

/** Without a bigint: thousands are read at a start. Revisions are below 2^53. */
function revisionIn(bytes: Buffer, offset: number): Revision {
  return (bytes.readUInt32BE(offset) * 2 ** 32 + bytes.readUInt32BE(offset + 4)) as Revision
}

/** Of the revision, of what stands before the checksum, and of what stands behind it. */
function checksum(revision: Revision, bytes: Buffer): number {
  writeRevision(covered, revision, 0)
  bytes.copy(covered, 8, 0, checksumAt)
  return crc32(bytes.subarray(headerBytes), crc32(covered))
}

function corrupt(revision: Revision): StorageError {
  return new StorageError('corrupt', `log record ${revision}: its checksum does not match`)
}
