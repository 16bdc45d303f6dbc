import { createFieldManager, type FieldManager } from '../../machinery/apply/field-manager.ts'
import type { FieldWrite } from '../../machinery/apply/field-write.ts'
import { keepTimes } from '../../machinery/apply/keep-times.ts'
import { schemaFromOpenApi } from '../../machinery/apply/types/from-openapi.ts'
import { deducedType, type ObjectType, typeOf } from '../../machinery/apply/types/object-type.ts'
import { jsonEqual } from '../../machinery/json/equal.ts'
import { isJsonObject } from '../../machinery/json/member.ts'
import type { JsonObject, KubeObject } from '../../machinery/object.ts'
import { StatusError } from '../../machinery/status.ts'
import { statusOf } from '../../machinery/status-errors.ts'
import type { VectorArea, VectorOutcome } from './area.ts'
import { caseList } from './case-list.ts'
import { errorText } from './error-text.ts'

/** Level 3 of server-side apply: the whole field manager, managedFields in and out. */
export const managerAreas: readonly VectorArea[] = [
  {
    name: 'pipelineCases',
    cases: (file) =>
      caseList<PipelineCase>(file, 'pipelineCases').map((one) => ({
        name: one.name,
        run: () => played(one, componentsOf(file, one.openapi)),
      })),
  },
]

interface PipelineCase {
  readonly name: string
  readonly kind: string
  readonly openapi: string
  readonly deduced?: boolean
  readonly hub: string
  readonly knownVersions: readonly string[]
  readonly resetFields?: Readonly<Record<string, Readonly<Record<string, JsonObject>>>>
  readonly initialLive?: KubeObject
  readonly ops: readonly Operation[]
}

interface Operation {
  readonly verb: 'apply' | 'update' | 'updateNoErrors' | 'setKnownVersions' | 'delete'
  readonly manager?: string
  readonly apiVersion?: string
  readonly subresource?: string
  readonly force?: boolean
  readonly object: KubeObject
  readonly managedFields?: 'live'
  readonly advanceSeconds?: number
  readonly expect?: JsonObject
}

type Components = Readonly<Record<string, object>>

function componentsOf(file: JsonObject, name: string): Components {
  const all = file.pipelineOpenAPI
  const components = isJsonObject(all) ? all[name] : undefined
  return isJsonObject(components) ? (components as Components) : {}
}

function played(one: PipelineCase, components: Components): VectorOutcome {
  const play = new Play(one, components)
  const actual = one.ops.map((op) => ({ op, answer: play.step(op) }))
  const judged = actual.filter(({ op }) => op.expect !== undefined)
  return { expected: judged.map(({ op }) => comparable(op.expect ?? {})), actual: judged.map(({ answer }) => answer) }
}

function comparable(expect: JsonObject): unknown {
  const { error } = expect
  if (!isJsonObject(error)) return { ...expect, managedFields: expect.managedFields ?? null }
  return {
    error: { message: errorText(textOf(error.message)), ...(error.status !== undefined && { status: error.status }) },
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** One object from its first write on. */
class Play {
  readonly #case: PipelineCase
  readonly #components: Components
  #manager: FieldManager
  #live: KubeObject | undefined
  #nowMs = Date.UTC(2024, 0, 1)

  constructor(one: PipelineCase, components: Components) {
    this.#case = one
    this.#components = components
    this.#live = one.initialLive
    this.#manager = this.#managerOf(one.knownVersions)
  }

  step(op: Operation): unknown {
    this.#nowMs += (op.advanceSeconds ?? 60) * 1000
    if (op.verb === 'setKnownVersions') {
      const { versions } = op.object as unknown as { versions: readonly string[] }
      this.#manager = this.#managerOf(versions)
      return undefined
    }
    if (op.verb === 'delete') {
      this.#live = undefined
      return undefined
    }
    try {
      return this.#stored(this.#written(op))
    } catch (error) {
      return { error: errorJson(error) }
    }
  }

  #written(op: Operation): KubeObject {
    const { hub } = this.#case
    const write: FieldWrite = {
      manager: op.manager ?? '',
      apiVersion: op.apiVersion ?? hub,
      subresource: op.subresource ?? '',
      convert: renameReplicas,
    }
    const sent = op.managedFields === 'live' ? this.#withLiveFields(op.object) : op.object
    if (op.verb !== 'apply') return this.#manager.update(this.#live, inVersion(sent, hub), write)
    return inVersion(this.#manager.apply(this.#live, sent, { ...write, force: op.force === true }), hub)
  }

  #withLiveFields(object: KubeObject): KubeObject {
    const { managedFields } = this.#live?.metadata ?? {}
    return managedFields === undefined ? object : { ...object, metadata: { ...object.metadata, managedFields } }
  }

  /** What the store does around the field manager. */
  #stored(written: KubeObject): unknown {
    const live = this.#live
    const uid = live === undefined ? 'uid-1' : (written.metadata.uid ?? live.metadata.uid ?? '')
    const identified = { ...written, metadata: { ...written.metadata, uid } }
    const next = live === undefined ? identified : keepTimes(identified, live)
    const { managedFields = null, ...metadata } = next.metadata
    this.#live = next
    return { changed: !jsonEqual(next, live), managedFields, object: { ...next, metadata } }
  }

  #managerOf(versions: readonly string[]): FieldManager {
    const { kind, resetFields } = this.#case
    return createFieldManager({
      kind,
      types: new Map(versions.map((version) => [version, this.#typeIn(version)])),
      resetFields: (subresource, apiVersion) => resetFields?.[subresource]?.[apiVersion] ?? {},
      clock: { now: () => this.#nowMs, monotonic: () => this.#nowMs, sleep: async () => {} },
    })
  }

  #typeIn(apiVersion: string): ObjectType {
    if (this.#case.deduced === true) return deducedType
    const version = apiVersion.slice(apiVersion.indexOf('/') + 1)
    return typeOf(schemaFromOpenApi(this.#components), `${this.#case.kind}.${version}`)
  }
}

function errorJson(error: unknown): unknown {
  if (!(error instanceof StatusError)) throw error
  const message = errorText(error.message)
  if (error.code === 500 && error.reason === '') return { message }
  const { kind: _, apiVersion: __, ...status } = statusOf(error)
  return { message, status }
}

/** v1.spec.replicas is v1beta1.spec.count. */
function renameReplicas(object: KubeObject, apiVersion: string): KubeObject {
  const [from, to] = apiVersion.endsWith('/v1') ? ['count', 'replicas'] : ['replicas', 'count']
  if (!isJsonObject(object.spec) || object.apiVersion === apiVersion) return { ...object, apiVersion }
  const members = Object.entries(object.spec).map(([name, member]) => [name === from ? to : name, member] as const)
  return { ...object, apiVersion, spec: Object.fromEntries(members) }
}

function inVersion(object: KubeObject, apiVersion: string): KubeObject {
  return object.apiVersion === apiVersion ? object : renameReplicas(object, apiVersion)
}
