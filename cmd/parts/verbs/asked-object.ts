import type { Question } from '../../../apiserver/registry/kind.ts'
import type { Registries } from '../../../apiserver/registry/registries.ts'
import type { Registry } from '../../../apiserver/registry/registry.ts'
import type { UserInfo } from '../../../apiserver/request-context.ts'
import { assert } from '../../../base/assert.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import { badRequest } from '../../../machinery/status-errors.ts'

export const group = 'external-secrets.io'

export function registryOf(registries: Registries, resource: string): Registry {
  const registry = registries.find(group, resource)
  assert(registry !== undefined, `${resource} is served`)
  return registry
}

/** The object that is asked about, as it lies in the store. Throws 404. */
export async function askedObject(registry: Registry, { namespace, name }: Question): Promise<KubeObject> {
  const { value } = await registry.get(namespace === '' ? { name } : { namespace, name })
  return value.object
}

export function userOf({ user: { username: name, ...user } }: Question): UserInfo {
  return { name, ...user }
}

/** What is asked for is done or not done: there is nothing to try. Throws 400. */
export function refuseDryRun({ isDryRun }: Question): void {
  if (isDryRun) throw badRequest('a refresh cannot be asked for as a dry run')
}

/** What was asked, told who is meant, with what came of it. The question itself is the client's to know. */
export function answered({ apiVersion, kind }: KubeObject, { namespace, name }: Question, status: object): KubeObject {
  return { apiVersion, kind, metadata: { name, ...(namespace !== '' && { namespace }) }, status }
}
