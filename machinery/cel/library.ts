import { authorizer } from './admission/authorizer-functions.ts'
import { conversions } from './functions/conversions.ts'
import { format } from './functions/format.ts'
import { ip } from './functions/ip.ts'
import { jsonPointer } from './admission/json-pointer.ts'
import { lists } from './functions/lists.ts'
import { operators } from './functions/operators.ts'
import { optionals } from './functions/optionals.ts'
import { quantity } from './functions/quantity.ts'
import { regex } from './functions/regex.ts'
import { semver } from './functions/semver.ts'
import { sets } from './functions/sets.ts'
import { strings } from './functions/strings.ts'
import { time } from './functions/time.ts'
import { url } from './functions/url.ts'
import type { FunctionTable, Overload } from './functions/table.ts'

/** Every function by name; functions of one name may come from several libraries. */
export function library(): FunctionTable {
  return merged
}

const tables: readonly FunctionTable[] = [
  operators,
  conversions,
  strings,
  regex,
  lists,
  sets,
  optionals,
  time,
  url,
  quantity,
  ip,
  format,
  semver,
  authorizer,
  jsonPointer,
]

const merged = mergedTable()

function mergedTable(): FunctionTable {
  const byName = new Map<string, Overload[]>()
  for (const table of tables) {
    for (const [name, overloads] of Object.entries(table)) {
      byName.set(name, [...(byName.get(name) ?? []), ...overloads])
    }
  }
  return Object.fromEntries(byName)
}
