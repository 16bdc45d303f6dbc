import type { JsonObject, JsonValue } from '../object.ts'
import { isJsonObject } from '../json/member.ts'
import { ProtobufDecodeError } from './errors.ts'
import { message, text } from './fields.ts'
import { decodeMessage, type Message } from './message.ts'

/** `k8s` and a zero: what tells this encoding from every other. */
const magic = Buffer.from('k8s\0')

const typeMeta: Message = { apiVersion: text(1), kind: text(2) }

/**
 * An object as Kubernetes clients send it: the magic bytes, then a runtime.Unknown that names the type and holds the
 * object's message. Throws ProtobufDecodeError.
 */
export function decodeEnvelope(object: Message, bytes: Uint8Array): JsonObject {
  if (!magic.equals(bytes.subarray(0, magic.length))) throw new ProtobufDecodeError('the first bytes are not k8s')
  const unknown: Message = { typeMeta: message(1, typeMeta), raw: message(2, object) }
  const decoded = decodeMessage(unknown, bytes.subarray(magic.length))
  return { ...membersOf(decoded['typeMeta']), ...membersOf(decoded['raw']) }
}

function membersOf(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {}
}
