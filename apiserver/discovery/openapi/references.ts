import { isJsonObject } from '../../../machinery/json/member.ts'
import type { OpenapiForm } from '../../../machinery/schema/to-openapi.ts'

/**
 * Makes pointers of references by name. Version 3 ignores what stands beside a reference, so that a description needs
 * an `allOf` around it.
 */
export function withPointers(value: unknown, version: OpenapiForm['version']): unknown {
  if (Array.isArray(value)) return value.map((item) => withPointers(item, version))
  if (!isJsonObject(value)) return value
  const { $ref: name, ...others } = value
  const members = Object.entries(typeof name === 'string' ? others : value)
  const rest = Object.fromEntries(members.map(([member, part]) => [member, withPointers(part, version)]))
  if (typeof name !== 'string') return rest
  const reference = { $ref: pointer(name, version) }
  if (version === 'v2') return { ...rest, ...reference }
  return members.length === 0 ? reference : { ...rest, allOf: [reference] }
}

function pointer(name: string, version: OpenapiForm['version']): string {
  return version === 'v2' ? `#/definitions/${name}` : `#/components/schemas/${name}`
}
