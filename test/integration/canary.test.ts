import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { type ApiAnswer, type ApiClient, type Json, listOf } from '../support/api-client.ts'
import { ServerProcess } from '../support/server-process.ts'
import { until } from '../support/until.ts'

/** Planted wherever a secret may be; none of its forms may come out anywhere but in the target's data. */
const canary = 'canary-4f9d1c-Zm9v'
const forms = [canary, btoa(canary), encodeURIComponent(canary), canary.slice(0, 14)]

const group = '/apis/external-secrets.io/v1/namespaces/demo'

function externalSecret(name: string, spec: object): object {
  const metadata = { name, namespace: 'demo' }
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata,
    spec: { refreshInterval: '1h', ...spec },
  }
}

function store(name: string, provider: object): object {
  const metadata = { name, namespace: 'demo' }
  return { apiVersion: 'external-secrets.io/v1', kind: 'SecretStore', metadata, spec: { provider } }
}

function reading(storeName: string, remoteRef: object): object {
  return { secretStoreRef: { name: storeName }, data: [{ secretKey: 'value', remoteRef }] }
}

t.test('a planted value comes out in no log, event, status, error or metric', async (t) => {
  const flags = ['--storage-backend', 'memory', '-v', 'debug', '--unsafe-allow-generic-targets']
  await using server = await ServerProcess.start(flags)
  await using api = server.client()
  await using vault = await echoingVault()
  await api.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'demo' } })

  await plantInGenerators(api, vault.url)
  await plantInProviders(api, vault.url)
  const errors = await plantInFailingBodies(api)
  t.ok(errors.length > 5, 'the failing calls failed')
  for (const { status } of errors) t.ok(status >= 400, `answered ${status}`)
  // What a first look at a store that is not judged yet puts off comes later.
  for (const path of ['configmaps/to-a-config-map', 'secrets/generated'])
    await until(async () => (await api.get(`/api/v1/namespaces/demo/${path}`)).status === 200)
  const told = await everythingTold(api)
  const configMap = await api.get('/api/v1/namespaces/demo/configmaps/to-a-config-map')
  t.match(configMap.json, { data: { value: canary } }, 'a ConfigMap that was asked for holds it')

  const places: Readonly<Record<string, string>> = {
    ...told,
    log: server.log,
    errors: JSON.stringify(errors.map(({ text, headers }) => [text, headers])),
  }
  t.match(told['statuses'], /SecretSyncedError/, 'syncs failed while the value was at hand')
  t.match(told['events'], /UpdateFailed/, 'and events told so')
  t.ok(vault.calls > 3, 'the stores and generators that answer with the value were asked')
  const { json } = await api.get('/api/v1/namespaces/demo/secrets/generated')
  t.equal(json['data']?.['token'], btoa(canary), 'a deploy token arrived')
  t.match(told['made'], /"tokenID":7/, 'and is remembered by its id')
  for (const [place, text] of Object.entries(places)) {
    for (const form of forms) t.notOk(text.includes(form), `${place} does not hold the value`)
  }
})

/** Generators that show the value to servers which repeat it, and one that is given the value. */
async function plantInGenerators(api: ApiClient, url: string): Promise<void> {
  const token = { name: 'tokens', key: 'token' }
  await created(api, '/api/v1/namespaces/demo/secrets', {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'tokens', namespace: 'demo' },
    stringData: { token: canary },
  })
  const deploy = { url, name: 'pull', scopes: ['read_registry'], auth: { token: { secretRef: token } } }
  const generators: Readonly<Record<string, readonly [kind: string, spec: object]>> = {
    generated: ['GitlabDeployToken', { ...deploy, projectID: 'good' }],
    'deploy-refused': ['GitlabDeployToken', { ...deploy, projectID: 'bad' }],
    'grafana-refused': ['Grafana', { url, auth: { token }, serviceAccount: { name: 'a', role: 'Viewer' } }],
  }
  const apiVersion = 'generators.external-secrets.io/v1alpha1'
  for (const [name, [kind, spec]] of Object.entries(generators)) {
    const path = `/apis/${apiVersion}/namespaces/demo/${kind.toLowerCase()}s`
    await created(api, path, { apiVersion, kind, metadata: { name, namespace: 'demo' }, spec })
    const sourceRef = { generatorRef: { apiVersion, kind, name } }
    await created(api, `${group}/externalsecrets`, externalSecret(name, { dataFrom: [{ sourceRef }] }))
  }
}

/** Stores that hold the value, and ExternalSecrets that fail on it in as many ways as there are. */
async function plantInProviders(api: ApiClient, vaultUrl: string): Promise<void> {
  const data = [
    { key: 'plain', value: canary },
    { key: 'json', value: JSON.stringify({ user: canary, [canary]: 1 }) },
  ]
  const credentials = { token: canary, 'secret-id': canary, password: canary }
  await created(api, '/api/v1/namespaces/demo/secrets', {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'credentials', namespace: 'demo' },
    stringData: credentials,
  })
  await created(api, `${group}/secretstores`, store('fake', { fake: { data } }))
  const tokenSecretRef = { name: 'credentials', key: 'token' }
  await created(
    api,
    `${group}/secretstores`,
    store('vault', { vault: { server: vaultUrl, path: 'kv', auth: { tokenSecretRef } } }),
  )
  const at = `https://${canary}:${canary}@127.0.0.1:1`
  await created(api, '/api/v1/namespaces/demo/secrets', {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'kubeconfigs', namespace: 'demo' },
    stringData: { address: kubeconfig(at), noise: `{"users": ["${canary}": &${canary} [*${canary}` },
  })
  for (const key of ['address', 'noise']) {
    const authRef = { name: 'kubeconfigs', key }
    await created(api, `${group}/secretstores`, store(`kubeconfig-${key}`, { kubernetes: { authRef } }))
  }
  const failing: Readonly<Record<string, object>> = {
    'not-json': reading('fake', { key: 'plain', property: 'a.b' }),
    'no-such-property': reading('fake', { key: 'json', property: 'nothing' }),
    'not-base64': reading('fake', { key: 'plain', decodingStrategy: 'Base64' }),
    'not-an-object': { secretStoreRef: { name: 'fake' }, dataFrom: [{ extract: { key: 'plain' } }] },
    'refused-login': reading('vault', { key: 'anything' }),
    'kubeconfig-address': reading('kubeconfig-address', { key: 'anything' }),
    'kubeconfig-noise': reading('kubeconfig-noise', { key: 'anything' }),
    good: reading('fake', { key: 'plain' }),
    'to-a-config-map': { ...reading('fake', { key: 'plain' }), target: { manifest: configMap } },
    'beneath-a-value': { ...reading('fake', { key: 'plain' }), target: { manifest: configMap, template: beneath } },
  }
  for (const [name, spec] of Object.entries(failing)) {
    await created(api, `${group}/externalsecrets`, externalSecret(name, spec))
  }
  await until(async () => {
    const { json } = await api.get(`${group}/externalsecrets`)
    return listOf(json['items']).every((object) => object['status']?.['conditions'])
  })
}

const configMap = { apiVersion: 'v1', kind: 'ConfigMap' }

/** Puts a map where the value is. */
const beneath = {
  templateFrom: [
    { target: 'Data', literal: 'value: {{ .value | quote }}' },
    { target: 'data.value.map', literal: 'a: {{ .value | quote }}' },
  ],
}

function kubeconfig(server: string): string {
  return JSON.stringify({
    'current-context': 'x',
    contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
    clusters: [{ name: 'x', cluster: { server } }],
    users: [{ name: 'x', user: { token: canary } }],
  })
}

async function created(api: ApiClient, path: string, object: object): Promise<void> {
  const answer = await api.post(path, object)
  if (answer.status !== 201) throw new Error(`POST ${path} answered ${answer.status}: ${answer.text}`)
}

/** Requests that carry the value and are refused. */
async function plantInFailingBodies(api: ApiClient): Promise<readonly ApiAnswer[]> {
  const secrets = '/api/v1/namespaces/demo/secrets'
  const secret = (members: object): object => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'bad' },
    ...members,
  })
  const bodies: readonly unknown[] = [
    `{"kind": "Secret", "data": {"a": "${canary}"`,
    `{"kind": "Secret", "stringData": {"a": "${canary}", "a": "${canary}"}}`,
    secret({ data: { value: `${canary}*` } }),
    secret({ data: { value: { nested: canary } } }),
    secret({ type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': `{"auths": ${canary}` } }),
    secret({ stringData: { [`${'k'.repeat(254)}`]: canary } }),
  ]
  const answers = []
  for (const body of bodies) {
    answers.push(await api.call('POST', `${secrets}?fieldValidation=Strict`, { body }))
  }
  const yaml = `kind: Secret\nstringData:\n  a: "${canary}\n b: [`
  answers.push(await api.call('POST', secrets, { body: yaml, contentType: 'application/yaml' }))
  const patch = `[{"op": "test", "path": "/stringData", "value": "${canary}"}]`
  const path = `${secrets}/credentials`
  answers.push(await api.call('PATCH', path, { body: patch, contentType: 'application/json-patch+json' }))
  return answers
}

/** Everything the server tells about its objects without being asked for values. */
async function everythingTold(api: ApiClient): Promise<Record<string, string>> {
  await until(() => areAllFailuresTold(api))
  const statuses: Json[] = []
  for (const resource of ['externalsecrets', 'secretstores']) {
    const { json } = await api.get(`${group}/${resource}`)
    for (const object of listOf(json['items'])) statuses.push(object['status'] as Json)
  }
  const events = await api.get('/api/v1/namespaces/demo/events')
  const metrics = await api.get('/metrics')
  const made = await api.get('/apis/generators.external-secrets.io/v1alpha1/namespaces/demo/generatorstates')
  return { statuses: JSON.stringify(statuses), events: events.text, metrics: metrics.text, made: made.text }
}

/** An event is written after the status that it is about. */
async function areAllFailuresTold(api: ApiClient): Promise<boolean> {
  const { json } = await api.get(`${group}/externalsecrets`)
  const failed = listOf(json['items']).filter(({ status }) => JSON.stringify(status).includes('SecretSyncedError'))
  const events = listOf((await api.get('/api/v1/namespaces/demo/events')).json['items'])
  const told = new Set(events.map((event) => String(event['involvedObject']?.['name'])))
  return failed.length > 0 && failed.every(({ metadata }) => told.has(String(metadata?.['name'])))
}

/** A server that repeats in its answer what it was sent: a Vault that refuses everybody, a GitLab with one project. */
async function echoingVault(): Promise<AsyncDisposable & { readonly url: string; readonly calls: number }> {
  let calls = 0
  const server = createServer((request, response) => {
    calls += 1
    if (request.url?.includes('/projects/good/')) {
      response.writeHead(201).end(JSON.stringify({ id: 7, username: 'u', token: request.headers['private-token'] }))
      return
    }
    const errors = [`permission denied for ${JSON.stringify(request.headers)}`]
    response.writeHead(403, { 'content-type': 'application/json', 'x-echo': canary }).end(JSON.stringify({ errors }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get calls() {
      return calls
    },
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
