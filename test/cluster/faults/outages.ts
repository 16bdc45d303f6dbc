import type { Test } from 'tap'
import { systemClock } from '../../../base/clock.ts'
import { serverUser } from '../../support/kube-cluster/aggregated-server.ts'
import { until } from '../../support/until.ts'
import { type Following, isLeading, outageMs, patient, syncerQps } from './scene.ts'
import { SyncLoad } from './sync-load.ts'
import { busiestSecond, listsOf, timeOf } from './told.ts'

export async function aCutFlow(t: Test, { audit, kubectl, api, server, relay, kubeconfig }: Following): Promise<void> {
  const load = new SyncLoad(api, 'watched')
  await kubectl.ok('create namespace watched')
  await kubectl.ok('create role watcher -n watched --verb=list,watch --resource=secrets')
  await kubectl.ok(`create rolebinding watcher -n watched --role=watcher --user=${serverUser}`)
  await load.begin()
  await load.create(2)
  await until(async () => (await load.wrong()).length === 0, patient)
  const watches = () => audit.eventsOf(kubeconfig).filter(({ verb }) => verb === 'watch')
  const ofPolicies = () => watches().filter(({ objectRef }) => objectRef?.resource === policies)
  await until(async () => watches().some(({ objectRef }) => objectRef?.resource === 'secrets'), patient)
  const [watchesBefore, listsBefore] = [ofPolicies().length, listsOf(audit.eventsOf(kubeconfig), policies)]
  const silencesBefore = server.log.split(silence).length

  relay.silence()
  await kubectl.ok('delete secret -n watched es-0 es-1')
  await kubectl.ok('apply -f -', noMoreThere)
  const cutMs = systemClock.now()
  await until(async () => (await load.wrong()).length === 0, patient)
  t.comment(`the Secrets came back ${((systemClock.now() - cutMs) / 1000).toFixed(1)} s after the cut`)
  await until(async () => /nothing more in here/.test((await api.post(more, oneMore)).text), patient)
  t.comment(`a policy was known ${((systemClock.now() - cutMs) / 1000).toFixed(1)} s after the cut`)
  t.ok(server.log.split(silence).length > silencesBefore)
  t.ok(ofPolicies().length > watchesBefore)
  t.match(ofPolicies().at(-1)?.requestURI, /resourceVersion=[1-9]/)
  t.equal(listsOf(audit.eventsOf(kubeconfig), policies), listsBefore, 'it went on where it was')
}

/** Of one more ExternalSecret, which a policy may forbid. */
const more = '/apis/external-secrets.io/v1/namespaces/watched/externalsecrets?dryRun=All'
const silence = 'a watch fell silent and is begun anew'
const policies = 'validatingadmissionpolicies'

const noMoreThere = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: no-more}
spec:
  failurePolicy: Fail
  matchConstraints:
    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: watched}}
    resourceRules:
    - {apiGroups: [external-secrets.io], apiVersions: [v1], operations: [CREATE], resources: [externalsecrets]}
  validations: [{expression: "false", message: nothing more in here}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: no-more}
spec: {policyName: no-more, validationActions: [Deny]}
`

const oneMore = {
  apiVersion: 'external-secrets.io/v1',
  kind: 'ExternalSecret',
  metadata: { name: 'more', namespace: 'watched' },
  spec: { secretStoreRef: { name: 'fake' }, data: [{ secretKey: 'a', remoteRef: { key: 'key-0' } }] },
}

export async function anOutage(t: Test, following: Following): Promise<void> {
  const { cluster, audit, kubectl, api, load, server, relay, kubeconfig } = following
  const before = await load.versions()
  await using direct = server.direct(await cluster.pki.client('outsider'))

  cluster.signal('etcd', 'SIGSTOP')
  await passed(outageMs)
  t.match(await direct.get('/readyz'), { status: 200 }, 'a server that left with etcd would take its API away')
  const named = await load.read('es-0')
  t.equal(String(named['metadata']?.['name']), 'es-0', 'kube-apiserver needs no etcd to pass on what we serve')
  await until(async () => !isLeading(server), patient)
  t.match(server.log, /the lease was not renewed in time/)

  await cluster.crash('kube-apiserver')
  await cluster.crash('etcd')
  const [connections, sinceMs] = [relay.count, systemClock.now()]
  const refused = await direct.get('/apis/external-secrets.io/v1/namespaces/load/externalsecrets')
  t.match(refused, { status: 500, json: { message: /the cluster cannot be asked whether the request is allowed/ } })
  t.match(await direct.get('/readyz'), { status: 200 })
  await passed(outageMs)
  const triesASecond = (relay.count - connections) / ((systemClock.now() - sinceMs) / 1000)
  t.ok(triesASecond < 30, `it was tried ${triesASecond.toFixed(1)} times a second`)
  cluster.relaunch('etcd')
  cluster.relaunch('kube-apiserver')
  await cluster.served(['/readyz', '/apis/external-secrets.io/v1'])
  const backMs = systemClock.now()
  await load.create(1)
  await until(async () => (await load.wrong()).length === 0, patient)
  await kubectl.ok('delete validatingadmissionpolicybinding no-more')
  await until(async () => (await api.post(more, oneMore)).status === 201, patient)
  t.comment(`all is well ${((systemClock.now() - backMs) / 1000).toFixed(1)} s after its return`)

  const after = await load.versions()
  t.same(Object.fromEntries(Object.keys(before).map((name) => [name, after[name]])), before, 'none was written')
  const seen = audit.eventsOf(kubeconfig).filter((event) => timeOf(event) > backMs - outageMs)
  t.ok(busiestSecond(seen) < 2 * syncerQps, `${busiestSecond(seen)} requests in the busiest second`)
}

/** An outage is a time, and not a condition that could be waited for. */
function passed(ms: number): Promise<void> {
  return systemClock.sleep(ms)
}
