import type { ResourceClient } from '../../../machinery/client.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import { isStatusReason } from '../../../machinery/status.ts'

export const writer = { fieldManager: 'external-secrets-apiserver' }

/** Answers the one that was there; most starts find them all, and to look is far less work than to create. */
export async function ensured(client: ResourceClient<KubeObject>, object: KubeObject): Promise<KubeObject | undefined> {
  const { name = '' } = object.metadata
  try {
    return await client.get({ name })
  } catch (error) {
    if (!isStatusReason(error, 'NotFound')) throw error
  }
  await client.create(object, writer)
  return undefined
}
