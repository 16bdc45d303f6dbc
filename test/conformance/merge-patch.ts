import type { ApiAnswer, ApiClient } from '../support/api-client.ts'

export function mergePatch(api: ApiClient, path: string, body: object): Promise<ApiAnswer> {
  return api.call('PATCH', path, { body, contentType: 'application/merge-patch+json' })
}
