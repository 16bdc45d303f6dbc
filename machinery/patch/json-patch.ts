import type { JsonValue } from '../object.ts'
import { PatchError } from './errors.ts'

/** The document after the patch (RFC 6902, with the extensions and limits of kube-apiserver). */
export function applyJsonPatch(document: JsonValue, patch: JsonValue): JsonValue {
  if (!Array.isArray(patch)) throw new PatchError('not-a-patch', 'a JSON patch is an array of operations')
  return document
}
