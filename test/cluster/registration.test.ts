import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import t from 'tap'
import {
  AggregatedServer,
  knows,
  kubectlOf,
  prepareCluster,
  serverUser,
} from '../support/kube-cluster/aggregated-server.ts'
import { clusterPeers, KubeCluster } from '../support/kube-cluster/kube-cluster.ts'
import { skipWithout } from '../support/peers.ts'
import { until } from '../support/until.ts'
import { programWords } from '../support/program.ts'

/** How the server comes into the API of a cluster, stays there, and goes. */
const skip = skipWithout(...clusterPeers, 'kubectl-v35')
const names = ['v1', 'v1beta1', 'v1alpha1', 'v1alpha1.generators'].map((version) => `${version}.external-secrets.io`)
const flags = ['--certificate-check-interval', '1s']

const definition = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: externalsecrets.external-secrets.io}
spec:
  group: external-secrets.io
  scope: Namespaced
  names: {kind: ExternalSecret, plural: externalsecrets, singular: externalsecret}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`

t.test('a server registers itself, keeps that right, leaves definitions alone, and goes', { skip }, async (t) => {
  await using cluster = await KubeCluster.start({ fsync: false })
  await prepareCluster(cluster)
  using kubectl = kubectlOf(cluster)
  const registered = async (): Promise<readonly string[]> => {
    const all = await kubectl.ok('get apiservices -o name')
    return names.filter((name) => all.includes(`/${name}\n`))
  }
  const bundle = () => kubectl.ok('get apiservice v1.external-secrets.io -o jsonpath={.spec.caBundle}')
  const config = await cluster.kubeconfigFor(serverUser)
  const doctor = async (): Promise<readonly [number, string]> => {
    const words = [...programWords, 'doctor', '--kubeconfig', config, '--data-dir', join(cluster.folder, 'data')]
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] })
    const [said] = await Promise.all([text(child.stdout), once(child, 'close')])
    return [child.exitCode ?? -1, said]
  }
  const own = join(cluster.folder, 'own')
  const told = await doctor()
  t.equal(told[0], 1)
  t.match(told[1], /APIService v1\.external-secrets\.io: it is not registered\n {2}start the server/)
  await kubectl.ok('apply -f -', definition)
  await until(async () => (await registered()).length === 1)
  {
    await using server = await AggregatedServer.start(cluster, { flags })
    await until(async () => server.log.includes('not registered: a CustomResourceDefinition has this group'))
    t.same(await registered(), [names[0]])
    t.match(await doctor(), [1, /v1\.external-secrets\.io: a CustomResourceDefinition has this group/])

    await kubectl.ok('delete crd externalsecrets.external-secrets.io')
    await until(async () => (await registered()).length === names.length)
    for (const name of names) await kubectl.ok(`wait --for=condition=Available apiservice/${name} --timeout=60s`)
    await knows(kubectl, 'externalsecrets')
    t.equal(await kubectl.ok('get externalsecrets -A --request-timeout=30s'), '')
    const versions = /external-secrets\.io\/v1\nexternal-secrets\.io\/v1alpha1\n/
    await until(async () => versions.test(await kubectl.ok('api-versions')), { everyMs: 200 })

    t.same(await doctor(), [0, 'all is well: every version is available, and no right is missing\n'])
    await kubectl.ok('delete rolebinding -n kube-system external-secrets-server')
    const missing = /^right to list configmaps extension-apiserver-authentication in namespace kube-system: missing\n/m
    // kube-apiserver hears of a role that is taken away by a watch of its own.
    await until(async () => missing.test((await doctor())[1]))
    t.match(await doctor(), [1, missing])
    await prepareCluster(cluster)

    const whole = await bundle()
    await kubectl.ok('patch apiservice v1.external-secrets.io --type=merge -p {"spec":{"versionPriority":7}}')
    await kubectl.ok('delete apiservice v1beta1.external-secrets.io')
    await until(async () => (await registered()).length === names.length)
    await until(async () => {
      const priority = await kubectl.ok('get apiservice v1.external-secrets.io -o jsonpath={.spec.versionPriority}')
      return priority === '100' && (await bundle()) === whole
    })
    await server.kill('SIGTERM')
    cpSync(join(server.dataDir, 'pki'), own, { recursive: true })
    rmSync(join(server.dataDir, 'pki'), { recursive: true })
  }
  const before = await bundle()
  {
    await using server = await AggregatedServer.start(cluster, { flags })
    await until(async () => (await bundle()) !== before)
    t.equal(Buffer.from(await bundle(), 'base64').toString(), server.authorityPem)
    await server.kill('SIGTERM')
  }
  {
    const files = [
      ['cert', 'serving.crt'],
      ['private-key', 'serving.key'],
      ['ca', 'ca.crt'],
    ].map(([flag = '', name = '']) => `--tls-${flag}-file=${join(own, name)}`)
    await using _ = await AggregatedServer.start(cluster, { flags: [...flags, '--certificates=files', ...files] })
    await until(async () => (await bundle()) === before)
    await kubectl.ok('wait --for=condition=Available apiservice/v1.external-secrets.io --timeout=60s')
    await kubectl.ok('delete service -n external-secrets external-secrets-apiserver')
    await until(async () => (await doctor())[1].includes('Service external-secrets/external-secrets-apiserver is not'))
  }
  // It looks at all Secrets, which the server itself may not.
  const uninstall = (as: string) =>
    promisify(execFile)(process.execPath, [...programWords, 'uninstall', '--kubeconfig', as])
  await t.rejects(uninstall(config), { code: 2, stderr: /secrets may not be listed and changed \(Forbidden\)/ })
  t.same(await registered(), names)
  const { stdout } = await uninstall(cluster.kubeconfig)
  t.match(stdout, /APIService v1beta1\.external-secrets\.io removed/)
  t.same(await registered(), [])
})
