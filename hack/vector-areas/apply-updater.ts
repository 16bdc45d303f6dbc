import { ConflictsError, pathMessage } from '../../machinery/apply/conflicts.ts'
import { emptySet, leaves, pathsOf } from '../../machinery/apply/fields/field-set.ts'
import { decodeFields, encodeFields } from '../../machinery/apply/fields/fields-v1.ts'
import { extractItems } from '../../machinery/apply/typed/extract-items.ts'
import { merge } from '../../machinery/apply/typed/merge.ts'
import { typeErrors, typeErrorText } from '../../machinery/apply/typed/validate.ts'
import { ApplyError } from '../../machinery/apply/errors.ts'
import { type ConvertTyped, memoizedConvert, type TypedObject } from '../../machinery/apply/typed-object.ts'
import { typeOf } from '../../machinery/apply/types/object-type.ts'
import type { TypeSchema } from '../../machinery/apply/types/type-schema.ts'
import { applyConfig, updateManagers, type UpdaterConfig } from '../../machinery/apply/updater.ts'
import type { Managers } from '../../machinery/apply/versioned-set.ts'
import type { JsonObject } from '../../machinery/object.ts'
import { decodeYaml } from '../../machinery/yaml.ts'
import { schemaNamed } from './apply-typed.ts'
import { versionConversion } from './apply-versions.ts'
import type { VectorArea, VectorOutcome } from './area.ts'
import { caseList } from './case-list.ts'
import { errorText } from './error-text.ts'

/** Level 2 of server-side apply: objects and their managers through a row of writes. */
export const updaterAreas: readonly VectorArea[] = [
  {
    name: 'updaterCases',
    cases: (file) =>
      caseList<UpdaterCase>(file, 'updaterCases').map((one) => ({
        name: one.name,
        run: () => played(one, (schema) => schemaNamed(file, schema)),
      })),
  },
]

interface UpdaterCase {
  readonly name: string
  readonly schema: string
  readonly type: string
  readonly conversion: string
  readonly resetFields?: Readonly<Record<string, JsonObject>>
  readonly ops: readonly Operation[]
}

interface Operation {
  readonly op: 'apply' | 'forceApply' | 'update' | 'extractApply' | 'changeSchema'
  readonly manager?: string
  readonly apiVersion?: string
  readonly object?: unknown
  readonly objectYAML?: string
  readonly schema?: string
  readonly expect: JsonObject
}

interface State {
  readonly live: unknown
  readonly managers: Managers
  readonly apiVersion: string
}

function played(one: UpdaterCase, schemaOf: (name: string) => TypeSchema): VectorOutcome {
  const actual: unknown[] = []
  let schema = schemaOf(one.schema)
  let state: State = { live: null, managers: new Map(), apiVersion: one.ops[0]?.apiVersion ?? 'v1' }
  for (const op of one.ops) {
    if (op.schema !== undefined) schema = schemaOf(op.schema)
    const { next, problem } = attempted(() => performed(caseConfig(one, schema), one, { op, state, schema }), state)
    state = next
    actual.push({ ...problem, live: state.live ?? null, managers: managersJson(state.managers) })
  }
  return { expected: one.ops.map(({ expect }) => comparable(expect)), actual }
}

/** Parse errors are in `error` as well. */
function comparable({ parseError: _, error, ...expect }: JsonObject): unknown {
  return { ...expect, ...(typeof error === 'string' && { error: errorText(error) }) }
}

function attempted(run: () => State, before: State): { next: State; problem: object } {
  try {
    return { next: run(), problem: {} }
  } catch (error) {
    if (error instanceof ConflictsError) return { next: before, problem: { conflicts: conflictsJson(error) } }
    if (error instanceof ApplyError) return { next: before, problem: { error: errorText(error.message) } }
    throw error
  }
}

interface Step {
  readonly op: Operation
  readonly state: State
  readonly schema: TypeSchema
}

function performed(config: UpdaterConfig, one: UpdaterCase, { op, state, schema }: Step): State {
  const { manager: self = '', apiVersion = state.apiVersion } = op
  const typeIn = (version: string) => typeOf(schema, one.type === '<apiVersion>' ? version : one.type)
  const stored = { apiVersion: state.apiVersion, type: typeIn(state.apiVersion), value: state.live }
  if (op.op === 'changeSchema') {
    checked(stored, 'refused')
    return state
  }
  const live = config.convert(stored, apiVersion) ?? { ...stored, apiVersion, type: typeIn(apiVersion) }
  const object = op.objectYAML === undefined ? op.object : decodeYaml(op.objectYAML)
  const sent = { apiVersion, type: typeIn(apiVersion), value: object }
  const before = { live, managers: state.managers, self }
  if (op.op === 'update') {
    checked(sent, 'allowed')
    return { live: sent.value, apiVersion, managers: updateManagers(config, before, sent) }
  }
  checked(sent, 'refused')
  const own = op.op === 'extractApply' ? withExtracted(live, sent, state.managers.get(self)?.set ?? emptySet) : sent
  const { object: merged, managers } = applyConfig(config, before, { config: own, force: op.op !== 'apply' })
  return { live: (merged ?? live).value, apiVersion, managers }
}

function withExtracted(live: TypedObject, sent: TypedObject, set: typeof emptySet): TypedObject {
  const extracted = extractItems(live.type, live.value, leaves(set))
  return { ...sent, value: merge(sent.type, extracted ?? null, sent.value) }
}

function checked({ type, value }: TypedObject, duplicates: 'allowed' | 'refused'): void {
  const errors = typeErrors(type, value, duplicates)
  if (errors.length > 0) throw new ApplyError(typeErrorText(errors))
}

function caseConfig(one: UpdaterCase, schema: TypeSchema): UpdaterConfig {
  const convert: ConvertTyped = versionConversion(one.conversion, (apiVersion) =>
    typeOf(schema, one.type === '<apiVersion>' ? apiVersion : one.type),
  )
  return {
    convert: memoizedConvert(convert),
    ignored: (apiVersion) => decodeFields(one.resetFields?.[apiVersion]),
  }
}

function managersJson(managers: Managers): unknown {
  const entries = [...managers].map(([id, { apiVersion, isApplied, set }]) => {
    return [id, { apiVersion, applied: isApplied, fields: encodeFields(set) }] as const
  })
  return Object.fromEntries(entries)
}

function conflictsJson({ conflicts }: ConflictsError): unknown {
  const all = [...conflicts].flatMap(([manager, set]) => {
    return [...pathsOf(set)].map((path) => ({ manager, path: pathMessage(path) }))
  })
  return all.toSorted((a, b) => a.manager.localeCompare(b.manager) || (a.path < b.path ? -1 : 1))
}
