import type { JsonObject } from '../../../machinery/object.ts'
import { operationTag } from './definition-names.ts'
import type { ApiGroup, ApiVersion } from '../groups.ts'
import { versionDefinitions } from './kind-definitions.ts'
import { metaDefinitions } from './meta-definitions.ts'
import type { Operation } from './operations.ts'
import { answerTexts, operationsByPath } from './operations.ts'
import type { Parameter } from './parameters.ts'
import { pathParameterTexts, pretty } from './parameters.ts'
import { withPointers } from './references.ts'

/** Everything in one document; kube-apiserver merges it into its own, so that it must be valid without exception. */
export function openapiV2Document(
  groups: readonly ApiGroup[],
  info: { readonly title: string; readonly version: string },
): object {
  const versions = groups.flatMap((group) => group.versions)
  const definitions = versions.flatMap((version) => versionDefinitions(version, 'v2'))
  const document = {
    swagger: '2.0',
    info,
    paths: Object.assign({}, ...versions.map(pathsOf)) as JsonObject,
    definitions: Object.assign({}, ...definitions, metaDefinitions()) as JsonObject,
  }
  return withPointers(document, 'v2') as object
}

function pathsOf(version: ApiVersion): JsonObject {
  return Object.fromEntries(
    [...operationsByPath(version)].map(([path, members]) => [path, pathItem(path, members, version)]),
  )
}

function pathItem(path: string, operations: readonly Operation[], version: ApiVersion): JsonObject {
  const methods = operations.map((operation) => [operation.method, methodOf(operation, version)] as const)
  return { ...Object.fromEntries(methods), parameters: [...pathParameters(path), queryParameter(pretty)] }
}

function methodOf(operation: Operation, { group, version }: ApiVersion): JsonObject {
  const { id, action, description, of, query, body, answers, answerTypes } = operation
  const bodyParameter = body && {
    name: 'body',
    in: 'body',
    ...(body.isRequired && { required: true }),
    schema: { $ref: body.definition },
  }
  return {
    tags: [operationTag({ group, version })],
    description,
    operationId: id,
    consumes: body?.mediaTypes ?? ['*/*'],
    produces: answerTypes,
    schemes: ['https'],
    parameters: [...(bodyParameter ? [bodyParameter] : []), ...query.map(queryParameter)],
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([code, name]) => [code, answer(code, name)])),
      401: { description: 'Unauthorized' },
    },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': of,
  }
}

function answer(code: string, definition: string): JsonObject {
  return { description: answerTexts[code] ?? 'OK', schema: { $ref: definition } }
}

function queryParameter({ name, type, description }: Parameter): JsonObject {
  return { name, in: 'query', description, type, uniqueItems: true }
}

function pathParameters(path: string): readonly JsonObject[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    description: pathParameterTexts[name] ?? '',
    required: true,
    type: 'string',
    uniqueItems: true,
  }))
}
