import t from 'tap'
import type { KubeObject } from '../machinery/object.ts'
import { StatusError } from '../machinery/status.ts'
import { createReferences, type Place, type ReferenceSources } from './references.ts'

t.test('every reference of a SecretStore resolves in its own namespace, whatever it says', async (t) => {
  const { sources, seen } = cluster({ kind: 'SecretStore', namespace: 'apps' })
  const references = createReferences(sources)
  t.equal(await references.secretKey({ name: 's', key: 'k', namespace: 'kube-system' }), 'value of apps/s')
  const ca = { type: 'ConfigMap', name: 'c', key: 'k', namespace: 'kube-system' } as const
  t.equal(await references.caBundle(ca), 'value of apps/c')
  await references.serviceAccountToken({ name: 'a', namespace: 'kube-system' }, wish)
  t.same(seen, ['apps/s', 'apps/c', 'apps/a for x'])
  t.equal(references.scope, 'store')
})

t.test('what annotates a ServiceAccount', async (t) => {
  const { sources, seen } = cluster({ kind: 'SecretStore', namespace: 'apps' })
  const annotations = { role: 'r' }
  const readServiceAccount = async ({ namespace, name }: Place): Promise<KubeObject | undefined> => {
    seen.push(`${namespace}/${name}`)
    const metadata = { name, uid: 'u', resourceVersion: '1', ...(name === 'a' && { annotations }) }
    return name === 'gone' ? undefined : { apiVersion: 'v1', kind: 'ServiceAccount', metadata }
  }
  const references = createReferences({ ...sources, readServiceAccount })
  t.same(await references.serviceAccountAnnotations({ name: 'a', namespace: 'kube-system' }), annotations)
  t.same(await references.serviceAccountAnnotations({ name: 'b' }), {})
  t.same(seen, ['apps/a', 'apps/b'])
  t.equal(references.fingerprint(), 'ServiceAccount/apps/a=u@1 ServiceAccount/apps/b=u@1')
  t.equal(await references.currentFingerprint(), references.fingerprint())
  const message = 'cannot get Kubernetes serviceaccount "gone" from namespace "apps": serviceaccounts "gone" not found'
  await t.rejects(references.serviceAccountAnnotations({ name: 'gone' }), { code: 'auth-failed', message })
  const without = createReferences(sources)
  await t.rejects(without.serviceAccountAnnotations({ name: 'a' }), { code: 'auth-failed' })
})

t.test('a ClusterSecretStore names the namespace, or leaves it to the consumer', async (t) => {
  const store = { kind: 'ClusterSecretStore' } as const
  const named = createReferences(cluster(store, 'team').sources)
  t.equal(await named.secretKey({ name: 's', key: 'k', namespace: 'vault' }), 'value of vault/s')
  t.equal(named.scope, 'store')
  const left = createReferences(cluster(store, 'team').sources)
  t.equal(await left.secretKey({ name: 's', key: 'k' }), 'value of team/s')
  t.equal(left.scope, 'consumer')
  const asked = createReferences(cluster(store, 'team').sources)
  t.equal(asked.consumerNamespace(), 'team')
  t.equal(asked.scope, 'consumer')
  const alone = createReferences(cluster(store).sources)
  await t.rejects(alone.secretKey({ name: 's', key: 'k' }), { code: 'needs-consumer' })
  await t.rejects(alone.caBundle({ type: 'Secret', name: 's', key: 'k' }), {
    message: /cluster scope requires namespace/,
  })
})

t.test('what is not there is named, and errors of others are not repeated', async (t) => {
  const { sources } = cluster({ kind: 'SecretStore', namespace: 'apps' })
  const references = createReferences(sources)
  const message = 'cannot get Kubernetes secret "nothing" from namespace "apps": secrets "nothing" not found'
  await t.rejects(references.secretKey({ name: 'nothing', key: 'k' }), { code: 'auth-failed', message })
  await t.rejects(references.secretKey({ name: 's', key: 'z' }), { message: 'cannot find secret data for key: "z"' })
  await t.rejects(references.secretKey({ name: 's', key: '__proto__' }), { code: 'auth-failed' })
  const denied = 'cannot get Kubernetes secret "denied" from namespace "apps": secrets "denied" is forbidden'
  await t.rejects(references.secretKey({ name: 'denied', key: 'k' }), { code: 'unavailable', message: denied })
  const broken = 'cannot get Kubernetes secret "broken" from namespace "apps": the request failed'
  await t.rejects(references.secretKey({ name: 'broken', key: 'k' }), { code: 'unavailable', message: broken })
  const { requestToken: _, ...silent } = sources
  await t.rejects(createReferences(silent).serviceAccountToken({ name: 'a' }, wish), { code: 'auth-failed' })
})

t.test('the fingerprint tells when anything that was read has changed', async (t) => {
  const world = cluster({ kind: 'SecretStore', namespace: 'apps' })
  const references = createReferences(world.sources)
  t.equal(references.fingerprint(), '')
  await references.secretKey({ name: 's', key: 'k' })
  await references.secretKey({ name: 'nothing', key: 'k' }).catch(() => undefined)
  const before = references.fingerprint()
  t.equal(await references.currentFingerprint(), before)
  world.version = '2'
  t.not(await references.currentFingerprint(), before)
  t.equal(references.fingerprint(), before, 'until something is read again')
})

t.test('an account whose token is asked for later is in the fingerprint from the start', async (t) => {
  const { sources } = cluster({ kind: 'SecretStore', namespace: 'apps' })
  const metadata = { name: 'a', uid: 'u', resourceVersion: '1' }
  const readServiceAccount = async () => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata })
  const references = createReferences({ ...sources, readServiceAccount })
  await references.serviceAccountAnnotations({ name: 'a' })
  const before = references.fingerprint()
  await references.serviceAccountToken({ name: 'a' }, wish)
  t.equal(references.fingerprint(), before)
  t.equal(await references.currentFingerprint(), before)
  await references.serviceAccountToken({ name: 'b' }, wish)
  t.equal(references.fingerprint(), `${before} ServiceAccount/apps/b`)
})

const wish = { audiences: ['x'], expirationSeconds: 600 }

function cluster(store: ReferenceSources['store'], consumerNamespace?: string) {
  const seen: string[] = []
  const world = { version: '1' }
  const object = async (
    { namespace, name }: Place,
    encode: (text: string) => string,
  ): Promise<KubeObject | undefined> => {
    seen.push(`${namespace}/${name}`)
    if (name === 'nothing') return undefined
    if (name === 'broken') throw new Error('canary')
    const answer = { code: 403, reason: 'Forbidden', message: 'secrets "denied" is forbidden' } as const
    if (name === 'denied') throw new StatusError(answer)
    const metadata = { namespace, name, uid: 'u', resourceVersion: world.version }
    return { apiVersion: 'v1', kind: 'Secret', metadata, data: { k: encode(`value of ${namespace}/${name}`) } }
  }
  const sources: ReferenceSources = {
    store,
    ...(consumerNamespace !== undefined && { consumerNamespace }),
    readSecret: (at) => object(at, (text) => Buffer.from(text).toString('base64')),
    readConfigMap: (at) => object(at, (text) => text),
    requestToken: async ({ namespace, name, audiences }) => {
      seen.push(`${namespace}/${name} for ${audiences.join()}`)
      return 'token'
    },
  }
  return Object.assign(world, { sources, seen })
}
