import { isUtf8 } from 'node:buffer'
import { byBytes } from '../../base/byte-order.ts'
import { encodeMembers, isJson } from '../../base/json/go-json.ts'
import { documentOf, type Found, members } from '../../base/json/json-scan.ts'
import { typedText } from '../../base/json/typed-text.ts'
import type { ExternalSecretSpec } from '../../kinds/external-secret/v1.ts'
import { SyncError } from '../errors.ts'

type Values = ReadonlyMap<string, Uint8Array>
type DataFromEntry = NonNullable<ExternalSecretSpec['dataFrom']>[number]
type Merge = NonNullable<NonNullable<DataFromEntry['rewrite']>[number]['merge']>
type Properties = ReadonlyMap<string, Found>

/** One map of the properties of all values, each of which must be a JSON object. Throws SyncError. */
export function mergeValues(values: Values, { into = '', strategy = 'Extract', ...merge }: Merge): Values {
  const merged = mergedProperties(values, merge)
  if (strategy === 'Extract') {
    return new Map([...merged].map(([name, found]) => [name, Buffer.from(typedText(found))]))
  }
  if (into === '') throw failure("missing 'into' field")
  const json = encodeMembers(merged, { escaping: 'plain', numbers: 'float' })
  return new Map([...values, [into, Buffer.from(json)]])
}

function mergedProperties(values: Values, { conflictPolicy, priority = [], priorityPolicy }: Merge): Properties {
  const merged = new Map<string, Found>()
  const conflicts: string[] = []
  for (const key of inOrder(values, { priority, isStrict: priorityPolicy !== 'IgnoreNotFound' })) {
    for (const [name, found] of propertiesOf(key, values.get(key) ?? new Uint8Array())) {
      if (merged.has(name)) conflicts.push(name)
      merged.set(name, found)
    }
  }
  if (conflictPolicy !== 'Ignore' && conflicts.length > 0) throw failure(`conflicts: ${conflicts.join(', ')}`)
  return merged
}

/** Later ones win: by bytes those without a priority, then the others as they are named. */
function inOrder(values: Values, { priority, isStrict }: { priority: readonly string[]; isStrict: boolean }): string[] {
  const missing = priority.find((key) => !values.has(key))
  if (missing !== undefined && isStrict) throw failure(`key "${missing}" not found in input map`)
  const others = [...values.keys()].filter((key) => !priority.includes(key)).sort(byBytes)
  return [...others, ...priority.filter((key) => values.has(key))]
}

function propertiesOf(key: string, value: Uint8Array): Properties {
  const json = Buffer.from(value).toString()
  const found = isUtf8(value) && isJson(json) ? documentOf(json) : undefined
  if (found?.kind === 'null') return new Map()
  if (!found?.raw.startsWith('{')) throw failure(`failed to unmarshal JSON: the value of key "${key}" is not an object`)
  const last = new Map([...members(json)].map((member) => [member.key, member.value]))
  return new Map([...last].sort(([left], [right]) => byBytes(left, right)))
}

function failure(text: string): SyncError {
  return new SyncError('invalid-value', `merge failed with ${text}`)
}
