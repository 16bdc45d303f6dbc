import { ProgramCompiler } from './compile/compiler.ts'
import type { Scope } from './compile/scope.ts'
import type { Meter } from './meter.ts'
import { parse } from './syntax/parser.ts'
import type { CelType } from './type.ts'
import type { Value } from './values/value.ts'

/** An expression that is ready to be evaluated, any number of times. */
export interface Program {
  readonly type: CelType
  /** The variables that it uses. */
  readonly uses: ReadonlySet<string>
  /** Of the variables' values in the order of their declaration; undefined for one that has none. */
  evaluate(values: readonly (Value | undefined)[], meter: Meter): Value
}

export interface Variable {
  readonly name: string
  readonly type: CelType
}

/**
 * Checks a text against the Kubernetes environment of CEL 1.36, and compiles it to closures. Throws a CelCompileError
 * for what cannot work, whatever the values are.
 */
export function compileProgram(source: string, variables: readonly Variable[]): Program {
  const compiler = new ProgramCompiler(source)
  const scope = variables.reduce<Scope | undefined>(
    (parent, { name, type }, slot) => ({ name, type, slot, parent }),
    undefined,
  )
  const { type, run } = compiler.compile(parse(source), scope)
  return {
    type,
    uses: compiler.uses,
    evaluate: (values, meter) => run({ values: [...values], meter }),
  }
}
