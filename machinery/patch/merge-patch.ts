import type { JsonValue } from '../object.ts'

/** The document after the merge patch (RFC 7396). */
export function applyMergePatch(document: JsonValue, patch: JsonValue): JsonValue {
  return document ?? patch
}
