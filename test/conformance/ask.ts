import type { ApiAnswer, ApiClient, ApiRequestOptions, Json } from '../support/api-client.ts'
import { listOf } from '../support/api-client.ts'

/** PUT of the object. */
export function put(api: ApiClient, path: string, body: unknown): Promise<ApiAnswer> {
  return api.call('PUT', path, { body })
}

const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const

/** PATCH of each sort. */
export const patch = {
  json: sends(patchTypes.json),
  merge: sends(patchTypes.merge),
  strategic: sends(patchTypes.strategic),
  apply: sends(patchTypes.apply),
}

function sends(contentType: string): (api: ApiClient, path: string, body: unknown) => Promise<ApiAnswer> {
  return (api, path, body) => patchAs(api, path, { body, contentType })
}

/** PATCH of any sort. */
export function patchAs(api: ApiClient, path: string, options: ApiRequestOptions): Promise<ApiAnswer> {
  return api.call('PATCH', path, options)
}

/** The query `{ a: 'b' }` behind a path. */
export function asked(path: string, query: Readonly<Record<string, string | number>>): string {
  const parameters = Object.entries(query).map(([name, value]): [string, string] => [name, String(value)])
  return `${path}?${new URLSearchParams(parameters).toString()}`
}

/** The resourceVersion of an object or of a list. */
export function versionOf(object: Json): string {
  return String(object['metadata']?.['resourceVersion'])
}

export function generationOf(object: Json): number {
  return Number(object['metadata']?.['generation'])
}

export function namesIn(list: Json): readonly string[] {
  return listOf(list['items']).map((item) => String(item['metadata']?.['name']))
}

/** Whether the first resourceVersion is of a later write than the second. */
export function isLater(first: string, second: string): boolean {
  return BigInt(first) > BigInt(second)
}

/** The object with other metadata; what is undefined goes. */
export function withMetadata(object: Json, metadata: object): object {
  return { ...object, metadata: { ...(object['metadata'] as object), ...metadata } }
}
