import type { IncomingMessage, RequestListener } from 'node:http'
import t from 'tap'
import { validateSchema } from '../../machinery/schema/validate.ts'
import { canary, providerConformance, type RemoteValues } from '../conformance.ts'
import { openBao } from './provider.ts'
import type { OpenBaoSpec } from './spec.ts'

/** A KV engine of version 2 at `secret/`, for whoever shows the token or logs in with the canary. */
function fakeOpenBao(values: RemoteValues): RequestListener {
  return (request, answer) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const { status, content } = answerOf(request, body, values)
      answer.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(content))
    })
  }
}

function answerOf(request: IncomingMessage, body: string, values: RemoteValues): { status: number; content: unknown } {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://peer')
  const denied = { status: 403, content: { errors: [`permission denied ${canary}`] } }
  const missing = { status: 404, content: { errors: [] } }
  if (pathname === '/v1/auth/userpass/login/me') {
    const ours = body.includes(canary) && !body.includes('wrong')
    return ours ? { status: 200, content: { auth: { client_token: `${canary}-issued`, lease_duration: 60 } } } : denied
  }
  if (![`${canary}-token`, `${canary}-issued`].includes(String(request.headers['x-vault-token']))) return denied
  if (pathname === '/v1/sys/internal/ui/mounts/secret') {
    return { status: 200, content: { data: { type: 'kv', options: { version: '2' } } } }
  }
  if (searchParams.has('list')) return { status: 200, content: { data: { keys: [...Object.keys(values), 'app-f/'] } } }
  const [, key = ''] = /^\/v1\/secret\/data\/(.*)$/.exec(decodeURIComponent(pathname)) ?? []
  const value = values[key]
  return value === undefined ? missing : { status: 200, content: { data: { data: value } } }
}

const auths: Readonly<Record<string, NonNullable<OpenBaoSpec['auth']>>> = {
  'a token': { tokenSecretRef: { name: 'credentials', key: 'token' } },
  'a user name and a password': {
    userPass: { path: 'userpass', username: 'me', secretRef: { name: 'credentials', key: 'token' } },
  },
}

for (const [method, auth] of Object.entries(auths)) {
  t.test(`with ${method}`, async (t) => {
    providerConformance(t, {
      provider: openBao,
      spec: (url): OpenBaoSpec => ({ server: url.origin, path: 'secret', auth }),
      credentials: { token: `${canary}-token` },
      serve: fakeOpenBao,
      without: { 'missing-value': 'eso-inventory.md 4.5: a secret that is not there is an ordinary error' },
    })
  })
}

t.test('the schema says what belongs together', async (t) => {
  const problems = (spec: object) => validateSchema(openBao.spec.schema, spec, '').map(({ message }) => message)
  const server = 'https://bao'
  const tokenSecretRef = { name: 'a', key: 'b' }
  t.same(problems({ server, auth: { tokenSecretRef } }), [])
  t.match(problems({ server, auth: { tokenSecretRef, userPass: { path: 'p', username: 'u' } } }), [
    /exactly one of the fields in \[appRole tokenSecretRef userPass\] must be set/,
  ])
  t.match(problems({ server, caBundle: '', caProvider: { type: 'Secret', name: 'a' } }), [
    /at most one of the fields in \[caBundle caProvider\] may be set/,
  ])
  const elsewhere = { server, auth: { tokenSecretRef: { ...tokenSecretRef, namespace: 'other' } } }
  t.match(openBao.spec.validate(elsewhere, { kind: 'SecretStore', namespace: 'apps' }), [
    { field: 'auth.tokenSecretRef.namespace' },
  ])
})
