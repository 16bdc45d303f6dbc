import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:https'
import type { Test } from 'tap'
import { type Authority, type KeyPair, makeAuthority, makeLeaf } from '../../../apiserver/certificates/authority.ts'
import { systemClock } from '../../../base/clock.ts'
import { type ApiClient, type Json, listOf } from '../../support/api-client.ts'
import { until } from '../../support/until.ts'
import { group, namespace, type Scene, serviceName } from './scene.ts'

const validity = { fromMs: systemClock.now() - 60_000, untilMs: systemClock.now() + 3_600_000 }
/** kube-apiserver looks at a server each half minute. */
const looking = { everyMs: 200, patienceMs: 90_000 }
const list = `${group}/externalsecrets`

/** T01: whoever does not hold the front proxy's certificate is nobody but himself, whatever he says. */
export async function identitiesAreProven(t: Test, { cluster: { pki }, server }: Scene): Promise<void> {
  const headers = { 'x-remote-user': 'admin', 'x-remote-group': 'system:masters', 'x-remote-uid': '1' }
  const ask = async (pair?: KeyPair): Promise<string> => {
    await using direct = server.direct(pair)
    let answer = await direct.call('GET', list, { headers })
    // Whoever comes too much is told so before he is told anything else.
    while (answer.status === 429) answer = await direct.call('GET', list, { headers })
    const { status, json } = answer
    return `${status} ${/User "[^"]*"/.exec(String(json['message']))?.[0] ?? ''}`.trim()
  }
  const foreign = await makeAuthority('front-proxy-ca', validity)
  const posing = { use: 'client', commonName: 'front-proxy-client', groups: ['system:masters'], validity } as const

  t.equal(await ask(await pki.frontProxyClient()), '200', 'the front proxy is believed')
  t.equal(await ask(), '401')
  t.equal(await ask(await pki.client('mallory')), '403 User "mallory"')
  t.equal(await ask(await pki.client('front-proxy-client')), '403 User "front-proxy-client"')
  t.equal(await ask(await pki.frontProxyClient({ commonName: 'another-proxy' })), '401')
  t.equal(await ask(await makeLeaf(foreign, posing)), '401')
}

/** T01, T07: a man in the middle, or a pod behind our Service, has our name and not our key. */
export async function roguesGetNothing(t: Test, { api, server }: Scene): Promise<void> {
  await using rogue = await Rogue.start(await makeAuthority('external-secrets-apiserver-ca', validity))
  await leadTo(api, rogue.port)
  await until(async () => rogue.connections > 0 && (await api.get(list)).status === 503, looking)
  await until(async () => distrust.test(await statusOf(api, 'v1.external-secrets.io')), looking)
  const answer = await api.post(`${group}/namespaces/default/secretstores`, {})
  t.equal(answer.status, 503)
  t.same(rogue.requests, [], 'it was connected to, and told nothing')
  await leadTo(api, server.port)
  await until(async () => (await api.get(list)).status === 200, looking)
}

/** T01: kube-apiserver talks to nobody whom the registration does not vouch for, and ours is put right. */
export async function registrationsArePutRight(t: Test, { api, kubectl }: Scene): Promise<void> {
  const foreign = await makeAuthority('another-ca', validity)
  const wrong = Buffer.from(foreign.certificatePem).toString('base64')
  const own = '/apis/apiregistration.k8s.io/v1/apiservices/v1.external-secrets.io'
  const spec = async (): Promise<Json> => (await api.get(own)).json['spec'] as Json
  const before = await spec()
  const service = { namespace, name: serviceName, port: 443 }
  const priorities = { groupPriorityMinimum: 1000, versionPriority: 100 }
  await kubectl.ok(
    'apply -f -',
    JSON.stringify({
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: 'v1.not.ours' },
      spec: { group: 'not.ours', version: 'v1', caBundle: wrong, service, ...priorities },
    }),
  )
  await until(async () => distrust.test(await statusOf(api, 'v1.not.ours')), looking)
  await kubectl.ok('delete apiservice v1.not.ours')

  const attacks = [
    { caBundle: wrong },
    { caBundle: null, insecureSkipTLSVerify: true },
    { service: { namespace: 'default', name: 'rogue', port: 8443 } },
  ]
  for (const attack of attacks) {
    const contentType = 'application/merge-patch+json'
    const { status } = await api.call('PATCH', own, { body: { spec: attack }, contentType })
    t.equal(status, 200)
    await until(async () => JSON.stringify(await spec()) === JSON.stringify(before), looking)
  }
  await until(async () => (await api.get(list)).status === 200, looking)
  t.ok(String(before['caBundle']).length > 100)
}

/** What kube-apiserver says of a server whose certificate does not come from the caBundle. */
const distrust = /"status":"False".*(x509|certificate)/

async function statusOf(api: ApiClient, apiService: string): Promise<string> {
  const { json } = await api.get(`/apis/apiregistration.k8s.io/v1/apiservices/${apiService}`)
  return JSON.stringify(json['status'] ?? {})
}

async function leadTo(api: ApiClient, port: number): Promise<void> {
  const path = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices/${serviceName}`
  const { json } = await api.get(path)
  const [first] = listOf(json['ports'])
  const answer = await api.call('PUT', path, { body: { ...json, ports: [{ ...first, port }] } })
  if (answer.status !== 200) throw new Error(`the endpoints were not changed: ${answer.text}`)
}

/** A server with our name and a certificate of its own. */
class Rogue implements AsyncDisposable {
  connections = 0
  readonly requests: string[] = []
  readonly #server: ReturnType<typeof createServer>

  private constructor({ certificatePem: cert, keyPem: key }: KeyPair) {
    this.#server = createServer({ cert, key }, (request, response) => {
      this.requests.push(`${request.method} ${request.url}`)
      response.end('{}')
    })
    this.#server.on('connection', () => (this.connections += 1))
    this.#server.on('tlsClientError', () => undefined)
  }

  static async start(authority: Authority): Promise<Rogue> {
    const hosts = [`${serviceName}.${namespace}.svc`, 'localhost', '127.0.0.1']
    const rogue = new Rogue(await makeLeaf(authority, { use: 'server', commonName: serviceName, hosts, validity }))
    rogue.#server.listen(0, '127.0.0.1')
    await once(rogue.#server, 'listening')
    return rogue
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }
}
