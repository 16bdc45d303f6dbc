import type { JsonObject, KubeObject, ObjectMeta } from '../../machinery/object.ts'
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
 * apiVersion, kind and metadata in this order: `servedBytes` puts the resourceVersion in without parsing.
 */
export function storedCodec(kind: KindDeclaration): StoredCodec {
  return {
    encode: (value) => encoded(value),
    decode: (bytes) => inStorageVersion(kind, decoded(bytes)),
  }
}

/** Each object's JSON as stored, until it is served: nothing is encoded twice. */
const storedLines = new WeakMap<Stored, Buffer>()

/** The object's JSON with the resourceVersion in it and a newline at the end. */
export function servedBytes(value: Stored, resourceVersion: string): Buffer {
  const line = storedLines.get(value) ?? lineOf(value.object)
  storedLines.delete(value)
  const at = line.indexOf(metadataStart) + metadataStart.length
  const version = `"resourceVersion":"${resourceVersion}",`
  const bytes = Buffer.allocUnsafeSlow(line.length + version.length)
  line.copy(bytes, 0, 0, at)
  bytes.write(version, at)
  line.copy(bytes, at + version.length, at)
  return bytes
}

/** How many bytes the object takes in storage. */
export function storedSize(value: Stored): number {
  return encoded(value).length
}

/** Members in the order that `servedBytes` relies on, without what is not stored. */
export function canonical(object: KubeObject): KubeObject {
  const { apiVersion, kind, metadata, ...members } = object
  return { apiVersion, kind, metadata: canonicalMetadata(metadata), ...members }
}

function canonicalMetadata(metadata: ObjectMeta & { selfLink?: unknown }): ObjectMeta {
  const { name, namespace, resourceVersion: _, selfLink: __, managedFields, ...rest } = metadata
  return {
    ...(name !== undefined && { name }),
    ...(namespace !== undefined && { namespace }),
    ...rest,
    ...(managedFields !== undefined && { managedFields }),
  }
}

function encoded(value: Stored): Uint8Array {
  const line = storedLines.get(value) ?? lineOf(value.object)
  storedLines.set(value, line)
  return value.hidden === undefined ? line : Buffer.concat([line, Buffer.from(JSON.stringify(value.hidden))])
}

/** These bytes stay as long as the object does: a slice of Node's pool would keep its neighbours with it. */
function lineOf(object: KubeObject): Buffer {
  const text = `${JSON.stringify(object)}\n`
  const line = Buffer.allocUnsafeSlow(Buffer.byteLength(text))
  line.write(text)
  return line
}

/** Storage hands its bytes over and never writes to them again. */
function decoded(bytes: Uint8Array): Stored {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = whole.indexOf(newline) + 1
  const line = whole.subarray(0, end)
  const object = JSON.parse(line.toString()) as KubeObject
  const value = { object, ...(end < whole.length && { hidden: JSON.parse(whole.toString('utf8', end)) as JsonObject }) }
  storedLines.set(value, line)
  return value
}

/** What an earlier release stored in another version. */
function inStorageVersion(kind: KindDeclaration, stored: Stored): Stored {
  const storageApiVersion = formatApiVersion({ group: kind.group, version: kind.storageVersion })
  if (stored.object.apiVersion === storageApiVersion) return stored
  const version = stored.object.apiVersion.slice(stored.object.apiVersion.indexOf('/') + 1)
  const converted = kind.versions[version]?.conversion?.toStorage(stored.object, undefined)
  const object = canonical({ ...(converted?.object ?? stored.object), apiVersion: storageApiVersion })
  const hidden = { ...stored.hidden, ...(converted?.hidden && { [version]: converted.hidden }) }
  return { object, ...(Object.keys(hidden).length > 0 && { hidden }) }
}
