import { CelEvaluationError } from '../errors.ts'
import { dottedName } from '../syntax/dotted-name.ts'
import type { Expression } from '../syntax/expression.ts'
import { compileError } from '../syntax/position.ts'
import { dyn, isSimple, simple, typeText } from '../type.ts'
import type { CelType } from '../type.ts'
import { typeNameOf } from '../values/value.ts'
import type { Value } from '../values/value.ts'
import { compileCall } from './call.ts'
import { compileList, compileMap } from './collection.ts'
import { compileComprehension } from './comprehension.ts'
import { compileConditional, compileLogic } from './logic.ts'
import { compileHas, compileSelect } from './member.ts'
import { compileMessage } from './message.ts'
import { qualifiedName } from './names.ts'
import { constant, found } from './scope.ts'
import type { Compiled, Compiler, Scope } from './scope.ts'

/** Checks expressions and turns them into closures, in one walk. */
export class ProgramCompiler implements Compiler {
  readonly uses = new Set<string>()
  takesMixed = false
  readonly #source: string

  constructor(source: string) {
    this.#source = source
  }

  compile(expression: Expression, scope: Scope | undefined): Compiled {
    switch (expression.kind) {
      case 'literal':
        return constant(simple(typeNameOf(expression.value)), expression.value)
      case 'name':
        return this.#name(expression.name, expression.at, scope)
      case 'select':
        return this.#qualified(expression, scope) ?? compileSelect(this, expression, scope)
      case 'has':
        return compileHas(this, expression, scope)
      case 'call':
        return compileCall(this, expression, scope)
      case 'list':
        return compileList(this, expression.items, scope)
      case 'map':
        return compileMap(this, expression.entries, scope)
      case 'message':
        return compileMessage(this, expression, scope)
      case 'and':
      case 'or':
        return compileLogic(this, expression, scope)
      case 'conditional':
        return compileConditional(this, expression, scope)
      case 'comprehension':
        return compileComprehension(this, expression, scope)
    }
  }

  compileOperand(expression: Expression, scope: Scope | undefined, name: string): Compiled {
    const { takesMixed } = this
    this.takesMixed = takesMixed || name === 'format'
    const compiled = this.compile(expression, scope)
    this.takesMixed = takesMixed
    return compiled
  }

  compileBool(expression: Expression, scope: Scope | undefined): Compiled {
    const compiled = this.compile(expression, scope)
    if (isSimple(compiled.type, 'bool') || compiled.type.kind === 'dyn') return compiled
    throw this.fail(expression.at, `expected type 'bool' but found '${typeText(compiled.type)}'`)
  }

  fail(at: number, text: string): Error {
    return compileError(this.#source, at, text)
  }

  #name(name: string, at: number, scope: Scope | undefined): Compiled {
    const variable = found(scope, name)
    if (variable === undefined) {
      const type = typeConstant(name)
      if (type === undefined) throw this.fail(at, `undeclared reference to '${name}' (in container '')`)
      return type
    }
    this.uses.add(name)
    const { slot, type } = variable
    return {
      type,
      run: ({ values, meter }) => {
        meter.charge(1)
        const value = values[slot]
        if (value === undefined) throw new CelEvaluationError(`no such attribute(s): ${name}`)
        return value
      },
    }
  }

  /** A variable may have a name with a point; `google.protobuf.Timestamp` is the name of a type. */
  #qualified(expression: Expression, scope: Scope | undefined): Compiled | undefined {
    const path = dottedName(expression)
    if (path !== undefined && found(scope, path) !== undefined) return this.#name(path, expression.at, scope)
    const name = qualifiedName(expression, scope)
    return name === undefined ? undefined : typeConstant(name)
  }
}

const typeNames: Readonly<Record<string, CelType>> = {
  ...Object.fromEntries(
    [
      'bool',
      'int',
      'uint',
      'double',
      'string',
      'bytes',
      'null_type',
      'google.protobuf.Timestamp',
      'google.protobuf.Duration',
      'kubernetes.URL',
      'kubernetes.Quantity',
      'kubernetes.Semver',
      'kubernetes.NamedFormat',
      'net.IP',
      'net.CIDR',
    ].map((name) => [name, simple(name)]),
  ),
  list: { kind: 'list', item: dyn },
  map: { kind: 'map', key: dyn, value: dyn },
  type: { kind: 'type', of: dyn },
  optional_type: { kind: 'optional', value: dyn },
}

function typeConstant(name: string): Compiled | undefined {
  if (!Object.hasOwn(typeNames, name)) return undefined
  const value: Value = { typeName: 'type', name }
  const of = typeNames[name]
  return of && constant({ kind: 'type', of }, value)
}
