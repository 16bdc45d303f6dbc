import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { startPeer, type PeerProcess } from './peer-process.ts'
import { peerPath } from './peers.ts'
import type { TlsPair } from './pki.ts'

/** OpenBao in memory with the root token `root`. `call` is its HTTP API: "METHOD path" and a body. */
export interface OpenBao extends PeerProcess {
  readonly call: (request: string, body?: object) => Promise<unknown>
}

/**
 * Seeded: `secret/` (KV 2), `kv1/` (KV 1), the namespace `team` with a `secret/` of its own, and one login each for
 * approle (role and secret ID `tests`) and userpass (`tests`/`tests`) with a policy for the two mounts.
 */
export function startOpenBao(): Promise<OpenBao> {
  return start([])
}

/** Over TLS as well, with this certificate and for whoever shows one. */
export async function startOpenBaoWithTls(certificate: TlsPair): Promise<OpenBao & { readonly tlsUrl: string }> {
  const { folder, file, url: tlsUrl } = tlsListener(certificate, await freePort())
  try {
    return { ...(await start([`-config=${file}`])), tlsUrl }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function start(more: readonly string[]): Promise<OpenBao> {
  const peer = await startPeer({
    program: peerPath('openbao'),
    arguments: (port) => [
      'server',
      '-dev',
      '-dev-no-store-token',
      '-dev-root-token-id=root',
      `-dev-listen-address=127.0.0.1:${port}`,
      ...more,
    ],
    probe: '/v1/sys/health',
  })
  const openBao: OpenBao = { ...peer, call: (request, body) => call(peer.url, request, body) }
  await seed(openBao)
  return openBao
}

function tlsListener({ cert, key }: TlsPair, port: number) {
  const folder = mkdtempSync(join(tmpdir(), 'openbao-'))
  const inFolder = (name: string, text: string) => {
    const path = join(folder, name)
    writeFileSync(path, text, { mode: 0o600 })
    return path
  }
  const listener = {
    address: `127.0.0.1:${port}`,
    tls_cert_file: inFolder('tls.crt', cert),
    tls_key_file: inFolder('tls.key', key),
  }
  const file = inFolder('config.json', JSON.stringify({ listener: [{ tcp: listener }] }))
  return { folder, file, url: `https://${listener.address}` }
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
