import type { Test } from 'tap'
import { CelCompileError, CelEvaluationError } from './errors.ts'
import { Meter } from './meter.ts'
import { compileProgram } from './program.ts'
import { timestampText } from './values/timestamp.ts'
import type { Value } from './values/value.ts'

/**
 * Checks rows of `expression  => result`. A result is the value, `? text` when the evaluation fails, or `! text` when
 * the expression does not compile. What the rows say was seen on cel-go with the environment of Kubernetes 1.36; the
 * texts after `!` and `?` are ours where they differ in words.
 */
export function checkRows(t: Test, rows: string): void {
  for (const row of rows.split('\n').filter((line) => line.trim() !== '')) {
    const [, expression = '', expected = ''] = /^ *(.*?) {2}=> (.*)$/.exec(row) ?? []
    t.equal(outcomeOf(expression), expected, expression)
  }
}

function outcomeOf(expression: string): string {
  let evaluate: () => Value
  try {
    const program = compileProgram(expression, [])
    evaluate = () => program.evaluate([], new Meter(1_000_000))
  } catch (error) {
    return `! ${messageOf(error)}`
  }
  try {
    return shown(evaluate())
  } catch (error) {
    return `? ${messageOf(error)}`
  }
}

/** Errors of CEL only: others are mistakes of ours. */
function messageOf(error: unknown): string {
  if (error instanceof CelEvaluationError || error instanceof CelCompileError) return error.message
  throw error
}

function shown(value: Value): string {
  if (typeof value === 'number') return Number.isInteger(value) ? value.toFixed(1) : String(value)
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value !== 'object' || value === null) return String(value)
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`
  switch (value.typeName) {
    case 'uint':
      return `${value.value}u`
    case 'list':
      return `[${[...value].map(shown).join(', ')}]`
    case 'map':
      return `{${value
        .keys()
        .map((key) => `${shown(key)}: ${shown(value.find(key) ?? null)}`)
        .sort()
        .join(', ')}}`
    case 'google.protobuf.Timestamp':
      return timestampText(value)
    case 'google.protobuf.Duration':
      return `${value.nanoseconds}ns`
    case 'type':
      return value.name
    case 'optional_type':
      return value.value === undefined ? 'none' : `optional ${shown(value.value)}`
    default:
      return value.typeName
  }
}
