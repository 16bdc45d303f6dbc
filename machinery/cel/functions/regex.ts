import { RE2JS } from 're2js'
import { patternLengthMax } from '../../schema/pattern.ts'
import { CelEvaluationError } from '../errors.ts'
import { listOf } from '../values/list.ts'
import { member, patternCost, plain } from './table.ts'
import type { FunctionTable } from './table.ts'
import type { List } from '../values/value.ts'

/** Patterns are RE2: to match is linear in the text, whatever the pattern. */
export const regex: FunctionTable = {
  matches: [
    member(['string', 'string', '->', 'bool'], (text, pattern) => compiled(pattern).test(text), patternCost),
    plain(['string', 'string', '->', 'bool'], (text, pattern) => compiled(pattern).test(text), patternCost),
  ],
  find: [member(['string', 'string', '->', 'string'], firstMatch, patternCost)],
  findAll: [
    member(['string', 'string', '->', 'list(string)'], (text, pattern) => allMatches(text, pattern, -1n), patternCost),
    member(['string', 'string', 'int', '->', 'list(string)'], allMatches, patternCost),
  ],
}

export const patternFunctions: ReadonlySet<string> = new Set(Object.keys(regex))

/** Bounded by what stands in declared rules: a pattern that is computed is compiled each time. */
const declared = new Map<string, RE2JS>()

/** Compiles a pattern that stands in a rule, once; false when RE2 does not take it. */
export function declarePattern(pattern: string): boolean {
  try {
    declared.set(pattern, compiled(pattern))
    return true
  } catch {
    return false
  }
}

function compiled(pattern: string): RE2JS {
  const known = declared.get(pattern)
  if (known !== undefined) return known
  if (pattern.length > patternLengthMax) throw new CelEvaluationError('the regular expression is too long')
  try {
    return RE2JS.compile(pattern)
  } catch {
    throw new CelEvaluationError('error parsing regexp')
  }
}

function firstMatch(text: string, pattern: string): string {
  const matcher = compiled(pattern).matcher(text)
  return matcher.find() ? (matcher.group() ?? '') : ''
}

function allMatches(text: string, pattern: string, countMax: bigint): List {
  const matcher = compiled(pattern).matcher(text)
  const matches: string[] = []
  while ((countMax < 0n || matches.length < countMax) && matcher.find()) matches.push(matcher.group() ?? '')
  return listOf(matches)
}
