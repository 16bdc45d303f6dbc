import { isJsonObject, setMember } from '../json/member.ts'
import type { JsonValue } from '../object.ts'
import { PatchError } from './errors.ts'

/** The document after the merge patch (RFC 7396). A patch of an API object is an object; throws PatchError. */
export function applyMergePatch(document: JsonValue, patch: JsonValue): JsonValue {
  if (!isJsonObject(patch)) throw new PatchError('not-a-patch', 'a merge patch is an object')
  return merged(document, patch) as JsonValue
}

function merged(target: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return patch
  const result: Record<string, unknown> = isJsonObject(target) ? { ...target } : {}
  for (const name of Object.keys(patch)) {
    const change = patch[name]
    if (change === null || change === undefined) delete result[name]
    else setMember(result, name, merged(Object.hasOwn(result, name) ? result[name] : undefined, change))
  }
  return result
}
