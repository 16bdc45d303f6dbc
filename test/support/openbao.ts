import { startPeer, type PeerProcess } from './peer-process.ts'
import { peerPath } from './peers.ts'

/** OpenBao in memory with the root token `root`. `call` is its HTTP API: "METHOD path" and a body. */
export interface OpenBao extends PeerProcess {
  readonly call: (request: string, body?: object) => Promise<unknown>
}

/**
 * Seeded: `secret/` (KV 2), `kv1/` (KV 1), the namespace `team` with a `secret/` of its own, and one login each for
 * approle (role and secret ID `tests`) and userpass (`tests`/`tests`) with a policy for the two mounts.
 */
export async function startOpenBao(): Promise<OpenBao> {
  const peer = await startPeer({
    program: peerPath('openbao'),
    arguments: (port) => [
      'server',
      '-dev',
      '-dev-no-store-token',
      '-dev-root-token-id=root',
      `-dev-listen-address=127.0.0.1:${port}`,
    ],
    probe: '/v1/sys/health',
  })
  const openBao: OpenBao = { ...peer, call: (request, body) => call(peer.url, request, body) }
  await seed(openBao)
  return openBao
}

async function call(url: string, request: string, body?: object): Promise<unknown> {
  const [method = 'GET', path = ''] = request.split(' ')
  const answer = await fetch(`${url}/v1/${path}`, {
    method,
    headers: { 'x-vault-token': 'root' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`OpenBao answered ${answer.status} to ${request}`)
  return text === '' ? undefined : JSON.parse(text)
}

async function seed({ call }: OpenBao): Promise<void> {
  await call('POST sys/mounts/kv1', { type: 'kv', options: { version: '1' } })
  const rights = (verbs: string) => `{ capabilities = [${verbs}] }`
  const all = rights('"create", "read", "update", "delete", "list"')
  await call('PUT sys/policies/acl/tests', { policy: `path "secret/*" ${all}\npath "kv1/*" ${all}` })
  await call('POST sys/auth/approle', { type: 'approle' })
  await call('POST auth/approle/role/tests', { token_policies: ['tests'], token_ttl: '1h' })
  await call('POST auth/approle/role/tests/role-id', { role_id: 'tests' })
  await call('POST auth/approle/role/tests/custom-secret-id', { secret_id: 'tests' })
  await call('POST sys/auth/userpass', { type: 'userpass' })
  await call('POST auth/userpass/users/tests', { password: 'tests', token_policies: ['tests'] })
  await call('POST sys/namespaces/team', {})
  await call('POST team/sys/mounts/secret', { type: 'kv', options: { version: '2' } })
}
