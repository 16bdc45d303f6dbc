import type { JsonObject } from '../../object.ts'

/** Fields of one manager that an apply would change; as FieldsV1. */
interface Contested {
  /** `"m1" using example.com/v1` */
  readonly manager: string
  readonly fields: JsonObject
}

/** What a conflict says, read off FieldsV1 itself: nothing of it goes through the code that it is compared with. */
export function expectedConflict(contested: readonly Contested[]): { message: string; fields: readonly string[] } {
  const each = contested.map(({ manager, fields }) => ({ manager, paths: pathsIn(fields, '') }))
  const fields = each.flatMap(({ paths }) => paths)
  if (fields.length === 1) {
    return { message: `Apply failed with 1 conflict: conflict with ${each[0]?.manager}: ${fields[0]}`, fields }
  }
  const blocks = each.map(({ manager, paths }) => [`conflicts with ${manager}:`, ...paths.map((path) => `- ${path}`)])
  return { message: `Apply failed with ${fields.length} conflicts: ${blocks.flat().join('\n')}`, fields }
}

/** At each level what is owned itself, then what lies below. */
function pathsIn(fields: JsonObject, prefix: string): readonly string[] {
  const entries = Object.entries(fields).filter(([key]) => key !== '.') as [string, JsonObject][]
  const own = entries.filter(([, below]) => Object.keys(below).length === 0 || Object.hasOwn(below, '.'))
  return [
    ...own.map(([key]) => prefix + textOf(key)),
    ...entries.flatMap(([key, below]) => pathsIn(below, prefix + textOf(key))),
  ]
}

function textOf(key: string): string {
  const [sort, text] = [key.slice(0, 2), key.slice(2)]
  if (sort === 'f:') return `.${text}`
  if (sort === 'v:') return `[=${text}]`
  const members = Object.entries(JSON.parse(text) as JsonObject)
  return `[${members.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`
}
