import { ProviderError } from './errors.ts'
import { textOf } from '../base/json/found.ts'
import { findPath } from './json/path.ts'

/** How the property of a reference is looked up in JSON text (eso-behaviour.md 3.7). `undefined`: it is not there. */

/** As a gjson path only. */
export function propertyByPath(json: string, property: string): Uint8Array | undefined {
  if (property.length > lengthMax) {
    throw new ProviderError('invalid-ref', `the property is a path of more than ${lengthMax} characters`)
  }
  const found = findPath(json, property)
  return found === undefined ? undefined : Buffer.from(textOf(found))
}

/** Every part of a path reads the text once more. */
const lengthMax = 1024

/** A dotted property is tried as the literal name of a member before it is tried as a path. */
export function propertyByNameOrPath(json: string, property: string): Uint8Array | undefined {
  const literal = property.includes('.') ? propertyByPath(json, property.replaceAll('.', '\\.')) : undefined
  return literal ?? propertyByPath(json, property)
}
