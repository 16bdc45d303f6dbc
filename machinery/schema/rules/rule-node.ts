import { CelCompileError } from '../../cel/errors.ts'
import { declaredType } from '../../cel/declaration.ts'
import { compileProgram } from '../../cel/program.ts'
import type { Program } from '../../cel/program.ts'
import { isSimple } from '../../cel/type.ts'
import type { CelType } from '../../cel/type.ts'
import { readerOf } from '../../cel/values/json-value.ts'
import type { Reader } from '../../cel/values/json-value.ts'
import type { Schema, ValidationRule } from '../schema.ts'
import { ruleFieldPath } from './field-path.ts'

/** A rule that can never be evaluated: a mistake of whoever declared the schema. */
class RuleError extends Error {
  override readonly name = 'RuleError'
}

/** The rules of a schema and of its parts; there is a node only where there are some. */
export interface RuleNode {
  readonly schema: Schema
  readonly read: Reader
  readonly rules: readonly CompiledRule[]
  readonly properties: ReadonlyMap<string, RuleNode>
  readonly additionalProperties: RuleNode | undefined
  readonly items: RuleNode | undefined
}

export interface CompiledRule {
  readonly declared: ValidationRule
  readonly program: Program
  readonly usesOldSelf: boolean
  readonly message: Program | undefined
  /** Below the value that the rule judges; empty for the value itself. */
  readonly fieldPath: string
}

/**
 * Compiles the rules of a schema, once; undefined when it has none. Throws a RuleError for a rule that cannot work, so
 * that a registry that calls it when it is made fails the start. `isResource`: the schema of a whole object, whose
 * rules also know apiVersion, kind and metadata.name.
 */
export function compiledRules(schema: Schema, isResource: boolean): RuleNode | undefined {
  const known = isResource ? compiled.ofResources : compiled.ofValues
  if (!known.has(schema)) known.set(schema, nodeOf(schema, isResource, isResource ? '' : 'self'))
  return known.get(schema)
}

const compiled = {
  ofResources: new WeakMap<Schema, RuleNode | undefined>(),
  ofValues: new WeakMap<Schema, RuleNode | undefined>(),
}

function nodeOf(schema: Schema, isResource: boolean, path: string): RuleNode | undefined {
  const properties = new Map<string, RuleNode>()
  for (const [name, part] of Object.entries(schema.properties ?? {})) {
    const node = partOf(part, path === '' ? name : `${path}.${name}`)
    if (node !== undefined) properties.set(name, node)
  }
  const additionalProperties = schema.additionalProperties && partOf(schema.additionalProperties, `${path}[*]`)
  const items = schema.items && partOf(schema.items, `${path}[*]`)
  const rules = rulesOf(schema, isResource, path)
  if (rules.length + properties.size === 0 && additionalProperties === undefined && items === undefined)
    return undefined
  return { schema, read: readerOf(schema, isResource), rules, properties, additionalProperties, items }
}

function partOf(schema: Schema, path: string): RuleNode | undefined {
  return nodeOf(schema, schema['x-kubernetes-embedded-resource'] === true, path)
}

function rulesOf(schema: Schema, isResource: boolean, path: string): readonly CompiledRule[] {
  const declared = (schema['x-kubernetes-validations'] ?? []).filter(({ rule }) => rule.trim() !== '')
  if (declared.length === 0) return []
  const type = declaredType(schema, isResource)
  if (type === undefined) throw new RuleError(`${path}: a value of an unknown type cannot have rules`)
  return declared.map((rule) => {
    const fail = (text: string): RuleError => new RuleError(`${path}: rule ${JSON.stringify(rule.rule)}: ${text}`)
    return compiledRule(rule, { schema, type, fail })
  })
}

interface Judged {
  readonly schema: Schema
  readonly type: CelType
  readonly fail: (text: string) => RuleError
}

function compiledRule(declared: ValidationRule, { schema, type, fail }: Judged): CompiledRule {
  const oldType: CelType = declared.optionalOldSelf === true ? { kind: 'optional', value: type } : type
  const compile = (text: string): Program => compiledText(text, { type, oldType, fail })
  const program = compile(declared.rule)
  if (!isSimple(program.type, 'bool')) throw fail('cel expression must evaluate to a bool')
  const message = declared.messageExpression === undefined ? undefined : compile(declared.messageExpression)
  if (message !== undefined && !isSimple(message.type, 'string'))
    throw fail('messageExpression must evaluate to a string')
  const fieldPath = ruleFieldPath(declared.fieldPath ?? '', schema)
  if (fieldPath === undefined) throw fail('fieldPath does not refer to a valid field')
  return { declared, program, usesOldSelf: program.uses.has('oldSelf'), message, fieldPath }
}

function compiledText(
  text: string,
  { type, oldType, fail }: { readonly type: CelType; readonly oldType: CelType; readonly fail: Judged['fail'] },
): Program {
  try {
    return compileProgram(text, [
      { name: 'self', type },
      { name: 'oldSelf', type: oldType },
    ])
  } catch (error) {
    throw error instanceof CelCompileError ? fail(error.message) : error
  }
}
