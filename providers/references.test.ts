import t from 'tap'
import type { KubeObject } from '../machinery/object.ts'
import { StatusError } from '../machinery/status.ts'
import type { AmbientCredentials } from './credentials/ambient.ts'
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

t.test(
  "the process's own identity is for whom the flag names, and its files are part of the fingerprint",
  async (t) => {
    const own = (kind: 'SecretStore' | 'ClusterSecretStore', allowedTo?: AmbientCredentials['allowedTo']) => {
      const files = new Map([['/token', ' one\n']])
      const ambient: AmbientCredentials = {
        allowedTo: allowedTo ?? 'none',
        variable: (name) => ({ SET: 'x', EMPTY: '' })[name],
        readFile: async (path) => files.get(path) ?? Promise.reject(new Error('canary')),
      }
      const { sources } = cluster({ kind, ...(kind === 'SecretStore' && { namespace: 'apps' }) })
      return { files, references: createReferences({ ...sources, ...(allowedTo && { ambient }) }) }
    }
    const refused = [
      ['SecretStore', undefined, 'all'],
      ['SecretStore', 'none', 'all'],
      ['SecretStore', 'cluster-stores', 'all'],
      ['ClusterSecretStore', undefined, 'cluster-stores'],
      ['ClusterSecretStore', 'none', 'cluster-stores'],
    ] as const
    for (const [kind, allowedTo, wanted] of refused) {
      const text =
        `the process's own identity is not for this ${kind}: --ambient-credentials=${wanted} would allow it; ` +
        'or name credentials in the spec'
      t.throws(() => own(kind, allowedTo).references.ambient(), { code: 'denied', message: text })
    }
    own('SecretStore', 'all').references.ambient()
    const { files, references } = own('ClusterSecretStore', 'cluster-stores')
    const ambient = references.ambient()
    t.same([ambient.variable('SET'), ambient.variable('EMPTY'), ambient.variable('NONE')], ['x', undefined, undefined])
    t.equal(references.fingerprint(), '')
    t.equal(await ambient.file('/token', 'NAME'), 'one')
    const before = references.fingerprint()
    t.match(before, /^file \/token=[\w+/]{43}=$/)
    t.equal(await references.currentFingerprint(), before)
    files.set('/token', 'two')
    t.not(await references.currentFingerprint(), before)
    files.delete('/token')
    t.equal(await references.currentFingerprint(), 'file /token=absent')
    await t.rejects(ambient.file('/token', 'NAME'), {
      code: 'auth-failed',
      message: 'NAME: the file it names cannot be read',
    })
    await t.rejects(ambient.serviceAccountToken(), { code: 'auth-failed', message: /--ambient-token-file names none$/ })
    t.equal(references.scope, 'store')
  },
)

t.test('a token of an account beside this server is shown unless the cluster itself accepts it', async (t) => {
  const store = { kind: 'ClusterSecretStore' } as const
  const { references, asked } = installed(store, async (token) => token === 'token for api,x')
  const token = (namespace: string, ...audiences: readonly string[]) =>
    references.serviceAccountToken({ name: 'a', namespace, audiences }, wish)
  t.equal(await token('own'), 'token for x')
  t.equal(await token('apps', 'api'), 'token for api,x')
  t.same(asked, ['token for x'], "an account of another namespace is nobody else's")
  const why = "it is of this server's own namespace, and the cluster itself accepts that token"
  const remedy = 'name audiences that kube-apiserver does not accept, or an account of another namespace'
  const message = `no provider is shown a token of the ServiceAccount "own/a": ${why}; ${remedy}`
  await t.rejects(token('own', 'api'), { code: 'denied', message })
  const inside = installed({ kind: 'SecretStore', namespace: 'own' }, async () => true).references
  await t.rejects(inside.serviceAccountToken({ name: 'a', namespace: 'apps' }, wish), { code: 'denied', message })
})

t.test('where nobody can tell whether the cluster accepts a token, it is not shown, and asked for again', async (t) => {
  const broken = installed({ kind: 'ClusterSecretStore' }, () => Promise.reject(new Error('canary'))).references
  const text =
    'cannot tell whether the cluster itself accepts a token of the ServiceAccount "own/a": the request failed'
  const token = broken.serviceAccountToken({ name: 'a', namespace: 'own' }, wish)
  await t.rejects(token, { code: 'unavailable', message: text })
})

t.test('Secrets with keys of this server are shown to no provider, others of its namespace are', async (t) => {
  const store = { kind: 'ClusterSecretStore' } as const
  const { references, sources } = installed(store, async () => false)
  const key = (name: string, namespace = 'own') => references.secretKey({ name, namespace, key: 'k' })
  const message = 'no provider is shown the Secret "own/keys": it is for private keys of this server'
  await t.rejects(key('keys'), { code: 'denied', message })
  await t.rejects(references.secret({ name: 'keys', namespace: 'own' }), { code: 'denied', message })
  const inside = createReferences({ ...sources, store: { kind: 'SecretStore', namespace: 'own' } })
  await t.rejects(inside.secretKey({ name: 'keys', key: 'k' }), { code: 'denied', message })
  t.equal(await key('vault'), 'value of own/vault')
  t.equal(await key('keys', 'apps'), 'value of apps/keys')
  const ca = { type: 'Secret', name: 'keys', namespace: 'own', key: 'k' } as const
  t.equal(await references.caBundle(ca), 'value of own/keys', 'whom to trust is shown to nobody')

  const tokens = createReferences({
    ...sources,
    readSecret: async (at) => {
      const found = await sources.readSecret(at)
      return found && { ...found, type: 'kubernetes.io/service-account-token' }
    },
  })
  const named = { name: 'a-token', key: 'k' }
  await t.rejects(tokens.secretKey({ ...named, namespace: 'own' }), {
    code: 'denied',
    message: /^no provider is shown the Secret "own\/a-token", a token of a ServiceAccount: it is of this server's own/,
  })
  t.equal(await tokens.secretKey({ ...named, namespace: 'apps' }), 'value of apps/a-token')
})

const wish = { audiences: ['x'], expirationSeconds: 600 }

/** A server in the namespace `own`, with its keys in the Secret `keys`; tokens say whom they are for. */
function installed(store: ReferenceSources['store'], accepts: (token: string) => Promise<boolean>) {
  const asked: string[] = []
  const sources: ReferenceSources = {
    ...cluster(store).sources,
    requestToken: async ({ audiences }) => `token for ${audiences.join()}`,
    installation: {
      namespace: 'own',
      keySecrets: new Set(['keys']),
      accepts: (token) => {
        asked.push(token)
        return accepts(token)
      },
    },
  }
  return { asked, sources, references: createReferences(sources) }
}

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
