import type { ResourceClient } from '../../machinery/client.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { isStatusReason } from '../../machinery/status.ts'

/** Namespaces that clients take for granted. */
const names = ['default', 'kube-system']

export async function ensureNamespaces(namespaces: ResourceClient<KubeObject>): Promise<void> {
  for (const name of names) {
    const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
    await namespaces.create(object, { fieldManager: 'external-secrets-apiserver' }).catch((error: unknown) => {
      if (!isStatusReason(error, 'AlreadyExists')) throw error
    })
  }
}
