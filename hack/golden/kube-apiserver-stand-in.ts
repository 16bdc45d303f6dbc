import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ApiClient } from '../../test/support/api-client.ts'
import type { Manifest } from './golden-case.ts'
import type { Places } from './places.ts'

/** The bearer token that the stand-in takes; every other one is refused. */
const standInToken = 'golden'

/**
 * What the kubernetes provider asks of a remote kube-apiserver: Secrets, which it passes on to the server under test,
 * and the review of its own rights. It stands in for the RBAC and the tokens that standalone mode does not have yet.
 */
export async function startKubeApiserverStandIn(
  api: ApiClient,
  pki: string,
): Promise<AsyncDisposable & { readonly places: Pick<Places, 'KUBE_APISERVER' | 'KUBE_CA'> }> {
  const tls = { cert: readFileSync(join(pki, 'serving.crt')), key: readFileSync(join(pki, 'serving.key')) }
  const server = createServer(tls, (request, response) => void answer(api, request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    places: {
      KUBE_APISERVER: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
      KUBE_CA: readFileSync(join(pki, 'ca.crt')).toString('base64'),
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function answer(api: ApiClient, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { code, body } = await answerTo(api, request)
  response.writeHead(code, { 'content-type': 'application/json' }).end(body)
}

async function answerTo(api: ApiClient, request: IncomingMessage): Promise<{ code: number; body: string }> {
  const path = request.url ?? ''
  if (request.headers.authorization !== `Bearer ${standInToken}`) return status(401, 'Unauthorized', 'Unauthorized')
  if (path === '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews') return { code: 201, body: rulesReview }
  if (request.method === 'GET' && /^\/api\/v1\/namespaces\/[^/]+\/secrets/.test(path)) {
    const { status: code, text } = await api.get(path)
    return { code, body: text }
  }
  return status(403, 'Forbidden', 'forbidden')
}

function status(code: number, reason: string, message: string): { code: number; body: string } {
  return { code, body: JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message, code }) }
}

const rulesReview = JSON.stringify({
  kind: 'SelfSubjectRulesReview',
  apiVersion: 'authorization.k8s.io/v1',
  status: {
    incomplete: false,
    nonResourceRules: [],
    resourceRules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list', 'watch'] }],
  },
})

/**
 * The manifest with what the stand-in can answer: standalone mode issues no tokens to ServiceAccounts, so the store
 * gets the stand-in's token from the Secret `kube-token` instead.
 */
export function withStandInToken(manifest: Manifest): Manifest {
  const text = JSON.stringify(manifest)
  const bearerToken = { name: 'kube-token', key: 'token' }
  const auth = JSON.stringify({ auth: { token: { bearerToken } } }).slice(1, -1)
  return JSON.parse(text.replace('"auth":{"serviceAccount":{"name":"reader"}}', auth)) as Manifest
}

/** What a kube-apiserver would have put into the namespace, and the Secret that `withStandInToken` points at. */
export function standInManifests(caBundle: string): readonly Manifest[] {
  const root = Buffer.from(caBundle, 'base64').toString()
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kube-root-ca.crt' }, data: { 'ca.crt': root } },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'kube-token' }, stringData: { token: standInToken } },
  ]
}
