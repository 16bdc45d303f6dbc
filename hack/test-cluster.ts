import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { KubeCluster } from '../test/support/kube-cluster/kube-cluster.ts'

/**
 * Starts a real control plane to try things by hand, prints where it is, and ends it on Ctrl-C:
 * `npm run test-cluster [-- --unsafe-no-fsync]`.
 */
const { values } = parseArgs({ options: { 'unsafe-no-fsync': { type: 'boolean', default: false } } })
const ended = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])

await using cluster = await KubeCluster.start({ controllerManager: true, fsync: !values['unsafe-no-fsync'] })
const settings = {
  KUBECONFIG: cluster.kubeconfig,
  KUBE_APISERVER: cluster.url,
  ETCD: cluster.etcdUrl,
  PKI: `${cluster.folder}/pki`,
}
for (const [name, value] of Object.entries(settings)) process.stdout.write(`${name}=${value}\n`)
for (const [name, pid] of Object.entries(cluster.pids)) process.stdout.write(`# ${name}: process ${pid}\n`)
await ended
