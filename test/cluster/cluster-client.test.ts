import t from 'tap'
import { createClusterClient } from '../../cluster/client.ts'
import { Contact } from '../../cluster/reconnecting/contact.ts'
import { readKubeconfig } from '../../cluster/kubeconfig.ts'
import { type AuthenticationConfigMap, RequestHeaderCa } from '../../cluster/request-header-ca.ts'
import { resourceClient } from '../../cluster/resource-client.ts'
import { subjectAccessReview } from '../../cluster/reviews/subject-access-review.ts'
import { tokenAcceptance } from '../../cluster/reviews/token-acceptance.ts'
import { tokenRequest } from '../../cluster/reviews/token-request.ts'
import { tokenReview } from '../../cluster/reviews/token-review.ts'
import { systemClock } from '../../base/clock.ts'
import { silentLogger } from '../../base/log.ts'
import { clusterPeers, KubeCluster } from '../support/kube-cluster/kube-cluster.ts'
import { skipWithout } from '../support/peers.ts'

/** The cluster client against a real kube-apiserver. */
const skip = skipWithout(...clusterPeers)
const limits = {
  clock: systemClock,
  timeoutMs: 30_000,
  perSecond: 0,
  burst: 1,
  concurrencyMax: 8,
  responseBytesMax: 64 * 1024 * 1024,
}
const around = { clock: systemClock, random: () => 0, log: silentLogger, silenceMs: 150_000, contact: new Contact() }

t.test('a real kube-apiserver is read, written, watched and asked for reviews', { skip }, async (t) => {
  await using cluster = await KubeCluster.start({ fsync: false })
  await using client = await createClusterClient(await readKubeconfig(cluster.kubeconfig), limits)
  const kind = { group: '', version: 'v1', plural: 'configmaps' }
  const configMaps = resourceClient<AuthenticationConfigMap>(client, kind, around)
  const aConfigMap = (name: string, data: Readonly<Record<string, string>>): AuthenticationConfigMap => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'default', name },
    data,
  })
  const write = { fieldManager: 'tests' }

  await t.test('objects are created, read, updated under a precondition, and deleted', async (t) => {
    const made = await configMaps.create(aConfigMap('one', { a: '1' }), write)
    t.match(made, { kind: 'ConfigMap', metadata: { name: 'one', managedFields: [{ manager: 'tests' }] } })
    await t.rejects(configMaps.create(aConfigMap('one', {}), write), { code: 409, reason: 'AlreadyExists' })
    const changed = await configMaps.update({ ...made, data: { a: '2' } }, write)
    t.same(changed.data, { a: '2' })
    await t.rejects(configMaps.update(made, write), { code: 409, reason: 'Conflict' })
    const at = { namespace: 'default', name: 'one' }
    await t.rejects(configMaps.delete(at, { uid: 'other' }), { code: 409 })
    await configMaps.delete(at, { uid: made.metadata.uid ?? '' })
    await t.rejects(configMaps.get(at), { code: 404, reason: 'NotFound', details: { name: 'one' } })
  })

  await t.test('a list of many pages is whole, and a watch tells the state and what comes after', async (t) => {
    const names = Array.from({ length: 1203 }, (_, index) => `many-${index}`)
    await Promise.all(names.map((name) => configMaps.create(aConfigMap(name, {}), write)))
    const { items } = await configMaps.list({ namespace: 'default' })
    t.equal(items.filter(({ metadata }) => metadata.name?.startsWith('many-')).length, names.length)
    t.match(items[0], { apiVersion: 'v1', kind: 'ConfigMap' })
    const stopping = new AbortController()
    const told: string[] = []
    for await (const notices of configMaps.watch({ namespace: 'default' }, stopping.signal)) {
      for (const notice of notices) {
        told.push(notice.type === 'synced' ? 'synced' : `${notice.type} ${notice.object.metadata.name}`)
      }
      if (told.at(-1) === 'synced') {
        t.equal(told.filter((line) => line.startsWith('set many-')).length, names.length)
        const later = await configMaps.create(aConfigMap('later', {}), write)
        await configMaps.delete({ namespace: 'default', name: 'later' }, { uid: later.metadata.uid ?? '' })
      }
      if (told.at(-1) === 'deleted later') stopping.abort()
    }
    t.same(told.slice(-3), ['synced', 'set later', 'deleted later'])
  })

  await t.test('the settings for aggregated servers are those of the cluster', async (t) => {
    const found = await RequestHeaderCa.open({ configMaps, log: silentLogger, read: (settings) => settings })
    t.match(found.current, {
      clientAuthorityPem: /BEGIN CERTIFICATE/,
      requestHeaderAuthorityPem: /BEGIN CERTIFICATE/,
      allowedNames: ['front-proxy-client'],
      userHeaders: ['x-remote-user'],
      uidHeaders: ['x-remote-uid'],
      groupHeaders: ['x-remote-group'],
      extraPrefixes: ['x-remote-extra-'],
    })
    t.not(found.current.clientAuthorityPem, found.current.requestHeaderAuthorityPem)
  })

  await t.test('access is reviewed with selectors, and tokens with audiences', async (t) => {
    const reviewer = { client, clock: systemClock, random: () => 0 }
    const attributes = { verb: 'list', group: 'example.com', version: 'v1', resource: 'widgets', namespace: 'default' }
    const selectors = {
      fieldSelector: { requirements: [{ key: 'metadata.name', operator: 'In' as const, values: ['x'] }] },
      labelSelector: { requirements: [{ key: 'a', operator: 'Exists' as const }] },
    }
    const spec = { user: 'ann', groups: ['devs'], resourceAttributes: { ...attributes, ...selectors } }
    const access = subjectAccessReview(reviewer)
    t.match(await access(spec), { allowed: false, denied: false })
    t.match(await access({ ...spec, groups: ['system:masters'] }), { allowed: true })
    const accounts = resourceClient(client, { group: '', version: 'v1', plural: 'serviceaccounts' }, around)
    const metadata = { namespace: 'default', name: 'robot' }
    await accounts.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata }, write)
    const request = tokenRequest(client)
    const token = await request({ ...metadata, audiences: ['ours'], expirationSeconds: 600 })
    t.match(await tokenReview(reviewer, ['ours'])(token), { username: 'system:serviceaccount:default:robot' })
    t.equal(await tokenReview(reviewer, ['theirs'])(token), undefined)
    t.equal(await tokenReview(reviewer)('nonsense'), undefined)
    const accepts = tokenAcceptance(reviewer)
    const own = 'https://kubernetes.default.svc'
    for (const audiences of [[], [own], ['ours'], ['ours', own]]) {
      const shown = await request({ ...metadata, audiences, expirationSeconds: 600 })
      t.equal(await accepts(shown, audiences), audiences.length === 0 || audiences.includes(own), audiences.join())
    }
    await t.rejects(accepts('nonsense', ['ours']), { code: 'cluster-answer' })
    const nobody = { ...metadata, name: 'nobody', audiences: [], expirationSeconds: 3600 }
    await t.rejects(request(nobody), { name: 'StatusError', code: 404 })
  })
})
