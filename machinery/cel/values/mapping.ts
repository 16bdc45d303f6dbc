import { CelEvaluationError } from '../errors.ts'
import { Uint } from './uint.ts'
import { Mapping } from './value.ts'
import type { Value } from './value.ts'

/** A map that an expression wrote. */
export function mappingOf(entries: Iterable<readonly [Value, Value]>): Mapping {
  const byText = new Map<string, readonly [Value, Value]>()
  for (const entry of entries) {
    const text = keyText(entry[0])
    if (text === undefined) throw new CelEvaluationError('unsupported key type')
    if (byText.has(text)) throw new CelEvaluationError('Failed with repeated key')
    byText.set(text, entry)
  }
  return new Mapping(
    () => [...byText.values()].map(([key]) => key),
    (key) => byText.get(keyText(key) ?? '')?.[1],
  )
}

/** The same for equal keys: numbers are equal across their types. */
function keyText(key: Value): string | undefined {
  if (typeof key === 'string') return `s${key}`
  if (typeof key === 'bigint') return `n${key}`
  if (typeof key === 'boolean') return `b${key}`
  if (typeof key === 'number') return Number.isInteger(key) ? `n${BigInt(key)}` : `d${key}`
  return key instanceof Uint ? `n${key.value}` : undefined
}
