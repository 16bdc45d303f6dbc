import type { JsonObject } from '../../../machinery/object.ts'
import { operationTag } from './definition-names.ts'
import type { ApiVersion } from '../groups.ts'
import { versionPath } from '../groups.ts'
import { versionDefinitions } from './kind-definitions.ts'
import { metaDefinitions } from './meta-definitions.ts'
import type { Operation } from './operations.ts'
import { answerTexts, operationsByPath } from './operations.ts'
import type { Parameter } from './parameters.ts'
import { pathParameterTexts, pretty } from './parameters.ts'
import { withPointers } from './references.ts'

/** The document of one group and version. */
export function openapiV3Document(version: ApiVersion, title: string): object {
  const definitions = versionDefinitions(version, 'v3')
  const document = {
    openapi: '3.0.0',
    info: { title, version: version.version },
    paths: pathsOf(version),
    components: { schemas: Object.assign({}, ...definitions, metaDefinitions()) as JsonObject },
  }
  return withPointers(document, 'v3') as object
}

/** Where the documents are; the hash in the address lets clients keep them for good. */
export function openapiV3Index(
  versions: readonly { readonly version: ApiVersion; readonly hash: string }[],
): JsonObject {
  const entries = versions.map(({ version, hash }) => {
    const path = versionPath(version)
    return [path.slice(1), { serverRelativeURL: `/openapi/v3${path}?hash=${hash}` }] as const
  })
  return { paths: Object.fromEntries(entries) }
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
  return {
    tags: [operationTag({ group, version })],
    description,
    operationId: id,
    parameters: query.map(queryParameter),
    ...(body && {
      requestBody: { ...(body.isRequired && { required: true }), content: contentOf(body.mediaTypes, body.definition) },
    }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([code, name]) => [code, answer(code, answerTypes, name)])),
      401: { description: 'Unauthorized' },
    },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': of,
  }
}

function answer(code: string, mediaTypes: readonly string[], definition: string): JsonObject {
  return { description: answerTexts[code] ?? 'OK', content: contentOf(mediaTypes, definition) }
}

function contentOf(mediaTypes: readonly string[], definition: string): JsonObject {
  return Object.fromEntries(mediaTypes.map((mediaType) => [mediaType, { schema: { $ref: definition } }]))
}

/** Inline: kubectl does not follow references to parameters of version 3. */
function queryParameter({ name, type, description }: Parameter): JsonObject {
  return { name, in: 'query', description, schema: { type, uniqueItems: true } }
}

function pathParameters(path: string): readonly JsonObject[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    description: pathParameterTexts[name] ?? '',
    required: true,
    schema: { type: 'string', uniqueItems: true },
  }))
}
