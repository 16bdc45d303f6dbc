import type { JsonObject, KubeObject } from '../object.ts'
import { isJsonObject } from '../json/member.ts'
import { ConflictsError } from './conflicts.ts'
import { difference, type FieldSet, isEmptySet, union } from './fields/field-set.ts'
import { compareTexts } from './fields/value-order.ts'
import { htmlSafe } from './fields/value-text.ts'
import { compare } from './typed/compare.ts'
import { toFieldSet } from './typed/to-field-set.ts'
import { typeErrors } from './typed/validate.ts'
import type { TypedObject } from './typed-object.ts'

const annotation = 'kubectl.kubernetes.io/last-applied-configuration'

/** As validation allows for all annotations of an object together. */
const annotationBytesMax = 262_144

/** The conflicts that remain when kubectl goes over to server-side apply: what it had applied itself is its own. */
export function withoutLastApplied({ conflicts }: ConflictsError, live: TypedObject): ConflictsError | undefined {
  const allowed = lastAppliedSet(live)
  const remaining = new Map<string, FieldSet>()
  for (const [id, set] of conflicts) {
    const rest = allowed === undefined ? set : difference(set, allowed)
    if (!isEmptySet(rest)) remaining.set(id, rest)
  }
  return remaining.size === 0 ? undefined : new ConflictsError(remaining)
}

/** The object with the annotation telling the configuration, if it has the annotation. */
export function withLastApplied(object: KubeObject, config: KubeObject): KubeObject {
  const { annotations = {} } = object.metadata
  if (lastAppliedText(object) === undefined) return object
  const text = `${goJson(withoutAnnotation(config))}\n`
  if (annotations[annotation] === text) return object
  const { [annotation]: _, ...others } = annotations
  const next = { ...others, [annotation]: text }
  const kept = bytesOf(next) > annotationBytesMax ? others : next
  return { ...object, metadata: { ...object.metadata, annotations: kept } }
}

/** What was applied last and is still so; undefined when that cannot be told. */
function lastAppliedSet({ type, apiVersion, value }: TypedObject): FieldSet | undefined {
  const last = parsed(lastAppliedText(value))
  if (last === undefined || last.apiVersion !== apiVersion) return undefined
  if (typeErrors(type, last, 'refused').length > 0 || typeErrors(type, value, 'refused').length > 0) return undefined
  const { added, modified, removed } = compare(type, last, value)
  return difference(toFieldSet(type, last), union(union(added, modified), removed))
}

function lastAppliedText(object: unknown): string | undefined {
  const metadata = isJsonObject(object) ? object.metadata : undefined
  const annotations = isJsonObject(metadata) ? metadata.annotations : undefined
  const text = isJsonObject(annotations) ? annotations[annotation] : undefined
  return typeof text === 'string' && text !== '' ? text : undefined
}

function parsed(text: string | undefined): JsonObject | undefined {
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isJsonObject(value) ? (value as JsonObject) : undefined
  } catch {
    return undefined
  }
}

function withoutAnnotation(config: KubeObject): KubeObject {
  const { annotations } = config.metadata
  if (annotations === undefined) return config
  const { [annotation]: _, ...others } = annotations
  return { ...config, metadata: { ...config.metadata, annotations: others } }
}

/** encoding/json: members sorted, HTML escaped. */
function goJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goJson).join(',')}]`
  if (!isJsonObject(value)) return htmlSafe(JSON.stringify(value))
  const names = Object.keys(value).filter((name) => value[name] !== undefined)
  const members = names.toSorted(compareTexts).map((name) => `${htmlSafe(JSON.stringify(name))}:${goJson(value[name])}`)
  return `{${members.join(',')}}`
}

function bytesOf(annotations: Readonly<Record<string, string>>): number {
  return Object.entries(annotations).reduce(
    (sum, [name, text]) => sum + Buffer.byteLength(name) + Buffer.byteLength(text),
    0,
  )
}
