import { ApplyError } from '../../../machinery/apply/errors.ts'
import { atomicPaths } from '../../../machinery/apply/typed/atomic-paths.ts'
import { merge } from '../../../machinery/apply/typed/merge.ts'
import { typeErrors, typeErrorText } from '../../../machinery/apply/typed/validate.ts'
import { type ObjectType, objectTypeOf } from '../../../machinery/apply/types/object-type.ts'
import { CelEvaluationError } from '../../../machinery/cel/errors.ts'
import { isSimple } from '../../../machinery/cel/type.ts'
import type { CelType } from '../../../machinery/cel/type.ts'
import { jsonOf } from '../../../machinery/cel/values/dynamic.ts'
import { isJsonObject } from '../../../machinery/json/member.ts'
import type { JsonValue, KubeObject } from '../../../machinery/object.ts'
import type { Schema } from '../../../machinery/schema/schema.ts'
import { PatchError } from '../../../machinery/patch/errors.ts'
import { applyJsonPatch } from '../../../machinery/patch/json-patch.ts'
import type { KindDeclaration } from '../../registry/kind.ts'
import { objectSchema } from '../../registry/object-schema.ts'
import type { Vocabulary } from '../expressions/environment.ts'
import type { Evaluation, Expression } from '../expressions/evaluation.ts'
import { expressionOf } from '../expressions/expression.ts'
import type { MutationSpec, PolicySpec } from './policy-configuration.ts'

export interface Mutation {
  readonly patchType: 'ApplyConfiguration' | 'JSONPatch' | 'unknown'
  readonly expression: Expression
}

/** What an expression asks for cannot be done; the text may be shown. */
export class MutationError extends Error {
  override readonly name = 'MutationError'
}

export function mutationsOf({ mutations = [] }: PolicySpec, vocabulary: Vocabulary): readonly Mutation[] {
  return mutations.map((spec) => mutationOf(spec, vocabulary))
}

function mutationOf({ patchType, applyConfiguration, jsonPatch }: MutationSpec, vocabulary: Vocabulary): Mutation {
  if (patchType === 'ApplyConfiguration') {
    const expression = expressionOf(applyConfiguration?.expression?.trim() ?? '', vocabulary, configuration)
    return { patchType, expression }
  }
  if (patchType === 'JSONPatch')
    return { patchType, expression: expressionOf(jsonPatch?.expression?.trim() ?? '', vocabulary, patches) }
  return { patchType: 'unknown', expression: { text: patchType, flaw: 'unsupported patchType' } }
}

const configuration = { fits: (type: CelType) => isSimple(type, 'Object'), named: 'Object' }
const patches = {
  fits: (type: CelType) => type.kind === 'list' && (type.item.kind === 'dyn' || isSimple(type.item, 'JSONPatch')),
  named: 'list(JSONPatch)',
}

interface Mutable {
  readonly object: KubeObject
  readonly kind: KindDeclaration
  readonly evaluation: Evaluation
}

/** Rejects with ExpressionError and MutationError. */
export async function mutatedBy(mutation: Mutation, { object, kind, evaluation }: Mutable): Promise<KubeObject> {
  const said = await saidBy(mutation.expression, evaluation)
  const mutated = mutation.patchType === 'JSONPatch' ? patched(object, said) : merged(kind, object, said)
  if (!isJsonObject(mutated) || !isJsonObject(mutated.metadata)) throw new MutationError('no object is left')
  return mutated as KubeObject
}

async function saidBy(expression: Expression, evaluation: Evaluation): Promise<JsonValue> {
  const value = await evaluation.value(expression)
  try {
    return jsonOf(value)
  } catch (error) {
    if (error instanceof CelEvaluationError) throw new MutationError(error.message)
    throw error
  }
}

function patched(object: KubeObject, patch: JsonValue): JsonValue {
  try {
    return applyJsonPatch(object as unknown as JsonValue, patch)
  } catch (error) {
    if (error instanceof PatchError) throw new MutationError(`JSON Patch: ${error.code}`)
    throw error
  }
}

/** Merged as server-side apply merges, without owning anything; what is one whole must not be set by halves. */
function merged(kind: KindDeclaration, object: KubeObject, config: JsonValue): unknown {
  const version = object.apiVersion.slice(object.apiVersion.indexOf('/') + 1)
  const schema = kind.versions[version]?.schema
  if (schema === undefined) throw new MutationError('the object has no schema')
  try {
    const type = typeFor(schema)
    const errors = typeErrors(type, config, 'refused')
    if (errors.length > 0)
      throw new MutationError(`failed to convert patch object to typed object: ${typeErrorText(errors)}`)
    const atomic = atomicPaths(type, config)
    if (atomic.length > 0) {
      const text = `may not mutate atomic arrays, maps or structs: ${atomic.join(', ')}`
      throw new MutationError(`invalid ApplyConfiguration: ${text}`)
    }
    return merge(type, object, config)
  } catch (error) {
    if (error instanceof ApplyError) throw new MutationError(error.message)
    throw error
  }
}

const types = new WeakMap<Schema, ObjectType>()

function typeFor(schema: Schema): ObjectType {
  const type = types.get(schema) ?? objectTypeOf(objectSchema(schema))
  types.set(schema, type)
  return type
}
