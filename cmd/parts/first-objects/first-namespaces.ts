import type { ResourceClient } from '../../../machinery/client.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import { ensured } from './ensured.ts'

/** Namespaces that clients take for granted. */
const names = ['default', 'kube-system']

export async function ensureNamespaces(namespaces: ResourceClient<KubeObject>): Promise<void> {
  for (const name of names) await ensured(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
}
