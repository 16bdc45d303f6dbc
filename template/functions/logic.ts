import { isDeepEqual } from '../compare.ts'
import { isTrue, kindName, typeName } from '../value.ts'
import { FunctionFailure, type FunctionTable, takes } from './definition.ts'

/** Choices, types and giving up. What Go's templates take for false is what Sprig calls empty. */
export const logicFunctions: FunctionTable = {
  default: takes(['any', 'any...'], ([fallback, [given = null]]) => (isTrue(given) ? given : fallback)),
  empty: takes(['any'], ([value]) => !isTrue(value)),
  coalesce: takes(['any...'], ([values]) => values.find(isTrue) ?? null),
  all: takes(['any...'], ([values]) => values.every(isTrue)),
  any: takes(['any...'], ([values]) => values.some(isTrue)),
  ternary: takes(['any', 'any', 'bool'], ([yes, no, condition]) => (condition ? yes : no)),
  // Only what stands in the source is said: a computed text may hold a value.
  fail: takes(['string'], ([message], { isConstant }) => {
    throw new FunctionFailure(isConstant ? message : 'the template gave up')
  }),
  typeOf: takes(['any'], ([value]) => typeName(value)),
  typeIs: takes(['string', 'any'], ([name, value]) => name === typeName(value)),
  typeIsLike: takes(['string', 'any'], ([name, value]) => [name, `*${name}`].includes(typeName(value))),
  kindOf: takes(['any'], ([value]) => kindName(value)),
  kindIs: takes(['string', 'any'], ([name, value]) => name === kindName(value)),
  deepEqual: takes(['any', 'any'], ([a, b]) => isDeepEqual(a, b)),
}
