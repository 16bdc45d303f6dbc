import { isJsonObject } from '../../json/member.ts'
import { kindOf, memberType, type TypeReference } from '../types/type-node.ts'

/** Where `value` sets a list or map that is one whole: whoever merges it would replace what others put there. */
export function atomicPaths(type: TypeReference, value: unknown, path = ''): readonly string[] {
  const { node } = type
  if (node === undefined || value === undefined || value === null) return []
  const kind = kindOf(node, value)
  if (kind === 'list' && Array.isArray(value) && node.list !== undefined) {
    const { isAtomic, items } = { isAtomic: node.list.isAtomic, items: node.list.items }
    if (isAtomic) return [path]
    return value.flatMap((item: unknown, index) => atomicPaths(items, item, `${path}[${index}]`))
  }
  if (kind !== 'map' || !isJsonObject(value) || node.map === undefined) return []
  const { map } = node
  if (map.isAtomic) return [path]
  return Object.entries(value).flatMap(([name, member]) => {
    const of = memberType(map, name)
    return of === undefined ? [] : atomicPaths(of, member, `${path}.${name}`)
  })
}
