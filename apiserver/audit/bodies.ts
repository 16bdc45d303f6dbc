import { isJsonObject } from '../../machinery/json/member.ts'
import type { JsonValue } from '../../machinery/object.ts'
import { decodeYaml, YamlDecodeError } from '../../machinery/yaml.ts'

/** More of one body would be more audit than API. */
const bodyBytesMax = 256 * 1024

/** A body as an event holds it; undefined where it is none, too large, or nothing that an object could be. */
export function bodyOf(body: Uint8Array, contentType = 'application/json'): JsonValue | undefined {
  if (body.length === 0 || body.length > bodyBytesMax) return undefined
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString()
  try {
    if (/[/+]json\b/.test(contentType)) return JSON.parse(text) as JsonValue
    return /[/+]yaml\b/.test(contentType) ? decodeYaml(text) : undefined
  } catch (error) {
    // The endpoint says to the client what is wrong with it.
    if (error instanceof SyntaxError || error instanceof YamlDecodeError) return undefined
    throw error
  }
}

/** The name of the object in the body of a create, whose path has none. */
export function nameIn(body: Uint8Array, contentType: string | undefined): string {
  const object = bodyOf(body, contentType)
  const metadata = isJsonObject(object) ? object['metadata'] : undefined
  const name = isJsonObject(metadata) ? metadata['name'] : undefined
  return typeof name === 'string' ? name : ''
}
