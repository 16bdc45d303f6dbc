import t from 'tap'
import { type ApiAnswer, type ApiClient, type Json, listOf } from '../support/api-client.ts'
import { ServerProcess } from '../support/server-process.ts'
import { until } from '../support/until.ts'

const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/demo'
const group = '/apis/external-secrets.io/v1/namespaces/demo'
const apiVersion = 'external-secrets.io/v1'

const server = await ServerProcess.start(['--storage-backend', 'memory'])
const api = server.client()
t.teardown(async () => {
  await api[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

async function created(client: ApiClient, path: string, object: object): Promise<void> {
  const answer = await client.post(path, object)
  if (answer.status !== 201) throw new Error(`POST ${path} answered ${answer.status}: ${answer.text}`)
}

async function merged(place: string, body: object): Promise<void> {
  const answer = await api.call('PATCH', `${group}/${place}`, { body, contentType: 'application/merge-patch+json' })
  if (answer.status !== 200) throw new Error(`PATCH ${place} answered ${answer.status}: ${answer.text}`)
}

/** Nobody but the administrator may do anything until he is granted it. */
function as(user: string) {
  const headers = { 'impersonate-user': user }
  return {
    get: (path: string) => api.call('GET', path, { headers }),
    post: (path: string, body?: object) => api.call('POST', path, { headers, ...(body && { body }) }),
  }
}

/** Resolves when the right holds. */
async function grant(user: string, verb: string, resource: string): Promise<void> {
  const name = [user, verb, ...resource.split('/')].join('-')
  const rule = { apiGroups: ['external-secrets.io'], resources: [resource], verbs: [verb] }
  await created(api, `${rbac}/roles`, { metadata: { name, namespace: 'demo' }, rules: [rule] })
  const apiGroup = 'rbac.authorization.k8s.io'
  await created(api, `${rbac}/rolebindings`, {
    metadata: { name, namespace: 'demo' },
    roleRef: { apiGroup, kind: 'Role', name },
    subjects: [{ apiGroup, kind: 'User', name: user }],
  })
  const [plural = '', subresource = ''] = resource.split('/')
  const about = { group: 'external-secrets.io', resource: plural, subresource, namespace: 'demo', verb, name: 'x' }
  await until(async () => {
    const review = { spec: { user, resourceAttributes: about } }
    const { json } = await api.post('/apis/authorization.k8s.io/v1/subjectaccessreviews', review)
    return String(json['status']?.['allowed']) === 'true'
  })
}

function store(name: string, provider: object): object {
  return { apiVersion, kind: 'SecretStore', metadata: { name, namespace: 'demo' }, spec: { provider } }
}

function fake(values: Readonly<Record<string, string>>): object {
  return { fake: { data: Object.entries(values).map(([key, value]) => ({ key, value })) } }
}

function externalSecret(name: string, spec: object): object {
  return { apiVersion, kind: 'ExternalSecret', metadata: { name, namespace: 'demo' }, spec }
}

const login = JSON.stringify({ user: 'shop', password: 'hunter2' })
const values = { '/shop/db': login, '/shop/token': 'hunter2', '/other': 'o' }
const remoteRef = { key: '/shop/db', property: 'password' }
const reading = { secretStoreRef: { name: 'fake' }, data: [{ secretKey: 'password', remoteRef }] }

async function valueOf(name: string): Promise<string | undefined> {
  const { json } = await api.get(`/api/v1/namespaces/demo/secrets/${name}`)
  const value: unknown = json['data']?.['password']
  return typeof value === 'string' ? Buffer.from(value, 'base64').toString() : undefined
}

/** Everything that a verb might have written. */
async function everything(): Promise<string> {
  const paths = ['externalsecrets', 'secretstores'].map((plural) => `${group}/${plural}`)
  const answers = [...paths, '/api/v1/namespaces/demo/secrets'].map((path) => api.get(path))
  return (await Promise.all(answers)).map(({ json }) => JSON.stringify(json['items'])).join('\n')
}

function keysOf(answer: ApiAnswer, list = 'keys'): Readonly<Record<string, Json>> {
  return Object.fromEntries(listOf(answer.json['status']?.[list]).map((each) => [String(each['key']), each]))
}

t.before(async () => {
  await created(api, '/api/v1/namespaces', { metadata: { name: 'demo' } })
  await created(api, `${group}/secretstores`, store('fake', fake(values)))
  await created(api, `${group}/externalsecrets`, externalSecret('db', reading))
  await until(async () => (await valueOf('db')) === 'hunter2')
})

t.test('effective is the object with the defaults of the version, for who may get it', async (t) => {
  const path = `${group}/externalsecrets/db/effective`
  const refused = await as('eve').get(path)
  t.match(refused.json, { code: 403, message: /cannot get resource "externalsecrets\/effective"/ })
  await grant('eve', 'get', 'externalsecrets/effective')
  const { status, json } = await as('eve').get(path)
  t.equal(status, 200)
  t.match(json, {
    kind: 'ExternalSecret',
    metadata: { name: 'db', resourceVersion: /\d+/ },
    spec: {
      refreshInterval: '1h0m0s',
      refreshPolicy: 'Periodic',
      secretStoreRef: { kind: 'SecretStore' },
      target: { name: 'db', creationPolicy: 'Owner', deletionPolicy: 'Retain' },
    },
  })
  const older = await api.get(path.replace('/v1/', '/v1alpha1/'))
  t.match(older.json, { apiVersion: 'external-secrets.io/v1alpha1', spec: { refreshInterval: '1h' } })
  t.equal(older.json['metadata']?.['annotations']?.['external-secrets.io/conversion-data'], undefined)
  t.strictSame((await api.get(`${group}/externalsecrets/db`)).json['spec'], reading, 'what is stored says no more')
  t.equal((await api.call('PUT', path, { body: json })).status, 405)
  t.equal((await api.get(`${group}/externalsecrets/none/effective`)).status, 404)
  t.equal((await api.get(`${group}/secretstores/fake/effective`)).status, 404)
})

t.test('refresh asks the provider at once and answers what came of it', async (t) => {
  const path = `${group}/externalsecrets/db/refresh`
  t.match((await as('rob').post(path)).json, { code: 403, message: /cannot create resource/ })
  await grant('rob', 'create', 'externalsecrets/refresh')
  const body = { spec: { provider: fake({ ...values, '/shop/db': login.replace('hunter2', 'hunter3') }) } }
  await merged('secretstores/fake', body)
  const { json, text } = await as('rob').post(path)
  t.equal(await valueOf('db'), 'hunter3', 'which is written when the answer comes')
  t.match(json, {
    kind: 'ExternalSecretRefresh',
    metadata: { name: 'db', namespace: 'demo' },
    status: {
      synced: true,
      conditions: [{ type: 'Ready', status: 'True', reason: 'SecretSynced' }],
      refreshTime: /Z$/,
      syncedResourceVersion: /^1-/,
    },
  })
  t.notMatch(text, /hunter/)
  t.equal((await as('rob').post(`${group}/externalsecrets/none/refresh`)).status, 404)
  t.equal((await api.post(`${path}?dryRun=All`, {})).status, 400)
  t.equal((await api.get(path)).status, 405)

  const missing = { ...reading, data: [{ secretKey: 'password', remoteRef: { key: '/none' } }] }
  await created(api, `${group}/externalsecrets`, externalSecret('missing', missing))
  t.match((await api.post(`${group}/externalsecrets/missing/refresh`, {})).json, {
    code: undefined,
    status: {
      synced: false,
      detail: /spec\.data\[0\] \(key: \/none\), err: Secret does not exist/,
      conditions: [{ type: 'Ready', status: 'False' }],
    },
  })
  await api.call('DELETE', `${group}/externalsecrets/missing`)
  await created(api, `${group}/externalsecrets`, externalSecret('once', { ...reading, refreshPolicy: 'CreatedOnce' }))
  t.match((await api.post(`${group}/externalsecrets/once/refresh`, {})).json, { status: { synced: true } })
})

t.test('preview shows what would be written to who may use the store, and writes nothing', async (t) => {
  const path = `${group}/externalsecrets/db/preview`
  t.match((await as('pat').post(path)).json, { code: 403, message: /cannot create.*externalsecrets\/preview/ })
  await grant('pat', 'create', 'externalsecrets/preview')
  t.match((await as('pat').post(path)).json, { code: 403, message: /cannot use resource "secretstores"/ })
  await grant('pat', 'use', 'secretstores')
  const before = await everything()
  const stored = await as('pat').post(path)
  const from = { field: 'spec.data[0]', storeKind: 'SecretStore', storeName: 'fake', remoteKey: '/shop/db' }
  t.match(stored.json, {
    kind: 'ExternalSecretPreview',
    status: {
      targetName: 'db',
      keys: [{ key: 'password', sizeBytes: 7, hmac: /^[0-9a-f]{64}$/, from: { ...from, property: 'password' } }],
      errors: undefined,
      fetched: undefined,
    },
  })

  const spec = {
    secretStoreRef: { name: 'fake' },
    target: {
      name: 'other',
      template: {
        mergePolicy: 'Merge',
        data: { url: 'u:{{ .token }}', bad: '{{ .none | nosuch }}', late: '{{ fail "no" }}', same: '{{ .token }}' },
      },
    },
    data: [{ secretKey: 'token', remoteRef: { key: '/shop/token' } }],
    dataFrom: [{ find: { name: { regexp: 'other' } }, rewrite: [{ regexp: { source: '.*', target: 'found' } }] }],
  }
  const unwritten = await as('pat').post(path.replace('/db/', '/not-there/'), { spec })
  t.equal(unwritten.status, 201, unwritten.text)
  const keys = keysOf(unwritten)
  t.strictSame(Object.keys(keys).sort(), ['found', 'same', 'token', 'url'])
  t.match(keys['url'], { sizeBytes: 9, from: { field: 'spec.target.template.data[url]' } })
  t.match(keys['found'], { from: { field: 'spec.dataFrom[0]', storeName: 'fake', remoteKey: /other$/ } })
  t.match(keys['token'], { from: { field: 'spec.data[0]', remoteKey: '/shop/token' } })
  t.equal(keys['same']?.['hmac'], keys['token']?.['hmac'], 'equal values look equal')
  t.not(keys['url']?.['hmac'], keys['token']?.['hmac'])
  const [first, second] = listOf(unwritten.json['status']?.['errors'])
  t.match(first, { field: 'spec.target.template.data[bad]', message: /line 1, column \d+: .*nosuch/ })
  t.match(second, { field: 'spec.target.template.data[late]', message: /no/ })
  t.strictSame(Object.keys(keysOf(unwritten, 'fetched')).sort(), ['found', 'token'])

  const gone = [{ secretKey: 'gone', remoteRef: { key: '/gone' } }]
  const partly = await as('pat').post(path, { spec: { ...spec, data: [...spec.data, ...gone] } })
  t.match(partly.json, { status: { keys: [], errors: [{}, { field: 'spec.data[1]', message: /does not exist/ }] } })
  t.equal((await as('pat').post(path, { spec: { data: [{}] } })).status, 422)
  t.match((await as('pat').post(path, { spec: { ...reading, refreshInterval: 'soon' } })).json, { code: 422 })
  const elsewhere = { ...reading, secretStoreRef: { kind: 'ClusterSecretStore', name: 'shared' } }
  t.match((await as('pat').post(path, { spec: elsewhere })).json, { code: 403, message: /clustersecretstores/ })
  t.equal((await as('pat').post(path.replace('/db/', '/none/'))).status, 404, 'nothing is stored under that name')

  for (const { text } of [stored, unwritten, partly]) t.notMatch(text, /hunter|aHVudGVy/, 'no values')
  await grant('pat', 'get', 'externalsecrets/values')
  const open = await as('pat').post(path)
  t.equal(Buffer.from(String(keysOf(open)['password']?.['value']), 'base64').toString(), 'hunter3')
  t.notMatch((await as('pat').post(path, { hideValues: true })).text, /"value"/)
  t.equal(await everything(), before, 'nothing was written')
})

t.test('a store says what its credentials can do, and reads anew what it is asked for', async (t) => {
  const test = `${group}/secretstores/fake/test`
  t.match((await as('tom').post(test)).json, { code: 403, message: /cannot create.*secretstores\/test/ })
  await grant('tom', 'create', 'secretstores/test')
  t.match((await as('tom').post(test)).json, { code: 403, message: /cannot use resource "secretstores"/ })
  await grant('tom', 'use', 'secretstores')
  const tried = await as('tom').post(test, { spec: { remoteKeys: ['/shop/token', '/none'] } })
  t.match(tried.json, {
    kind: 'StoreTest',
    status: {
      usable: true,
      can: ['read', 'find'],
      checks: [
        { what: 'Login', result: 'Passed' },
        { what: 'Validate', result: 'Passed' },
        { what: 'Read', remoteKey: '/shop/token', result: 'Passed' },
        { what: 'Read', remoteKey: '/none', result: 'Failed', message: 'it does not exist' },
      ],
    },
  })
  t.notMatch(tried.text, /hunter/)
  await created(api, `${group}/secretstores`, store('broken', { fake: { data: [], validationResult: 2 } }))
  t.match((await api.post(`${group}/secretstores/broken/test`, {})).json, {
    status: { usable: false, checks: [{ what: 'Login' }, { what: 'Validate', result: 'Failed' }] },
  })
  const cluster = '/apis/external-secrets.io/v1/clustersecretstores'
  await created(api, cluster, { metadata: { name: 'shared' }, spec: { provider: fake(values) } })
  t.match((await api.post(`${cluster}/shared/test`, {})).json, { status: { usable: true } })
  t.equal((await as('tom').post(`${cluster}/shared/test`)).status, 403)

  const refresh = `${group}/secretstores/fake/refresh`
  t.match((await as('tom').post(refresh)).json, { code: 403, message: /cannot create.*secretstores\/refresh/ })
  await grant('tom', 'create', 'secretstores/refresh')
  const token = [{ secretKey: 'password', remoteRef: { key: '/shop/token' } }]
  await created(api, `${group}/externalsecrets`, externalSecret('token', { ...reading, data: token }))
  await until(async () => (await valueOf('token')) === 'hunter2')
  const asked = async (spec?: object): Promise<unknown> =>
    (await as('tom').post(refresh, spec && { spec })).json['status']?.['refreshing']
  const all = listOf((await api.get(`${group}/externalsecrets`)).json['items']).length
  t.equal(await asked(), all)
  t.equal(await asked({ remoteKey: '/shop/token' }), 1)
  t.equal(await asked({ prefix: '/shop/' }), 3, 'db, once and token')
  t.equal(await asked({ prefix: '/elsewhere' }), 0)
  t.equal((await as('tom').post(refresh, { spec: { prefix: '/', remoteKey: '/other' } })).status, 422)
  const changed = { spec: { provider: fake({ ...values, '/shop/token': 'hunter4' }) } }
  await merged('secretstores/fake', changed)
  t.equal(await asked({ remoteKey: '/shop/token' }), 1)
  await until(async () => (await valueOf('token')) === 'hunter4')
})

t.test('who does not want to wait any longer is told so', async (t) => {
  const target = { deletionPolicy: 'Delete' }
  await created(api, `${group}/externalsecrets`, externalSecret('slow', { ...reading, target }))
  await until(async () => (await valueOf('slow')) !== undefined)
  // What is missing counts when it was missing twice, ten seconds apart: so long there is no outcome.
  const data = [{ secretKey: 'password', remoteRef: { key: '/none' } }]
  await merged('externalsecrets/slow', { spec: { data } })
  const late = await api.post(`${group}/externalsecrets/slow/refresh?timeout=200ms`, {})
  t.match(late.json, { code: 504, reason: 'Timeout' })
})

t.test('discovery and OpenAPI tell of each, and no value came into the log', async (t) => {
  const { json } = await api.get('/apis/external-secrets.io/v1')
  const resources = Object.fromEntries(listOf(json['resources']).map((each) => [String(each['name']), each]))
  const asked = { refresh: 'ExternalSecretRefresh', preview: 'ExternalSecretPreview' }
  for (const [name, kind] of Object.entries(asked)) {
    t.match(resources[`externalsecrets/${name}`], { kind, namespaced: true, verbs: ['create'] })
  }
  t.match(resources['externalsecrets/effective'], { kind: 'ExternalSecret', verbs: ['get'] })
  t.match(resources['clustersecretstores/test'], { kind: 'StoreTest', namespaced: false, verbs: ['create'] })
  const openapi = (await api.get('/openapi/v3/apis/external-secrets.io/v1')).json
  const operation = openapi['paths']?.[`${group.replace('demo', '{namespace}')}/externalsecrets/{name}/preview`]
  t.match(operation?.['post'], {
    'x-kubernetes-action': 'post',
    'x-kubernetes-group-version-kind': { kind: 'ExternalSecretPreview' },
  })
  t.ok(openapi['components']?.['schemas']?.['io.external-secrets.v1.StoreTest'])
  t.notMatch(server.log, /hunter/)
})
