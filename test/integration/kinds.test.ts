import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { coreKinds, kinds } from '../../kinds/catalog.gen.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { decodeYaml } from '../../machinery/yaml.ts'
import { type Body, openLocalApi } from '../support/local-api.ts'

const folder = new URL('../../../kinds/', import.meta.url)
const examples = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) => /^(?!core|test)[^/]+\/examples\/[^/]+\.yaml$/.test(path))
  .map((path) => decodeYaml(readFileSync(new URL(path, folder), 'utf8')) as unknown as KubeObject)
const versions = ['v1', 'v1beta1', 'v1alpha1']

const api = await openLocalApi({ kinds: [...kinds, ...coreKinds] })
t.teardown(() => api[Symbol.asyncDispose]())
await api.call('POST /api/v1/namespaces', { body: { metadata: { name: 'shop' } } })

for (const example of examples) {
  t.test(`${example.kind} ${example.metadata.name} of ${example.apiVersion} in every version`, async (t) => {
    for (const [index, way] of (['created', 'applied'] as const).entries()) {
      const name = `${example.metadata.name}-${versionOf(example)}-${index}`
      const { status: _, ...members } = example
      const object: KubeObject = { ...members, metadata: { ...example.metadata, name } }
      const answer = way === 'created' ? await created(object) : await applied(object)
      t.match(answer, { code: 201 }, `${way}: ${JSON.stringify(answer.body['message'])}`)
      for (const version of versions) {
        const path = pathOf(object, version)
        const read = await api.call(`GET ${path}`)
        t.equal(read.body['apiVersion'], `external-secrets.io/${version}`)
        t.match(await api.call(`PUT ${path}`, { body: read.body }), { code: 200 }, `written back in ${version}`)
        t.match(await patched(path, { metadata: { labels: { [version]: 'yes' } } }), { code: 200 })
        t.strictSame(await specOf(object), object['spec'], `${way}, read and written in ${version}`)
      }
    }
  })
}

t.test('the diff of what was applied and what is read is empty, and applying it again writes nothing', async (t) => {
  for (const example of examples) {
    const { status: _, ...object } = example
    const path = pathOf(object, versionOf(object))
    await api.call(`DELETE ${path}`)
    const first = await applied(object)
    const second = await applied(object)
    t.strictSame(first.body['spec'], object['spec'])
    t.equal(resourceVersionOf(second.body), resourceVersionOf(first.body), object.apiVersion)
  }
})

t.test('an edit in an older version keeps what only v1 can say, and shows it as an annotation', async (t) => {
  const example = examples.find(({ apiVersion, kind }) => kind === 'ExternalSecret' && apiVersion.endsWith('/v1'))
  const object = { ...example, metadata: { name: 'edited', namespace: 'shop' } } as KubeObject
  await created(object)
  const path = pathOf(object, 'v1beta1')
  const { body } = await api.call(`GET ${path}`)
  t.match(body['metadata']?.['annotations'], { 'external-secrets.io/conversion-data': /nullBytePolicy/ })
  t.equal(body['spec']?.['syncWindows'], undefined)
  t.match(await patched(path, { spec: { refreshInterval: '30m' } }), { code: 200 })
  t.strictSame(await specOf(object), { ...(object['spec'] as object), refreshInterval: '30m' })
  const config = { ...object, apiVersion: 'external-secrets.io/v1beta1', spec: { target: { immutable: true } } }
  t.match(await applied(config, 'force=true'), { code: 200 })
  const target = { ...(object['spec'] as { target: object }).target, immutable: true }
  t.strictSame(await specOf(object), { ...(object['spec'] as object), refreshInterval: '30m', target })
  const { body: stored } = await api.call(`GET ${pathOf(object, 'v1')}`)
  t.equal(stored['metadata']?.['annotations'], undefined)
})

t.test('what is not served is refused with what is, in the version it was sent in', async (t) => {
  const store = {
    apiVersion: 'external-secrets.io/v1beta1',
    kind: 'SecretStore',
    metadata: { name: 'later', namespace: 'shop' },
  }
  const refused = await created({ ...store, spec: { provider: { gcpsm: { projectID: 'x', anything: [1] } } } })
  t.match(refused, {
    code: 422,
    body: { message: /spec\.provider\.gcpsm: Forbidden: .*served: aws, fake, kubernetes, openBao, vault, webhook/ },
  })
  const engine = examples.find(({ apiVersion, kind }) => kind === 'ExternalSecret' && apiVersion.endsWith('/v1alpha1'))
  const templated = {
    ...engine,
    metadata: { name: 'templated', namespace: 'shop' },
    spec: { ...(engine?.['spec'] as object), target: { template: { data: { a: '{{ .a }}' } } } },
  }
  t.match(await created(templated as KubeObject), {
    code: 422,
    body: { message: /template engine v1 is no longer served/ },
  })
})

t.test('who writes stringData owns keys of data, and takes them away by leaving them out', async (t) => {
  const path = '/api/v1/namespaces/shop/secrets/texts'
  const secret = (members: object) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'texts' }, ...members })
  const headers = { 'content-type': 'application/apply-patch+yaml' }
  const apply = (members: object) => api.call(`PATCH ${path}?fieldManager=me`, { body: secret(members), headers })
  const first = await apply({ stringData: { a: 'x', b: 'y' } })
  t.match(first, { code: 201, body: { data: { a: 'eA==', b: 'eQ==' }, type: 'Opaque' } })
  t.equal(first.body['stringData'], undefined)
  t.match(first.body['metadata']?.['managedFields'], [{ fieldsV1: { 'f:data': { 'f:a': {}, 'f:b': {} } } }])
  t.strictSame((await apply({ stringData: { b: 'y' } })).body['data'], { b: 'eQ==' })
  t.match(await apply({ data: { b: 'canary!' } }), {
    code: 400,
    body: { message: /illegal base64 data in data\[b\]$/ },
  })
})

t.test('labels and the declared fields select in lists, watches and deletions of every version', async (t) => {
  await api.call('POST /api/v1/namespaces', { body: { metadata: { name: 'fields' } } })
  const at = { namespace: 'fields' }
  const store = (name: string, provider: object, more: object = {}): KubeObject => ({
    apiVersion: 'external-secrets.io/v1',
    kind: 'SecretStore',
    metadata: { name, ...at },
    spec: { provider, ...more },
  })
  const secret = (name: string, spec: object, labels: Readonly<Record<string, string>> = {}): KubeObject => ({
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name, ...at, labels },
    spec: { data: [{ secretKey: 'k', remoteRef: { key: 'k' } }], secretStoreRef: { name: 'own' }, ...spec },
  })
  const all = { name: 'all', kind: 'ClusterSecretStore' }
  const vault = { server: 'https://vault.example', auth: { tokenSecretRef: { name: 'token', key: 'token' } } }
  const objects = [
    store('own', { fake: { data: [] } }, { controller: 'second' }),
    store('remote', { vault }),
    secret('plain', {}),
    secret('shared', { secretStoreRef: all, target: { name: 'plain' }, refreshPolicy: 'OnChange' }, { team: 'a' }),
    secret('late', { refreshInterval: '5m' }, { team: 'b' }),
  ]
  for (const object of objects) t.equal((await created(object)).code, 201, object.metadata.name ?? '')
  const ready = (status: string, reason: string) => ({ status: { conditions: [{ type: 'Ready', status, reason }] } })
  await patched(`${pathOf(secret('plain', {}), 'v1')}/status`, ready('True', 'SecretSynced'))
  await patched(`${pathOf(secret('late', {}), 'v1')}/status`, ready('False', 'SecretSyncedError'))
  await patched(`${pathOf(store('own', {}), 'v1')}/status`, ready('True', 'Valid'))
  const cases: readonly (readonly [resource: string, query: Readonly<Record<string, string>>, names: string])[] = [
    ['externalsecrets', { fieldSelector: 'spec.secretStoreRef.name=own' }, 'late plain'],
    ['externalsecrets', { fieldSelector: 'spec.secretStoreRef.kind=ClusterSecretStore' }, 'shared'],
    ['externalsecrets', { fieldSelector: 'spec.secretStoreRef.kind=SecretStore' }, 'late plain'],
    ['externalsecrets', { fieldSelector: 'spec.target.name=plain' }, 'plain shared'],
    ['externalsecrets', { fieldSelector: 'spec.refreshInterval=1h0m0s' }, 'plain shared'],
    ['externalsecrets', { fieldSelector: 'spec.refreshPolicy=Periodic' }, 'late plain'],
    ['externalsecrets', { fieldSelector: 'status.conditions.Ready.status!=True' }, 'late shared'],
    ['externalsecrets', { fieldSelector: 'status.conditions.Ready.status=' }, 'shared'],
    ['externalsecrets', { fieldSelector: 'status.conditions.Ready.reason=SecretSyncedError' }, 'late'],
    ['externalsecrets', { labelSelector: 'team', fieldSelector: 'spec.secretStoreRef.name=own' }, 'late'],
    ['externalsecrets', { labelSelector: 'team notin (a)', fieldSelector: 'metadata.name!=late' }, 'plain'],
    ['secretstores', { fieldSelector: 'spec.provider=vault' }, 'remote'],
    ['secretstores', { fieldSelector: 'spec.provider!=vault,spec.controller=second' }, 'own'],
    ['secretstores', { fieldSelector: 'status.conditions.Ready.status=True' }, 'own'],
    ['secretstores', { fieldSelector: 'status.conditions.Ready.reason=Valid' }, 'own'],
  ]
  for (const [resource, query, names] of cases) {
    for (const version of versions) {
      const path = `/apis/external-secrets.io/${version}/namespaces/fields/${resource}`
      const { body } = await api.call(`GET ${path}?${new URLSearchParams(query).toString()}`)
      const items = body['items'] as unknown as readonly KubeObject[]
      t.equal(items.map(({ metadata }) => metadata.name).join(' '), names, `${version} ${JSON.stringify(query)}`)
    }
  }
  const path = '/apis/external-secrets.io/v1/namespaces/fields/externalsecrets'
  t.match(await api.call(`GET ${path}?fieldSelector=spec.nope%3D1`), {
    code: 400,
    body: { message: 'field label not supported: spec.nope' },
  })
  const end = new AbortController()
  const watched = api.watch(`${path}?watch=true&fieldSelector=status.conditions.Ready.status%3DFalse`, {
    signal: end.signal,
  })
  const next = async () => (await watched.next()).value as Body
  t.match(await next(), { type: 'ADDED', object: { metadata: { name: 'late' } } })
  await patched(`${pathOf(secret('late', {}), 'v1')}/status`, ready('True', 'SecretSynced'))
  t.match(await next(), { type: 'DELETED', object: { metadata: { name: 'late' } } }, 'it left the selection')
  await patched(`${pathOf(secret('plain', {}), 'v1')}/status`, ready('False', 'SecretSyncedError'))
  t.match(await next(), { type: 'ADDED', object: { metadata: { name: 'plain' } } })
  end.abort()
  await api.call(`DELETE ${path}?fieldSelector=spec.refreshPolicy%3DOnChange`)
  const { body } = await api.call(`GET ${path}`)
  t.equal((body['items'] as unknown as readonly unknown[]).length, 2)
})

t.test('old versions warn', async (t) => {
  const { warnings } = await api.call('GET /apis/external-secrets.io/v1alpha1/namespaces/shop/externalsecrets')
  t.same(warnings, [
    'external-secrets.io/v1alpha1 ExternalSecret is deprecated; use external-secrets.io/v1 ExternalSecret',
  ])
})

function created(object: KubeObject) {
  const path = pathOf(object, versionOf(object))
  return api.call(`POST ${path.slice(0, path.lastIndexOf('/'))}`, { body: object })
}

function applied(object: KubeObject, query = '') {
  const headers = { 'content-type': 'application/apply-patch+yaml' }
  return api.call(`PATCH ${pathOf(object, versionOf(object))}?fieldManager=tester&${query}`, { body: object, headers })
}

function patched(path: string, body: object) {
  return api.call(`PATCH ${path}`, { body, headers: { 'content-type': 'application/merge-patch+json' } })
}

async function specOf(object: KubeObject): Promise<unknown> {
  return (await api.call(`GET ${pathOf(object, versionOf(object))}`)).body['spec']
}

function resourceVersionOf(body: Body): unknown {
  return body['metadata']?.['resourceVersion']
}

function versionOf({ apiVersion }: KubeObject): string {
  return apiVersion.slice(apiVersion.indexOf('/') + 1)
}

function pathOf({ kind, metadata }: KubeObject, version: string): string {
  const scope = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`
  return `/apis/external-secrets.io/${version}${scope}/${kind.toLowerCase()}s/${metadata.name}`
}
