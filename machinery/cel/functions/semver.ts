import { CelEvaluationError } from '../errors.ts'
import { compareSemver, normalizedSemver, parseSemver, Semver } from '../opaque/semver.ts'
import type { Opaque } from '../values/value.ts'
import { member, plain, walkCost } from './table.ts'
import type { FunctionTable, Overload } from './table.ts'

const type = 'kubernetes.Semver'

export const semver: FunctionTable = {
  semver: [
    plain(['string', '->', type], (text) => parsed(text, false) ?? refuse(), walkCost(0)),
    plain(['string', 'bool', '->', type], (text, normalizes) => parsed(text, normalizes) ?? refuse(), walkCost(0)),
  ],
  isSemver: [
    plain(['string', '->', 'bool'], (text) => parsed(text, false) !== undefined, walkCost(0)),
    plain(['string', 'bool', '->', 'bool'], (text, normalizes) => parsed(text, normalizes) !== undefined, walkCost(0)),
  ],
  major: number(0),
  minor: number(1),
  patch: number(2),
  isGreaterThan: comparison('bool', (order) => order > 0),
  isLessThan: comparison('bool', (order) => order < 0),
  compareTo: comparison('int', BigInt),
}

function number(index: 0 | 1 | 2): readonly Overload[] {
  return [member([type, '->', 'int'], (value) => asSemver(value).numbers[index])]
}

function comparison(result: 'bool' | 'int', of: (order: number) => boolean | bigint): readonly Overload[] {
  return [member([type, type, '->', result], (left, right) => of(compareSemver(asSemver(left), asSemver(right))))]
}

function parsed(text: string, normalizes: boolean): Semver | undefined {
  return parseSemver(normalizes ? normalizedSemver(text) : text)
}

function asSemver(value: Opaque): Semver {
  if (value instanceof Semver) return value
  throw new CelEvaluationError('no such overload')
}

function refuse(): never {
  throw new CelEvaluationError('Semver parse error during conversion from string')
}
