import { asBuffer } from '../../base/as-buffer.ts'
import type { JsonObject, KubeObject, ObjectMeta } from '../../machinery/object.ts'
import { withMembers } from '../../machinery/json/member.ts'
import { formatApiVersion } from '../../machinery/group-version.ts'
import type { KindDeclaration } from './kind.ts'
import type { Stored } from './stored.ts'

/** Between `Stored` and the bytes that storage keeps: storage's Codec<Stored>. */
export interface StoredCodec {
  encode(value: Stored): Uint8Array
  decode(bytes: Uint8Array): Stored
}

const newline = 10
const metadataStart = Buffer.from('"metadata":{')

/**
 * One line with the object and, where there is any, a second line with the hidden part. The object begins with
 * apiVersion, kind and metadata in this order: the version is seen and the resourceVersion put in without parsing.
 * A decoded value is its bytes until somebody looks at the object: an object takes twice that room beside them, what
 * is derived from it more, and most are only ever served.
 */
export function storedCodec(kind: KindDeclaration): StoredCodec {
  const recent = new RecentlyDecoded()
  // The bytes of a write come back to the watch cache as they are: whom they ring for need not parse them.
  const written = new WeakMap<Uint8Array, Stored>()
  const apiVersion = formatApiVersion({ group: kind.group, version: kind.storageVersion })
  const begin = Buffer.from(`{"apiVersion":${JSON.stringify(apiVersion)},`)
  return {
    encode: (value) => {
      const bytes = bytesOf(value)
      if (!(value instanceof StoredBytes)) written.set(bytes, value)
      return bytes
    },
    decode: (bytes) => {
      const own = asBuffer(bytes)
      const isCurrent = own.subarray(0, begin.length).equals(begin)
      if (!isCurrent) return new StoredBytes(encoded(inStorageVersion(kind, apiVersion, parsed(own))), recent)
      const value = written.get(own)
      written.delete(own)
      return new StoredBytes(own, recent, value)
    },
  }
}

/** The object's JSON with the resourceVersion in it and a newline at the end, to be written where there is room. */
export interface ServedForm {
  readonly size: number
  writeTo(target: Buffer, at: number): void
}

export function servedForm(value: Stored, resourceVersion: string): ServedForm {
  const stored = bytesOf(value)
  const end = stored.at(-1) === newline ? stored.length : stored.indexOf(newline) + 1
  const metadata = value instanceof StoredBytes ? value.metadataAt : metadataAt(stored)
  const version = `"resourceVersion":"${resourceVersion}",`
  return {
    size: end + version.length,
    writeTo(target, at) {
      stored.copy(target, at, 0, metadata)
      target.write(version, at + metadata, 'latin1')
      stored.copy(target, at + metadata + version.length, metadata, end)
    },
  }
}

/** How many bytes the object takes in storage. */
export function storedSize(value: Stored): number {
  return bytesOf(value).length
}

/** Members in the order that `servedForm` relies on, without what is not stored. */
export function canonical(object: KubeObject): KubeObject {
  const { apiVersion, kind, metadata, ...members } = object
  return { apiVersion, kind, metadata: canonicalMetadata(metadata), ...members }
}

function canonicalMetadata(metadata: ObjectMeta & { selfLink?: unknown }): ObjectMeta {
  const { name, namespace, resourceVersion: _, selfLink: __, managedFields, ...rest } = metadata
  return withMembers<ObjectMeta>({}, { name, namespace }, rest, { managedFields })
}

/** An object as storage holds it. Nobody writes to the bytes any more. */
class StoredBytes implements Stored {
  readonly bytes: Buffer
  /** Where the members of its metadata begin. */
  readonly metadataAt: number
  readonly #recent: RecentlyDecoded
  #decoded: Stored | undefined

  /** `decoded`: what the bytes were made from, where that is at hand. */
  constructor(bytes: Buffer, recent: RecentlyDecoded, decoded?: Stored) {
    this.bytes = bytes
    this.metadataAt = metadataAt(bytes)
    this.#recent = recent
    if (decoded !== undefined) this.#keep(decoded)
  }

  get object(): KubeObject {
    return this.#look().object
  }

  get hidden(): JsonObject | undefined {
    return this.#look().hidden
  }

  forget(): void {
    this.#decoded = undefined
  }

  #look(): Stored {
    return this.#decoded ?? this.#keep(parsed(this.bytes))
  }

  #keep(decoded: Stored): Stored {
    this.#decoded = decoded
    this.#recent.add(this)
    return decoded
  }
}

const recentCountMax = 128
const recentBytesMax = 1024 * 1024

/**
 * What was decoded in this turn of the event loop: whoever looks at an object does so many times, and so do the
 * watchers that a write rings for. Kept longer, it would outlive the young generation and cost what it should save.
 */
class RecentlyDecoded {
  readonly #values = new Set<StoredBytes>()
  #bytes = 0

  add(value: StoredBytes): void {
    if (this.#values.size === 0) setImmediate(() => this.#forgetUntil(0, 0))
    this.#values.add(value)
    this.#bytes += value.bytes.length
    this.#forgetUntil(recentCountMax, recentBytesMax)
  }

  #forgetUntil(countMax: number, bytesMax: number): void {
    for (const oldest of this.#values) {
      if (this.#values.size <= countMax && this.#bytes <= bytesMax) return
      this.#values.delete(oldest)
      this.#bytes -= oldest.bytes.length
      oldest.forget()
    }
  }
}

/** What is about to be written is measured before it is stored: it is encoded once. */
const encodedValues = new WeakMap<Stored, Buffer>()

function bytesOf(value: Stored): Buffer {
  if (value instanceof StoredBytes) return value.bytes
  const bytes = encodedValues.get(value) ?? encoded(value)
  encodedValues.set(value, bytes)
  return bytes
}

/** These bytes stay as long as the object does: a slice of Node's pool would keep its neighbours with it. */
function encoded({ object, hidden }: Stored): Buffer {
  const line = JSON.stringify(object)
  const rest = hidden === undefined ? '' : JSON.stringify(hidden)
  const lineBytes = Buffer.byteLength(line)
  const bytes = Buffer.allocUnsafeSlow(lineBytes + 1 + Buffer.byteLength(rest))
  bytes.write(line)
  bytes[lineBytes] = newline
  bytes.write(rest, lineBytes + 1)
  return bytes
}

function metadataAt(bytes: Buffer): number {
  return bytes.indexOf(metadataStart) + metadataStart.length
}

function parsed(bytes: Buffer): Stored {
  const end = bytes.indexOf(newline) + 1
  const object = JSON.parse(bytes.toString('utf8', 0, end)) as KubeObject
  return { object, ...(end < bytes.length && { hidden: JSON.parse(bytes.toString('utf8', end)) as JsonObject }) }
}

/** What an earlier release stored in another version. */
function inStorageVersion(kind: KindDeclaration, apiVersion: string, { object, hidden }: Stored): Stored {
  const version = object.apiVersion.slice(object.apiVersion.indexOf('/') + 1)
  const converted = kind.versions[version]?.conversion?.toStorage(object, undefined)
  const current = canonical({ ...(converted?.object ?? object), apiVersion })
  const kept = { ...hidden, ...(converted?.hidden && { [version]: converted.hidden }) }
  return { object: current, ...(Object.keys(kept).length > 0 && { hidden: kept }) }
}
