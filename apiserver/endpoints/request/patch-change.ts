import { isJsonObject } from '../../../machinery/json/member.ts'
import type { JsonObject, JsonValue, KubeObject } from '../../../machinery/object.ts'
import { PatchError } from '../../../machinery/patch/errors.ts'
import { applyJsonPatch } from '../../../machinery/patch/json-patch.ts'
import { applyMergePatch } from '../../../machinery/patch/merge-patch.ts'
import { applyStrategicMergePatch } from '../../../machinery/patch/strategic-merge-patch.ts'
import { badRequest, invalid, requestEntityTooLarge, unprocessable } from '../../../machinery/status-errors.ts'
import { yamlDuplicates } from '../../../machinery/yaml.ts'
import type { Change } from '../../registry/writes/update.ts'
import type { ResourceRequest } from '../resource-request.ts'
import { type Body, BodyError, jsonBody, yamlBody } from './body.ts'
import { reported } from './reported.ts'
import type { WriteOptions } from './write-options.ts'

/** Server-side apply: YAML or JSON. Members given twice are looked at after the apply, so that conflicts win. */
export function applyChange({ request }: ResourceRequest, { force, fieldValidation }: WriteOptions): Change {
  const isJson = request.body[0] === '{'.charCodeAt(0)
  const body = decodedPatch(() => (isJson ? jsonBody(request.body) : yamlBody(request.body)))
  if (!isJsonObject(body.value)) throw badRequest('error decoding patch: the configuration is not an object')
  const duplicates =
    isJson && body.duplicates.length > 0 ? yamlDuplicates(Buffer.from(request.body).toString()) : body.duplicates
  const checked = (): void => {
    if (duplicates.length === 0 || fieldValidation === 'Ignore') return
    const text = 'error converting YAML to JSON: yaml: unmarshal errors:'
    if (fieldValidation === 'Strict') {
      throw badRequest(`error strict decoding YAML: ${text}${duplicates.map((line) => `\n  ${line}`).join('')}`)
    }
    request.context.warn(`${text} ${duplicates.join(', ')}`)
  }
  return { type: 'apply', config: asConfig(body.value), force, checked }
}

/** The patches that change what is there. */
export function patchChange(resource: ResourceRequest, type: string, options: WriteOptions): Change {
  const { registry, request, version } = resource
  const body = decodedPatch(() => jsonBody(request.body))
  const isJsonPatch = type === 'application/json-patch+json'
  if (isJsonPatch !== Array.isArray(body.value) || (!isJsonPatch && !isJsonObject(body.value))) {
    throw badRequest(`error decoding patch: it is not ${isJsonPatch ? 'an array of operations' : 'an object'}`)
  }
  const findings = [...body.duplicates, ...(isJsonPatch ? unknownOperationMembers(body.value) : [])]
  return {
    type: 'patch',
    patch: (live) => {
      const patched = answering(() =>
        patchedValue(resource, { type, patch: body.value }, live as unknown as JsonObject),
      )
      const { object, unknown } = registry.receive(patched, version)
      report(resource, options, [...unknown.map((path) => `unknown field ${JSON.stringify(path)}`), ...findings])
      return object
    },
  }
}

function patchedValue(
  { registry }: ResourceRequest,
  { type, patch }: { type: string; patch: JsonValue },
  live: JsonObject,
): JsonValue {
  if (type === 'application/json-patch+json') return applyJsonPatch(live, patch)
  if (type === 'application/merge-patch+json') return applyMergePatch(live, patch)
  return applyStrategicMergePatch(live, patch, registry.kind.strategicMergeKeys ?? {})
}

function answering<T>(patch: () => T): T {
  try {
    return patch()
  } catch (error) {
    if (error instanceof PatchError) throw patchRefusal(error)
    throw error
  }
}

function patchRefusal(error: PatchError): Error {
  switch (error.code) {
    case 'not-a-patch':
      return badRequest(`error decoding patch: ${error.message}`)
    case 'failed':
      return unprocessable()
    case 'too-many-operations':
      return requestEntityTooLarge(error.message)
  }
}

/** kube-apiserver shows the whole patched object here; it may hold what is not for error messages. */
function report({ request }: ResourceRequest, { fieldValidation }: WriteOptions, all: readonly string[]): void {
  const findings = reported(all)
  if (findings.length === 0) return
  if (fieldValidation === 'Warn') for (const finding of findings) request.context.warn(finding)
  if (fieldValidation !== 'Strict') return
  const message = `Invalid value: "": strict decoding error: ${findings.join(', ')}`
  throw invalid({ group: '', kind: '' }, '', [{ type: 'FieldValueInvalid', field: 'patch', message }])
}

const operationMembers: ReadonlySet<string> = new Set(['op', 'path', 'from', 'value'])

function unknownOperationMembers(patch: JsonValue): readonly string[] {
  const operations = Array.isArray(patch) ? patch : []
  return operations.flatMap((operation: JsonValue, index) =>
    (isJsonObject(operation) ? Object.keys(operation) : [])
      .filter((member) => !operationMembers.has(member))
      .map((member) => `json patch unknown field ${JSON.stringify(`[${index}].${member}`)}`),
  )
}

function decodedPatch(decode: () => Body): Body {
  try {
    return decode()
  } catch (error) {
    if (error instanceof BodyError) throw badRequest(`error decoding patch: ${error.message}`)
    throw error
  }
}

/** An applied configuration says only what its owner cares about; ownership checks its type and metadata. */
function asConfig(value: JsonObject): KubeObject {
  const { apiVersion, kind, metadata } = value
  return { ...value, apiVersion: textOf(apiVersion), kind: textOf(kind), metadata: metadata ?? {} } as KubeObject
}

/** What is no text counts as nothing there (NestedString of k8s.io/apimachinery, unstructured). */
function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : ''
}
