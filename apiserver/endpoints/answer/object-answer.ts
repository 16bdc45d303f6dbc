import type { JsonObject, JsonValue, KubeObject } from '../../../machinery/object.ts'
import type { Conversion } from '../../../machinery/media-type.ts'
import { columnDefinitions, columnsOf } from '../../registry/forms/table.ts'
import { metaApiVersion, partialMetadata } from '../../registry/forms/partial-metadata.ts'
import type { Registry } from '../../registry/registry.ts'
import type { StoredState } from '../../registry/stored.ts'
import type { ApiResponse } from '../endpoint.ts'
import type { Output } from '../request/output.ts'

/** The version that a request speaks and the form that it wants back. */
export interface Shown {
  readonly registry: Registry
  readonly version: string
  readonly output: Output
}

/** One object in the form that was asked for. */
export function objectAnswer(shown: Shown, state: StoredState, code: number): ApiResponse {
  const { registry, version, output } = shown
  if (output.isPlain) {
    return {
      type: 'bytes',
      code,
      contentType: 'application/json',
      body: registry.representations.bytes(state, version),
    }
  }
  const { as } = output.representation
  if (as?.kind === 'Table') return { type: 'object', code, object: tableOf(shown, as, [state]) }
  const object = registry.representations.object(state, version)
  return { type: 'object', code, object: as === undefined ? object : partialMetadata(object, as.version) }
}

function tableOf(shown: Shown, as: Conversion, states: readonly StoredState[]): KubeObject {
  const [state] = states
  const revision = state?.revision
  return {
    kind: 'Table',
    apiVersion: metaApiVersion(as.version),
    metadata: revision === undefined ? {} : { resourceVersion: String(revision) },
    columnDefinitions: definitionsOf(shown),
    rows: states.map((each) => rowOf(shown, as, each)),
  }
}

export function definitionsOf({ registry }: Shown): readonly JsonObject[] {
  return columnDefinitions(columnsOf(registry.kind))
}

export interface Row {
  readonly cells: readonly JsonValue[]
  readonly object: KubeObject | null
}

export function rowOf(shown: Shown, as: Conversion, state: StoredState): Row {
  const { registry } = shown
  return { cells: registry.row(state, registry.clock.now()), object: rowObject(shown, as, state) }
}

function rowObject({ registry, version, output }: Shown, as: Conversion, state: StoredState): KubeObject | null {
  if (output.include === 'None') return null
  const object = registry.representations.object(state, version)
  return output.include === 'Object' ? object : partialMetadata(object, as.version)
}
