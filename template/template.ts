import type { Clock } from '../base/clock.ts'
import { byteString, byteStringOf, bytesOf } from './byte-string.ts'
import { Budget, BudgetSpent, type TemplateLimits } from './exec/budget.ts'
import { Execution } from './exec/execution.ts'
import { Trouble } from './exec/trouble.ts'
import { allFunctions } from './functions/all-functions.ts'
import { type FunctionTable, heavyCost } from './functions/definition.ts'
import { nearestName } from './functions/nearest-name.ts'
import type { Delimiters } from './syntax/lexer.ts'
import type { TemplateSet } from './syntax/nodes.ts'
import { parseTemplate } from './syntax/parser.ts'
import { Dictionary, type Value } from './value.ts'

/**
 * The door of `template/`: Go's text/template with the functions of External Secrets Operator (LANGUAGE.md). A template
 * is pure: no I/O, no clock or randomness but those it is handed (new keys take the process's own randomness). What
 * a rendered text means, and where it goes, is not known here.
 */
export interface Template {
  readonly name: string
  /** Functions it may call that take long, in order; such a template wants a thread of its own. */
  readonly heavyFunctions: readonly string[]
  readonly set: TemplateSet
  readonly functions: FunctionTable
  readonly isPublic: boolean
}

export interface ParseOptions {
  /** What errors call it. It is said aloud: the key, or where the source stands, never the source. */
  readonly name: string
  readonly functions?: FunctionTable
  readonly delimiters?: Delimiters
  /** The source comes out of a Secret: not even the text of `fail` is said. */
  readonly isConfidential?: boolean
}

/** Throws a TemplateError, `syntax` or `unknown-function`, with line and column: what admission asks for. */
export function parse(source: string, options: ParseOptions): Template {
  const functions = options.functions ?? allFunctions
  const set = parseTemplate({
    source: byteString(source),
    name: options.name,
    delimiters: options.delimiters ?? { left: '{{', right: '}}' },
    isFunction: (name) => Object.hasOwn(functions, name),
    nearest: (name) => nearestName(name, Object.keys(functions)),
  })
  const heavyFunctions = [...set.called].filter((name) => (functions[name]?.cost ?? 0) >= heavyCost).sort()
  return { name: options.name, heavyFunctions, set, functions, isPublic: options.isConfidential !== true }
}

/** The values that dot begins with: keys and their bytes, nested where there is more than one sort. */
export type TemplateData = ReadonlyMap<string, Uint8Array | ReadonlyMap<string, Uint8Array>>

export interface ExecuteOptions {
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
  readonly random: (byteCount: number) => Uint8Array
  readonly limits?: Partial<TemplateLimits>
}

/** A Secret holds 1 MiB; no honest template comes near the other limits. */
const defaultLimits: TemplateLimits = {
  stepsMax: 500_000,
  outputBytesMax: 1 << 20,
  memoryBytesMax: 32 << 20,
  depthMax: 100,
  durationMsMax: 2_000,
}

/** Throws nothing but TemplateError. */
export function execute(template: Template, data: TemplateData, options: ExecuteOptions): Uint8Array {
  const { clock, random } = options
  const trouble = new Trouble(template.name)
  try {
    const budget = new Budget({ ...defaultLimits, ...options.limits }, clock)
    const { functions, isPublic } = template
    const execution = new Execution(template.set, { functions, isPublic, trouble, context: { budget, clock, random } })
    return bytesOf(execution.run(rootOf(data)))
  } catch (error) {
    if (error instanceof BudgetSpent) return trouble.overBudget(error.message)
    if (error instanceof RangeError) return trouble.overBudget('values or templates are nested too deep')
    throw error
  }
}

function rootOf(data: TemplateData): Value {
  const entries = [...data].map(([key, value]): [string, Value] => [
    byteString(key),
    value instanceof Uint8Array ? byteStringOf(value) : rootOf(value),
  ])
  const isNested = entries.some(([, value]) => typeof value !== 'string')
  return new Dictionary(entries, isNested ? 'map[string]string' : 'string')
}
