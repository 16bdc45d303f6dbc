import { type CallContext, type FunctionTable, isVariadic, parameterAt } from '../functions/definition.ts'
import type { ParameterType } from '../functions/definition.ts'
import { FunctionFailure } from '../functions/definition.ts'
import type { Command, Operand, Pipe } from '../syntax/nodes.ts'
import { isTrue, type Value } from '../value.ts'
import { argumentOf, type Conversion, literalArgument } from './arguments.ts'
import { BudgetSpent } from './budget.ts'
import { fieldOf } from './fields.ts'
import { operandText } from './operand-text.ts'
import type { Scope } from './scope.ts'
import type { Trouble } from './trouble.ts'

export interface Surroundings {
  readonly functions: FunctionTable
  readonly context: Omit<CallContext, 'isConstant'>
  /** Whether constants of the source may be quoted in errors. */
  readonly isPublic: boolean
  readonly trouble: Trouble
}

/** What came down a pipeline; nil is a value too. */
type Piped = { readonly value: Value } | undefined

/** Values of pipelines and operands, as Go's text/template evaluates them. */
export class Evaluation {
  readonly #surroundings: Surroundings

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings
  }

  pipe(pipe: Pipe, scope: Scope): Value {
    let piped: Piped
    for (const command of pipe.commands) piped = { value: this.#command(command, scope, piped) }
    const value = piped?.value ?? null
    for (const name of pipe.variables) {
      if (pipe.isAssignment) scope.assign(name, value)
      else scope.declare(name, value)
    }
    return value
  }

  #command(command: Command, scope: Scope, piped: Piped): Value {
    this.#surroundings.context.budget.spend(1)
    const [first, ...rest] = command.operands
    switch (first.kind) {
      case 'function':
        return this.#call(first, rest, { scope, piped })
      case 'field':
        return this.#path(first, { from: scope.dot, path: first.path }, this.#values(rest, scope, piped))
      case 'variable':
        if (first.path.length === 0) break
        return this.#path(first, { from: scope.get(first.name), path: first.path }, this.#values(rest, scope, piped))
      case 'chain': {
        const from = this.#operand(first.base, scope)
        return this.#path(first, { from, path: first.path }, this.#values(rest, scope, piped))
      }
      case 'nil':
        return this.#fail(first, 'nil is not a command')
      default:
    }
    if (rest.length > 0 || piped) return this.#fail(first, 'only functions and methods take arguments')
    return this.#operand(first, scope)
  }

  #operand(operand: Operand, scope: Scope): Value {
    switch (operand.kind) {
      case 'literal':
        return this.#argument(operand, 'any', scope) as Value
      case 'nil':
        return null
      case 'dot':
        return scope.dot
      case 'pipe':
        return this.pipe(operand.pipe, scope)
      case 'function':
        return this.#call(operand, [], { scope, piped: undefined })
      case 'field':
        return this.#path(operand, { from: scope.dot, path: operand.path }, [])
      case 'variable':
        return this.#path(operand, { from: scope.get(operand.name), path: operand.path }, [])
      case 'chain':
        return this.#path(operand, { from: this.#operand(operand.base, scope), path: operand.path }, [])
    }
  }

  #values(operands: readonly Operand[], scope: Scope, piped: Piped): Value[] {
    const values = operands.map((operand) => this.#operand(operand, scope))
    return piped ? [...values, piped.value] : values
  }

  /** Field after field; arguments go to the last one. */
  #path(operand: Operand, way: { from: Value; path: readonly string[] }, args: readonly Value[]): Value {
    let value = way.from
    for (const [index, name] of way.path.entries()) {
      const isLast = index === way.path.length - 1
      const result = this.#guarded(operand, name, () => fieldOf(value, name, isLast ? args : []))
      if ('refused' in result) return this.#fail(operand, result.refused)
      value = result.value
    }
    return value
  }

  #call(
    operand: Operand & { readonly kind: 'function' },
    operands: readonly Operand[],
    { scope, piped }: { readonly scope: Scope; readonly piped: Piped },
  ): Value {
    const { name } = operand
    const definition = this.#surroundings.functions[name]
    if (!definition) return this.#fail(operand, `there is no function ${name}`)
    const { parameters, cost } = definition
    const given = operands.length + (piped ? 1 : 0)
    const least = isVariadic(parameters) ? parameters.length - 1 : parameters.length
    if (given < least || (given > least && !isVariadic(parameters))) {
      const atLeast = isVariadic(parameters) ? 'at least ' : ''
      return this.#fail(operand, `wrong number of args for ${name}: want ${atLeast}${least} got ${given}`)
    }
    if (name === 'and' || name === 'or') return this.#shortCircuit(name, operands, { scope, piped })
    this.#surroundings.context.budget.spend(cost)
    const args: unknown[] = operands.map((one, index) =>
      this.#argument(one, parameterAt(parameters, index) ?? 'any', scope),
    )
    if (piped) {
      const type = parameterAt(parameters, operands.length) ?? 'any'
      args.push(this.#converted(operand, argumentOf(piped.value, type)))
    }
    const grouped = isVariadic(parameters) ? [...args.slice(0, least), args.slice(least)] : args
    for (const arg of args) if (typeof arg === 'string') this.#surroundings.context.budget.spend(arg.length >> 8)
    const isConstant = this.#surroundings.isPublic && !piped && operands.every(({ kind }) => kind === 'literal')
    const value = this.#guarded(operand, name, () =>
      definition.call(grouped, { ...this.#surroundings.context, isConstant }),
    )
    if (typeof value === 'string')
      this.#guarded(operand, name, () => this.#surroundings.context.budget.reserve(value.length))
    return value
  }

  /** Operands behind the one that decides are not evaluated. */
  #shortCircuit(
    name: 'and' | 'or',
    operands: readonly Operand[],
    { scope, piped }: { readonly scope: Scope; readonly piped: Piped },
  ): Value {
    let value: Value = null
    for (const operand of operands) {
      value = this.#operand(operand, scope)
      if (isTrue(value) === (name === 'or')) return value
    }
    return piped ? piped.value : value
  }

  #argument(operand: Operand, type: ParameterType, scope: Scope): unknown {
    if (operand.kind === 'literal') return this.#converted(operand, literalArgument(operand.value, type))
    return this.#converted(operand, argumentOf(this.#operand(operand, scope), type))
  }

  #converted(operand: Operand, conversion: Conversion): unknown {
    return 'refused' in conversion ? this.#fail(operand, conversion.refused) : conversion.argument
  }

  /** Runs what handles values: whatever it throws leaves here in our words. */
  #guarded<T>(operand: Operand, name: string, run: () => T): T {
    try {
      return run()
    } catch (error) {
      if (error instanceof BudgetSpent) throw error
      const reason = error instanceof FunctionFailure ? error.message : 'it cannot work with these arguments'
      return this.#surroundings.trouble.functionFailed(
        operand.at,
        `at <${operandText(operand)}>: error calling ${name}: ${reason}`,
      )
    }
  }

  #fail(operand: Operand, detail: string): never {
    return this.#surroundings.trouble.evaluation(operand.at, `at <${operandText(operand)}>: ${detail}`)
  }
}
