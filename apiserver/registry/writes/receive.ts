import { parseApiVersion } from '../../../machinery/group-version.ts'
import { isJsonObject } from '../../../machinery/json/member.ts'
import type { JsonObject, JsonValue, KubeObject, ObjectMeta } from '../../../machinery/object.ts'
import { withDefaults } from '../../../machinery/schema/default.ts'
import { prune } from '../../../machinery/schema/prune.ts'
import { validateSchema } from '../../../machinery/schema/validate.ts'
import { badRequest } from '../../../machinery/status-errors.ts'
import { objectMetaSchema } from '../object-schema.ts'
import type { RegistryParts } from '../registry-parts.ts'
import { withCompactMetadata } from './compact-metadata.ts'

export interface ReceivedObject {
  readonly object: KubeObject
  /** Paths of the fields that were dropped because the version does not have them. */
  readonly unknown: readonly string[]
}

/** All that decoding knows of a kind. */
export type ReceivingParts = Pick<RegistryParts, 'kind' | 'schemas' | 'conversion'>

/** What typed decoding does for built-in kinds: the right type, known fields only, defaults where they are stored. */
export function receiveObject(parts: ReceivingParts, body: JsonValue, version: string): ReceivedObject {
  const { kind } = parts
  if (!isJsonObject(body)) throw unrecognized(parts, 'the body is not an object')
  const typed = withType(parts, body, version)
  const schema = parts.schemas.get(version)
  const { value: known, unknown } = schema === undefined ? { value: typed, unknown: [] } : prune(schema, typed)
  checkMetadata(parts, known.metadata, version)
  const object = withCompactMetadata(known)
  const members = kind.versions[version]?.schema
  const isDefaulted = kind.defaults === 'stored' && members !== undefined
  const filled = isDefaulted ? withDefaults(members, object) : object
  return { object: kind.decode?.(filled) ?? filled, unknown }
}

/** 400: the body as a whole is not one of these objects. `why` is ours and quotes nothing. */
function unrecognized(parts: ReceivingParts, why: string): Error {
  return badRequest(`the object provided is unrecognized (must be of type ${parts.kind.names.kind}): ${why}`)
}

function withType(parts: ReceivingParts, body: JsonObject, version: string): KubeObject {
  const { apiVersion: sentVersion, kind: sentKind, metadata, ...members } = body
  const expected = parts.conversion.apiVersionOf(version)
  const kind = parts.kind.names.kind
  if (!isText(sentVersion) || !isText(sentKind)) throw unrecognized(parts, 'its apiVersion and kind are not text')
  const apiVersion = sentVersion || expected
  const name = sentKind || kind
  if (name !== kind) throw notHandled(parts, { kind: name, apiVersion }, 'the kinds differ')
  if (apiVersion !== expected) {
    const text = `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`
    throw badRequest(text)
  }
  return { apiVersion, kind, metadata: (metadata ?? {}) as ObjectMeta, ...members }
}

/** Metadata that no Go struct would take is refused whole, not as fields of an invalid object. */
function checkMetadata(parts: ReceivingParts, metadata: ObjectMeta, version: string): void {
  const errors = validateSchema(objectMetaSchema, metadata, 'metadata')
  const error = errors.find(({ type }) => type === 'FieldValueTypeInvalid')
  if (error === undefined) return
  const apiVersion = parts.conversion.apiVersionOf(version)
  const why = `json: cannot unmarshal the value of ${error.field} into Go struct field ObjectMeta.${error.field}`
  throw notHandled(parts, { kind: parts.kind.names.kind, apiVersion }, why)
}

function notHandled(parts: ReceivingParts, sent: { kind: string; apiVersion: string }, why: string): Error {
  const version = parseApiVersion(sent.apiVersion)?.version ?? sent.apiVersion
  const text = `${sent.kind} in version ${JSON.stringify(version)} cannot be handled as a ${parts.kind.names.kind}`
  return badRequest(`${text}: ${why}`)
}

/** Text, or nothing, for which the endpoint's own counts. */
function isText(value: JsonValue | undefined): value is string | null | undefined {
  return typeof value === 'string' || value === null || value === undefined
}
