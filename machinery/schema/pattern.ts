import { RE2JS } from 're2js'

/**
 * A test for a pattern in RE2 syntax, unanchored, in time linear in the text: schemas and CEL come from others, and the
 * RegExp of JavaScript backtracks. Throws on a pattern that RE2 does not take.
 */
export function patternTest(pattern: string): (text: string) => boolean {
  const known = tests.get(pattern)
  if (known !== undefined) return known
  const compiled = RE2JS.compile(pattern)
  // One class repeated means the same to both, and without a choice there is nothing to go back to.
  const native = repeatedClass.test(pattern) ? new RegExp(pattern) : undefined
  const test = (text: string): boolean => native?.test(text) ?? compiled.test(text)
  tests.set(pattern, test)
  return test
}

/** `^[-._a-zA-Z0-9]+$`: what most patterns are. RE2 in JavaScript takes several times as long for it. */
const repeatedClass = /^\^\[[-\w. ]+\][+*]\$$/

/** Whether RE2 takes the text as a pattern; for patterns that come in a request. */
export function isPattern(text: string): boolean {
  if (text.length > patternLengthMax) return false
  try {
    RE2JS.compile(text)
    return true
  } catch {
    return false
  }
}

/** To match is linear, but to compile a pattern of a million characters keeps the process busy for seconds. */
export const patternLengthMax = 4096

/** Bounded by the patterns that the declared schemas have: no pattern of a request comes here. */
const tests = new Map<string, (text: string) => boolean>()
