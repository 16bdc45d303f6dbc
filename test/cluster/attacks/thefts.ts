import type { Test } from 'tap'
import { type ApiAnswer, ApiClient, listOf } from '../../support/api-client.ts'
import { until } from '../../support/until.ts'
import { Account, group, namespace, type Scene, serviceName } from './scene.ts'

const looking = { everyMs: 200 }
/** What is to be stolen; none of its forms may come out anywhere but in Secrets of its namespace. */
const prize = 'prize-71e0a4-Zm9v'
const forms = [prize, btoa(prize), encodeURIComponent(prize)]

const v1 = 'external-secrets.io/v1'
const theirs = { name: 'prize', namespace: 'victim', key: 'key' }

/** T03: the token that the server holds names Secrets, and finds none. */
export async function theTokenFindsNothing(t: Test, scene: Scene, token: string): Promise<void> {
  await using account = new Account(scene, token)
  for (const path of [
    '/api/v1/secrets',
    '/api/v1/namespaces/victim/secrets',
    `/api/v1/namespaces/${namespace}/secrets`,
  ]) {
    for (const query of ['', '?watch=true', '?limit=1', '?fieldSelector=metadata.name=prize']) {
      t.equal((await account.call('GET', path + query)).status, 403, path + query)
    }
    if (path !== '/api/v1/secrets') t.equal((await account.call('DELETE', path)).status, 403)
  }
  const binding = { roleRef: {}, subjects: [] }
  const bindings = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings'
  t.equal((await account.call('POST', bindings, binding)).status, 403)
}

/** T03: who may do everything with our kinds in one namespace gets nothing out of another one. */
export async function nothingCrossesNamespaces(t: Test, scene: Scene): Promise<void> {
  await hidden(scene)
  // The controller of roles adds to `edit` what the manifests give to it.
  const mayEdit = ['auth', 'can-i', 'create', 'secretstores.external-secrets.io', '-n', 'evil', '--as', 'mallory']
  await until(async () => (await scene.kubectl.run(mayEdit)).code === 0, looking)
  const asMallory = (plural: string, body: object, of = 'evil'): Promise<ApiAnswer> =>
    scene.api.call('POST', pathOf(plural, of), { body, headers: { 'impersonate-user': 'mallory' } })

  for (const [name, provider] of Object.entries(storesToRefuse(scene))) {
    const answer = await asMallory('secretstores', store(name, provider))
    t.match(answer, { status: 422, text: /namespace/ }, `a store of ${name}: ${answer.text}`)
  }
  const refusals: readonly (readonly [code: number, body: object, of?: string])[] = [
    [422, copy('by-path', { target: { name: '../victim/prize' } })],
    [403, copy('there', {}, 'victim'), 'victim'],
    [403, copy('shared', { secretStoreRef: { name: 'shared', kind: 'ClusterSecretStore' } })],
  ]
  for (const [code, body, of] of refusals) t.equal((await asMallory('externalsecrets', body, of)).status, code)

  const stores = { own: { fake: { data: [{ key: 'k', value: 'v' }] } }, authority }
  for (const [name, provider] of Object.entries(stores)) {
    t.equal((await asMallory('secretstores', store(name, provider))).status, 201)
  }
  await asMallory('webhooks', generator)
  const taken: string[] = ['own', 'authority'].map((name) => `${pathOf('secretstores')}/${name}`)
  for (const [name, spec] of Object.entries(attempts)) {
    const { status } = await asMallory('externalsecrets', copy(name, spec))
    if (status === 201) taken.push(`${pathOf('externalsecrets')}/${name}`)
  }
  t.comment(`taken: ${taken.join(', ')}`)
  const isJudged = async (path: string): Promise<boolean> =>
    listOf((await scene.api.get(path)).json['status']?.['conditions']).length > 0
  for (const path of taken) await until(() => isJudged(path), looking)
  await nothingArrived(t, scene)
}

/** The value is where it may be, and a store of its own namespace reads it: it has gone through the server. */
async function hidden(scene: Scene): Promise<void> {
  const { api, kubectl } = scene
  await kubectl.ok(`create secret generic prize -n victim --from-literal=key=${prize}`)
  await kubectl.ok('label secret -n victim prize external-secrets.io/type=webhook')
  await kubectl.ok('create serviceaccount reader -n victim')
  await kubectl.ok('create role reader -n victim --verb=get,list,watch --resource=secrets')
  await kubectl.ok('create rolebinding reader -n victim --role=reader --serviceaccount=victim:reader')
  await api.post(pathOf('secretstores', 'victim'), store('own', kubernetes(scene, { name: 'reader' }), 'victim'))
  await api.post(pathOf('externalsecrets', 'victim'), copy('copied', {}, 'victim'))
  const copied = async () => (await api.get('/api/v1/namespaces/victim/secrets/copied')).json?.['data']?.['key']
  await until(async () => String(await copied()) === btoa(prize), looking)
}

async function nothingArrived(t: Test, { api }: Scene): Promise<void> {
  const core = ['secrets', 'events', 'configmaps'].map((plural) => `/api/v1/namespaces/evil/${plural}`)
  for (const path of [...core, pathOf('externalsecrets'), pathOf('secretstores'), pathOf('webhooks')]) {
    const { status, text } = await api.get(path)
    t.equal(status, 200)
    for (const form of forms) t.notOk(text.includes(form), `${path} does not hold it`)
  }
  const { json } = await api.get('/api/v1/namespaces/evil/secrets')
  t.same(
    listOf(json['items']).filter(({ type }) => String(type) === 'kubernetes.io/service-account-token'),
    [],
  )
}

/** Admission sees that they point elsewhere. */
function storesToRefuse(scene: Scene): Readonly<Record<string, object>> {
  const [server, path] = ['https://127.0.0.1:1', 'kv']
  return {
    account: kubernetes(scene, { name: 'reader', namespace: 'victim' }),
    token: { vault: { server, path, auth: { tokenSecretRef: theirs } } },
    webhook: {
      webhook: { url: 'http://127.0.0.1:1/{{ .s.key }}', result: {}, secrets: [{ name: 's', secretRef: theirs }] },
    },
  }
}

/** As ESO has it, this is taken, and means the store's own namespace. */
const authority = {
  vault: {
    server: 'https://127.0.0.1:1',
    path: 'kv',
    caProvider: { type: 'Secret', ...theirs },
    auth: { tokenSecretRef: { name: 'own', key: 'key' } },
  },
}

const generators = 'generators.external-secrets.io/v1alpha1'

const generator = {
  apiVersion: generators,
  kind: 'Webhook',
  metadata: { name: 'by-generator', namespace: 'evil' },
  spec: { url: 'http://127.0.0.1:1/{{ .s.key }}', result: {}, secrets: [{ name: 's', secretRef: theirs }] },
}

const fromTemplate = { secret: { name: 'prize', namespace: 'victim', items: [{ key: 'key' }] } }

/** Whether they are refused or taken: nothing may come of them. */
const attempts: Readonly<Record<string, object>> = {
  'by-template': { target: { template: { templateFrom: [fromTemplate] } } },
  'by-function': { target: literal('{{ getSecretKey "prize" "victim" "key" }}') },
  'by-lookup': { target: literal('{{ lookup "v1" "Secret" "victim" "prize" }}') },
  'by-authority': { secretStoreRef: { name: 'authority' } },
  'by-generator': {
    data: [],
    dataFrom: [{ sourceRef: { generatorRef: { apiVersion: generators, kind: 'Webhook', name: 'by-generator' } } }],
  },
  'by-account-token': {
    target: {
      template: {
        type: 'kubernetes.io/service-account-token',
        metadata: { annotations: { 'kubernetes.io/service-account.name': 'reader' } },
      },
    },
  },
}

function literal(text: string): object {
  return { template: { data: { key: text } } }
}

/** T03: a process that has had the value in its memory says nothing of it. */
export async function nothingIsTold(t: Test, { cluster, server }: Scene): Promise<void> {
  const { certificatePem: cert, keyPem: key } = await cluster.pki.client('root', ['system:masters'])
  await using direct = new ApiClient(`https://127.0.0.1:${server.port}`, { ca: server.authorityPem, cert, key })
  const metrics = await direct.get('/metrics')
  t.match(metrics, { status: 200, text: /externalsecret_sync_calls_total/ })
  const paths = [
    '/debug',
    '/debug/pprof',
    '/debug/pprof/heap',
    '/debug/flags/v',
    '/debug/api_priority_and_fairness/dump_requests',
    '/logs',
    '/configz',
  ]
  const answers = [metrics]
  for (const path of paths) {
    const answer = await direct.get(path)
    t.equal(answer.status, 404, path)
    answers.push(answer)
  }
  t.ok(server.log.length > 1000, 'it has said much')
  for (const text of [server.log, ...answers.map((answer) => answer.text)]) {
    for (const form of forms) t.notOk(text.includes(form))
  }
}

/** T07: another workload in our namespace, with an account of its own, may not touch what is ours. */
export async function neighboursTouchNothing(t: Test, scene: Scene): Promise<void> {
  const { kubectl } = scene
  await kubectl.ok(`create serviceaccount neighbour -n ${namespace}`)
  await using neighbour = new Account(scene, (await kubectl.ok(`create token neighbour -n ${namespace}`)).trim())
  const core = `/api/v1/namespaces/${namespace}`
  const of = (apiGroup: string, plural: string, name: string): string =>
    `/apis/${apiGroup}/v1/namespaces/${namespace}/${plural}/${name}`
  const lease = of('coordination.k8s.io', 'leases', 'external-secrets-syncer')
  const known = '/api/v1/namespaces/kube-system/configmaps/external-secrets-apiserver-store'
  const slice = of('discovery.k8s.io', 'endpointslices', serviceName)
  for (const path of [lease, known, slice]) t.equal((await scene.api.get(path)).status, 200, `${path} is there`)
  const touches: readonly (readonly [method: string, path: string, body?: object])[] = [
    ['GET', `${core}/secrets`],
    ['GET', `${core}/secrets/any`],
    ['POST', `${core}/secrets`, { metadata: { name: 'mine' } }],
    ['PATCH', lease, { spec: { holderIdentity: 'me' } }],
    ['DELETE', lease],
    ['PATCH', known, { data: { accept: 'mine' } }],
    ['DELETE', known],
    ['PATCH', slice, { endpoints: [] }],
    ['PATCH', `${core}/services/${serviceName}`, { spec: { selector: { app: 'mine' } } }],
    ['PATCH', of('apps', 'deployments', serviceName), { spec: { replicas: 0 } }],
    ['PATCH', '/apis/apiregistration.k8s.io/v1/apiservices/v1.external-secrets.io', { spec: { caBundle: '' } }],
    ['POST', `${core}/serviceaccounts/${serviceName}/token`, { spec: {} }],
    ['POST', `${core}/pods`, { metadata: { name: 'mine' }, spec: {} }],
    ['GET', pathOf('externalsecrets', 'victim')],
  ]
  for (const [method, path, body] of touches) {
    t.equal((await neighbour.call(method, path, body)).status, 403, `${method} ${path}`)
  }
}

function pathOf(plural: string, of = 'evil'): string {
  const root = plural === 'webhooks' ? `/apis/${generators}` : group
  return `${root}/namespaces/${of}/${plural}`
}

function store(name: string, provider: object, of = 'evil'): object {
  return { apiVersion: v1, kind: 'SecretStore', metadata: { name, namespace: of }, spec: { provider } }
}

function kubernetes({ cluster }: Scene, serviceAccount: object): object {
  const caBundle = Buffer.from(cluster.pki.servingAuthority).toString('base64')
  return { kubernetes: { server: { url: cluster.url, caBundle }, remoteNamespace: 'victim', auth: { serviceAccount } } }
}

function copy(name: string, spec: object, of = 'evil'): object {
  const remoteRef = of === 'victim' ? { key: 'prize', property: 'key' } : { key: 'k' }
  return {
    apiVersion: v1,
    kind: 'ExternalSecret',
    metadata: { name, namespace: of },
    spec: {
      refreshPolicy: 'OnChange',
      secretStoreRef: { name: 'own' },
      data: [{ secretKey: 'key', remoteRef }],
      ...spec,
    },
  }
}
