import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { listOf } from '../../support/api-client.ts'
import { until } from '../../support/until.ts'
import { Account, group, namespace, type Scene, serviceName } from './scene.ts'

const looking = { everyMs: 200 }
const key = 'key-of-the-authority-5d81'
const own = { name: serviceName, namespace }

/** T03, T04: who may write a ClusterSecretStore, and no more, does not become the server by naming its account. */
export async function ownAccountsStayHere(t: Test, scene: Scene): Promise<void> {
  const { api, kubectl } = scene
  await using collector = await Collector.start()
  await kubectl.ok('create clusterrole store-writer --verb=create --resource=clustersecretstores.external-secrets.io')
  await kubectl.ok('create clusterrolebinding trudy --clusterrole=store-writer --user=trudy')
  await kubectl.ok(`create secret generic ${serviceName}-ca -n ${namespace} --from-literal=key=${key}`)
  await kubectl.ok(`create secret generic vault -n ${namespace} --from-literal=key=beside`)
  const stores = storesAt(collector.url)
  for (const [name, { provider }] of Object.entries(stores)) {
    const body = {
      apiVersion: 'external-secrets.io/v1',
      kind: 'ClusterSecretStore',
      metadata: { name },
      spec: { provider },
    }
    const answer = await api.call('POST', path, { body, headers: { 'impersonate-user': 'trudy' } })
    t.equal(answer.status, 201, answer.text)
  }
  const events = async (name: string): Promise<string> => {
    const { json } = await api.get('/api/v1/events')
    const ofStore = listOf(json['items']).filter((one) => String(one['involvedObject']?.['name']) === name)
    return ofStore.map((one) => String(one['message'])).join('\n')
  }
  for (const [name, { says }] of Object.entries(stores)) {
    if (says !== undefined) await until(async () => says.test(await events(name)), looking)
  }
  await until(async () => collector.tokens.size >= 1 && collector.text.includes('beside'), looking)
  t.notOk(collector.text.includes(key), 'the key was shown to nobody')
  const asked = async (token: string): Promise<number> => {
    await using account = new Account(scene, token)
    return (await account.call('POST', whoAmI, {})).status
  }
  t.equal(await asked((await kubectl.ok(`create token ${serviceName} -n ${namespace}`)).trim()), 201)
  for (const token of collector.tokens) t.equal(await asked(token), 401, 'a token for Vault alone')
  for (const name of Object.keys(stores)) await api.call('DELETE', `${path}/${name}`)
}

const path = `${group}/clustersecretstores`
const whoAmI = '/apis/authentication.k8s.io/v1/selfsubjectreviews'
const account = /no provider is shown a token of the ServiceAccount "external-secrets\/external-secrets-apiserver"/
const secret = /no provider is shown the Secret "external-secrets\/external-secrets-apiserver-ca"/

interface Attempt {
  readonly provider: object
  /** Of the store; absent where its credentials may be shown. */
  readonly says?: RegExp
}

function storesAt(url: string): Readonly<Record<string, Attempt>> {
  const vault = (auth: object) => ({ vault: { server: url, path: 'kv', auth } })
  const kubernetes = (serviceAccountRef: object) => vault({ kubernetes: { role: 'r', serviceAccountRef } })
  const remote = { remoteNamespace: 'default', server: { url } }
  const jwt = { kubernetesServiceAccountToken: { serviceAccountRef: own, audiences: [apiAudience, 'vault'] } }
  return {
    'trudy-default': { provider: kubernetes(own), says: account },
    'trudy-named': { provider: kubernetes({ ...own, audiences: ['vault', apiAudience] }), says: account },
    'trudy-jwt': { provider: vault({ jwt }), says: account },
    'trudy-remote': { provider: { kubernetes: { ...remote, auth: { serviceAccount: own } } }, says: account },
    'trudy-key': {
      provider: vault({ tokenSecretRef: { name: `${serviceName}-ca`, namespace, key: 'key' } }),
      says: secret,
    },
    'trudy-vault': { provider: kubernetes({ ...own, audiences: ['vault'] }) },
    'trudy-beside': { provider: vault({ tokenSecretRef: { name: 'vault', namespace, key: 'key' } }) },
  }
}

const apiAudience = 'https://kubernetes.default.svc'

/** A server that keeps whatever it is shown. */
class Collector implements AsyncDisposable {
  text = ''
  readonly #server = createServer((request, response) => {
    this.text += `${JSON.stringify(request.headers)}\n`
    request.on('data', (bytes) => (this.text += String(bytes)))
    request.on('end', () => response.writeHead(403).end('{}'))
  })

  static async start(): Promise<Collector> {
    const collector = new Collector()
    collector.#server.listen(0, '127.0.0.1')
    await once(collector.#server, 'listening')
    return collector
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Those of ServiceAccounts among all that it was shown. */
  get tokens(): ReadonlySet<string> {
    return new Set(this.text.match(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }
}
