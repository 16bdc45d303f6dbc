import t, { type Test } from 'tap'
import { kinds } from '../../kinds/catalog.gen.ts'
import type { JsonObject } from '../../machinery/object.ts'
import { openLocalApi, textAt } from '../../test/support/local-api.ts'
import { openSyncCluster, type SyncCluster } from '../../test/support/sync-cluster.ts'
import { until } from '../../test/support/until.ts'
import type { Authorizer } from '../authorization/authorizer.ts'
import type { UserInfo } from '../request-context.ts'
import { type ReferenceRightsMode, referenceRights } from './reference-rights.ts'

const v1 = 'external-secrets.io/v1'
const path = `/apis/${v1}/namespaces/a/externalsecrets`
const mergePatch = { 'content-type': 'application/merge-patch+json' }

function user(name: string): UserInfo {
  return { name, groups: ['system:authenticated'], extra: { from: ['test'] } }
}

/** Rights as lines `WHO VERB RESOURCE NAMESPACE NAME`, to be given and taken while a test runs. */
class Rights {
  readonly lines: Set<string>
  mode: ReferenceRightsMode

  constructor(mode: ReferenceRightsMode, ...lines: readonly string[]) {
    this.mode = mode
    this.lines = new Set(lines)
  }

  readonly authorize: Authorizer = ({ name, groups }, { verb, resource, subresource, namespace, name: object }) => {
    const what = subresource === '' ? resource : `${resource}/${subresource}`
    const line = [verb, what, namespace || '-', object || '-'].join(' ')
    return [name, ...groups].some((who) => who === 'system:masters' || this.lines.has(`${who} ${line}`))
      ? { verdict: 'allow' }
      : { verdict: 'no-opinion' }
  }

  /** By the mode of the moment, as after a restart with another flag. */
  get checks() {
    const now = () => referenceRights(this)
    return {
      admit: (...args: Parameters<ReturnType<typeof now>['admit']>) => now().admit(...args),
      lost: (...args: Parameters<ReturnType<typeof now>['lost']>) => now().lost(...args),
    }
  }
}

function anExternalSecret(name: string, spec: JsonObject = { secretStoreRef: { name: 's' } }, apiVersion = v1) {
  const data = [{ secretKey: 'k', remoteRef: { key: 'k' } }]
  return { apiVersion, kind: 'ExternalSecret', metadata: { name, namespace: 'a' }, spec: { data, ...spec } }
}

t.test('who writes an ExternalSecret needs the right to use each store that it names', async (t) => {
  const rights = new Rights('enforce', 'ann use secretstores a s')
  await using api = await openLocalApi({ kinds, referenceRights: rights.checks })
  const create = (body: object, name: string) => api.call(`POST ${path}`, { body, user: user(name) })
  t.equal((await create(anExternalSecret('one'), 'ann')).code, 201)
  const refused = await create(anExternalSecret('two'), 'bob')
  t.match(refused, { code: 403, body: { reason: 'Forbidden', details: { kind: 'externalsecrets', name: 'two' } } })
  t.equal(
    textAt(refused.body, 'message'),
    'externalsecrets.external-secrets.io "two" is forbidden: User "bob" cannot use resource "secretstores" in API ' +
      'group "external-secrets.io" in the namespace "a": the object makes use of secretstores "s", for which its ' +
      'writer needs the verb "use"',
  )

  const elsewhere = (entry: JsonObject) => ({ secretStoreRef: { name: 's' }, ...entry })
  const storeRef = { kind: 'ClusterSecretStore', name: 'shared' }
  const hiding: readonly JsonObject[] = [
    { secretStoreRef: storeRef },
    elsewhere({ data: [{ secretKey: 'k', remoteRef: { key: 'k' }, sourceRef: { storeRef } }] }),
    elsewhere({ dataFrom: [{ find: { path: '/' }, sourceRef: { storeRef } }] }),
  ]
  for (const spec of hiding) {
    const { code, body } = await create(anExternalSecret('three', spec), 'ann')
    t.equal(code, 403, JSON.stringify(spec))
    t.match(textAt(body, 'message'), /cannot use resource "clustersecretstores".*at the cluster scope/)
  }
  rights.lines.add('ann use clustersecretstores - shared')
  t.equal((await create(anExternalSecret('three', hiding[1]), 'ann')).code, 201)

  const old = 'external-secrets.io/v1alpha1'
  const older = { ...anExternalSecret('four', { secretStoreRef: { name: 's' }, target: {} }, old) }
  for (const [name, code] of [['bob', 403] as const, ['ann', 201] as const]) {
    const answer = await api.call(`POST ${path.replace(v1, old)}`, { body: older, user: user(name) })
    t.equal(answer.code, code, `${name} in ${old}`)
  }
  const applied = await api.call(`PATCH ${path}/five?fieldManager=m`, {
    body: anExternalSecret('five'),
    headers: { 'content-type': 'application/apply-patch+yaml' },
    user: user('bob'),
  })
  t.equal(applied.code, 403, 'an apply that creates')
})

t.test('a generator is asked for like a store, wherever it lies', async (t) => {
  const rights = new Rights('enforce', 'ann use secretstores a s')
  await using api = await openLocalApi({ kinds, referenceRights: rights.checks })
  const create = (name: string, generatorRef: JsonObject) => {
    const dataFrom = [{ sourceRef: { generatorRef } }]
    const body = anExternalSecret(name, { secretStoreRef: { name: 's' }, dataFrom })
    return api.call(`POST ${path}`, { body, user: user('ann') })
  }
  const cases = [
    {
      kind: 'ClusterGenerator',
      name: 'shared',
      right: 'use clustergenerators - shared',
      place: 'at the cluster scope',
    },
    { kind: 'VaultDynamicSecret', name: 'db', right: 'use vaultdynamicsecrets a db', place: 'in the namespace "a"' },
  ]
  for (const { kind, name, right, place } of cases) {
    const [, plural] = right.split(' ')
    const refused = await create(name, { kind, name })
    t.equal(refused.code, 403, kind)
    const where = `"${plural}" in API group "generators.external-secrets.io" ${place}: `
    t.match(textAt(refused.body, 'message'), `User "ann" cannot use resource ${where}`)
    rights.lines.add(`ann ${right}`)
    t.equal((await create(name, { kind, name })).code, 201, kind)
  }
  // No generator of another group is found: that is told when it is looked for.
  const foreign = { apiVersion: 'other.example/v1', kind: 'UUID', name: 'u' }
  t.equal((await create('foreign', foreign)).code, 201)
})

t.test('only a change of the spec asks anew, and lends the rights of who makes it', async (t) => {
  const rights = new Rights('enforce', 'ann use secretstores a s', 'cay use secretstores a s')
  await using api = await openLocalApi({ kinds, referenceRights: rights.checks })
  const registry = api.registries.find('external-secrets.io', 'externalsecrets')
  const admitted = async () => (await registry?.get({ namespace: 'a', name: 'one' }))?.value.hidden?.['admitted']
  const patch = (body: object, name: string, at = '') =>
    api.call(`PATCH ${path}/one${at}`, { body, headers: mergePatch, user: user(name) })
  await api.call(`POST ${path}`, { body: anExternalSecret('one'), user: user('ann') })
  const { name, groups, extra } = user('ann')
  t.same(await admitted(), { user: { name, groups, extra } })
  t.equal((await patch({ metadata: { labels: { by: 'bob' } } }, 'bob')).code, 200)
  t.equal((await patch({ metadata: { finalizers: ['example.com/f'] } }, 'bob')).code, 200)
  t.equal((await patch({ status: { refreshTime: '2020-01-01T00:00:00Z' } }, 'bob', '/status')).code, 200)
  t.equal((await patch({ spec: { refreshInterval: '5m' } }, 'bob')).code, 403)
  t.equal((await patch({ spec: { refreshInterval: '5m' } }, 'cay', '?dryRun=All')).code, 200)
  t.match(await admitted(), { user: { name: 'ann' } }, 'nobody else was admitted so far')
  t.notMatch((await api.call(`GET ${path}/one`)).text, /admitted/, 'nobody is shown who it was')
  t.equal((await patch({ spec: { refreshInterval: '5m' } }, 'cay')).code, 200)
  t.match(await admitted(), { user: { name: 'cay' } })
  rights.mode = 'off'
  t.equal((await patch({ spec: { refreshInterval: '6m' } }, 'bob')).code, 200)
  t.equal(await admitted(), undefined, 'what nobody was asked for stands in nobody else‘s name')
})

t.test('what was there before anybody was asked is warned of; what it names anew is refused', async (t) => {
  const rights = new Rights('off')
  await using api = await openLocalApi({ kinds, referenceRights: rights.checks })
  const patch = (spec: object) =>
    api.call(`PATCH ${path}/one`, { body: { spec }, headers: mergePatch, user: user('bob') })
  t.equal((await api.call(`POST ${path}`, { body: anExternalSecret('one'), user: user('bob') })).code, 201)
  rights.mode = 'enforce'
  const warned = await patch({ refreshInterval: '5m' })
  t.match(warned, { code: 200, warnings: [/User "bob" cannot use resource "secretstores".*this will be refused/] })
  const warnings = (name: string) => ({
    'reference-rights.external-secrets.io/warnings':
      'User "bob" cannot use resource "secretstores" in API group "external-secrets.io" in the namespace "a": the ' +
      `object makes use of secretstores "${name}", for which its writer needs the verb "use"`,
  })
  t.same(warned.annotations, warnings('s'), 'in the audit trail')
  t.match(await patch({ secretStoreRef: { name: 'other' } }), { code: 403 })
  rights.mode = 'warn'
  const named = await patch({ secretStoreRef: { name: 'other' } })
  t.match(named, { code: 200, warnings: [/secretstores "other"/], annotations: warnings('other') })
  rights.mode = 'enforce'
  rights.lines.add('bob use secretstores a other')
  t.match(await patch({ refreshInterval: '7m' }), { code: 200, warnings: [], annotations: {} })
  rights.lines.clear()
  t.match(await patch({ refreshInterval: '8m' }), { code: 403 }, 'who has shown the right once needs it from then on')
})

t.test('strict asks for what else is named: Secrets, tokens and the target', async (t) => {
  const rights = new Rights('strict', 'ann use secretstores a s')
  await using api = await openLocalApi({ kinds, referenceRights: rights.checks })
  const template = { templateFrom: [{ secret: { name: 'tpl', items: [{ key: 'k' }] } }] }
  const vault = {
    server: 'https://vault.example.com',
    path: 'kv',
    auth: { appRole: { path: 'approle', roleId: 'r', secretRef: { name: 'login', key: 'k' } } },
  }
  const account = { mountPath: 'k8s', role: 'r', serviceAccountRef: { name: 'app' } }
  const cases: readonly (readonly [object, readonly string[]])[] = [
    [
      anExternalSecret('one', { secretStoreRef: { name: 's' }, target: { name: 'out', template } }),
      ['get secrets a tpl', 'create secrets a -', 'update secrets a out'],
    ],
    [storeOf({ vault }), ['get secrets a login']],
    [storeOf({ vault: { ...vault, auth: { kubernetes: account } } }), ['create serviceaccounts/token a app']],
  ]
  for (const [body, needed] of cases) {
    const { kind } = body as { kind: string }
    const create = () =>
      api.call(`POST ${path.replace('externalsecrets', `${kind.toLowerCase()}s`)}?dryRun=All`, {
        body,
        user: user('ann'),
      })
    for (const right of needed) {
      const [verb = '', resource = ''] = right.split(' ')
      t.match(textAt((await create()).body, 'message'), `cannot ${verb} resource "${resource}"`)
      rights.lines.add(`ann ${right}`)
    }
    t.match(await create(), { code: 201 })
  }
  rights.mode = 'enforce'
  rights.lines.clear()
  t.match(await api.call(`POST ${path.replace('externalsecrets', 'secretstores')}`, { body: storeOf({ vault }) }), {
    code: 201,
  })
})

function storeOf(provider: JsonObject) {
  return { apiVersion: v1, kind: 'SecretStore', metadata: { name: 's', namespace: 'a' }, spec: { provider } }
}

/** A store, and an ExternalSecret `one` of Ann's that uses it. */
async function syncedByAnn(t: Test, rights: Rights): Promise<SyncCluster> {
  const options = { retryFirstMs: 10, retryMaxMs: 20 }
  const cluster = await openSyncCluster({ referenceRights: referenceRights(rights), options })
  cluster.start()
  const store = storeOf({ fake: { data: [{ key: 'k', value: 'v' }] } })
  await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } }, store)
  const body = anExternalSecret('one')
  t.equal((await cluster.api.call(`POST ${path}`, { body, user: user('ann') })).code, 201)
  return cluster
}

t.test('the refresh goes on while who wrote it or the accounts of the namespace have the right (T05)', async (t) => {
  const rights = new Rights('enforce', 'ann use secretstores a s')
  await using cluster = await syncedByAnn(t, rights)
  const secret = async () => (await cluster.api.call('GET /api/v1/namespaces/a/secrets/one')).code
  const ready = async () => JSON.stringify((await cluster.read(`${path}/one`))['status']?.['conditions'] ?? '')
  await until(async () => (await secret()) === 200)
  await until(async () => (await ready()).includes('SecretSynced"'))

  let refreshes = 0
  const refresh = () => cluster.patch(`${path}/one`, { metadata: { annotations: { at: String((refreshes += 1)) } } })
  rights.lines.clear()
  await refresh()
  await until(async () => (await ready()).includes('refreshing has stopped'))
  t.match(
    await ready(),
    /neither User \\"ann\\" nor Group \\"system:serviceaccounts:a\\" can use secretstores.external-secrets.io \\"s\\"/,
  )
  t.match(await ready(), /a RoleBinding in the namespace \\"a\\" of a role with the verb \\"use\\" on secretstores/)
  t.equal(await secret(), 200, 'nothing is deleted')
  rights.lines.add('system:serviceaccounts:a use secretstores a s')
  await until(async () => (await ready()).includes('SecretSynced"'))
  rights.lines.clear()
  await refresh()
  await until(async () => (await ready()).includes('refreshing has stopped'))
  rights.lines.add('cay use secretstores a s')
  const change = { body: { spec: { refreshInterval: '2h' } }, headers: mergePatch, user: user('cay') }
  t.equal((await cluster.api.call(`PATCH ${path}/one`, change)).code, 200)
  await until(async () => (await ready()).includes('SecretSynced"'))
})

t.test('strict: whoever may no longer write the target refreshes it no more', async (t) => {
  const rights = new Rights('strict', 'ann use secretstores a s', 'ann create secrets a -', 'ann update secrets a one')
  await using cluster = await syncedByAnn(t, rights)
  const ready = async () => JSON.stringify((await cluster.read(`${path}/one`))['status']?.['conditions'] ?? '')
  await until(async () => (await ready()).includes('SecretSynced"'))
  rights.lines.delete('ann create secrets a -')
  await cluster.patch(`${path}/one`, { metadata: { annotations: { at: 'once more' } } })
  await until(async () => (await ready()).includes('refreshing has stopped'))
  t.match(await ready(), /can create secrets any more; a RoleBinding .* the verb \\"create\\" on secrets to that group/)
})
