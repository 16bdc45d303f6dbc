import { systemClock as clock } from '../../base/clock.ts'
import { silentLogger as log } from '../../base/log.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { UsageError } from '../errors.ts'
import { parseOptions } from '../options.ts'
import { openCluster } from '../parts/cluster/cluster.ts'
import { ownNamespace } from '../parts/cluster/own-namespace.ts'
import type { Terminal } from '../terminal.ts'

/**
 * Lets the server list and watch the Secrets of one namespace, so that drift is repaired there at once. An operator
 * runs it, with rights of his own: nobody can give what he does not have.
 */
export async function grant(args: readonly string[], terminal: Terminal): Promise<number> {
  const [namespace = '', ...flags] = args
  if (namespace === '' || namespace.startsWith('-')) throw new UsageError('grant takes a namespace: grant NAMESPACE')
  const options = parseOptions(flags)
  await using cluster = await openCluster({ options, clock, log })
  const name = options.serve === 'sync' ? `${options.serviceName}-sync` : options.serviceName
  const account = { kind: 'ServiceAccount', name, namespace: await ownNamespace(options) }
  for (const [plural, object] of Object.entries(rightsOf(namespace, account))) {
    await cluster.promptApply<KubeObject>(group, plural)(object, { fieldManager: 'external-secrets', force: true })
  }
  const whom = `system:serviceaccount:${account.namespace}:${account.name}`
  terminal.print(`${whom} may list and watch the Secrets of ${namespace}, and read each of them by that\n`)
  terminal.print(`to take it back: kubectl delete rolebinding,role ${rightsName} -n ${namespace}\n`)
  return 0
}

const group = 'rbac.authorization.k8s.io'
const rightsName = 'external-secrets-apiserver-watch-secrets'

/** By their resources, in the order in which they are to come. */
function rightsOf(namespace: string, account: object): Readonly<Record<string, KubeObject>> {
  const apiVersion = `${group}/v1`
  const labels = { 'app.kubernetes.io/name': 'external-secrets-apiserver' }
  const metadata = { name: rightsName, namespace, labels }
  const rules = [{ apiGroups: [''], resources: ['secrets'], verbs: ['list', 'watch'] }]
  const roleRef = { apiGroup: group, kind: 'Role', name: rightsName }
  return {
    roles: { apiVersion, kind: 'Role', metadata, rules },
    rolebindings: { apiVersion, kind: 'RoleBinding', metadata, roleRef, subjects: [account] },
  }
}
