import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeYaml, encodeYaml } from '../../../machinery/yaml.ts'
import { type Json, listOf } from '../api-client.ts'
import type { KubeCluster } from './kube-cluster.ts'

/** A kubeconfig with the token of a ServiceAccount, and nothing else. */
export function accountKubeconfig(cluster: KubeCluster, token: string): string {
  const config = decodeYaml(readFileSync(cluster.kubeconfig, 'utf8')) as unknown as Json
  const path = join(cluster.folder, 'account.kubeconfig')
  const name = String(listOf(config['users'])[0]?.['name'])
  writeFileSync(path, encodeYaml({ ...config, users: [{ name, user: { token } }] }), { mode: 0o600 })
  return path
}
