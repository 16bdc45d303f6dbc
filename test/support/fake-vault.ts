import type { IncomingMessage, RequestListener } from 'node:http'
import { canary, type RemoteValues } from '../../providers/conformance.ts'

/** A KV engine of version 2 at `secret/` and of version 1 at `kv1/`, and logins, for whoever knows the canary. */
export function fakeVault(values: RemoteValues, seen: string[] = []): RequestListener {
  return (request, answer) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      seen.push(`${request.method} ${request.url}`)
      const { status, content } = answerOf(request, body, values)
      answer.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(content))
    })
  }
}

function answerOf(request: IncomingMessage, body: string, values: RemoteValues): { status: number; content: unknown } {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://peer')
  const denied = { status: 403, content: { errors: [`permission denied ${canary}`] } }
  if (/^\/v1\/auth\/[^/]+\/login/.test(pathname)) {
    const auth = { client_token: `${canary}-issued`, lease_duration: 3600 }
    return body.includes(canary) && !body.includes('wrong')
      ? { status: 200, content: { auth } }
      : { ...denied, status: 400 }
  }
  const token = request.headers['x-vault-token']
  if (token !== `${canary}-token` && token !== `${canary}-issued`) return denied
  if (pathname === '/v1/auth/token/lookup-self')
    return { status: 200, content: { data: { ttl: 3600, type: 'service' } } }
  if (pathname === '/v1/auth/token/revoke-self') return { status: 200, content: null }
  const [, key = ''] = /^\/v1\/(?:secret\/(?:data|metadata)|kv1)\/?(.*)$/.exec(decodeURIComponent(pathname)) ?? []
  if (searchParams.has('list')) return listOf(values, key)
  const value = values[key]
  if (value === undefined) return { status: 404, content: { errors: [] } }
  if (pathname.startsWith('/v1/kv1/')) return { status: 200, content: { data: value } }
  if (pathname.startsWith('/v1/secret/metadata/')) return { status: 200, content: { data: metadataOf(key) } }
  if (searchParams.get('version') === '1') return { status: 404, content: { data: { data: null, metadata: {} } } }
  return { status: 200, content: { data: { data: value, metadata: {} } } }
}

function listOf(values: RemoteValues, folder: string): { status: number; content: unknown } {
  const prefix = folder === '' ? '' : `${folder}/`
  const below = Object.keys(values)
    .filter((key) => key.startsWith(prefix))
    .map((key) => key.slice(prefix.length))
  const keys = [...new Set(below.map((key) => key.replace(/\/.*$/, '/')))]
  return keys.length === 0 ? { status: 404, content: { errors: [] } } : { status: 200, content: { data: { keys } } }
}

function metadataOf(key: string) {
  return {
    created_time: '2026-01-01T00:00:00Z',
    current_version: 2,
    delete_version_after: '0s',
    custom_metadata: { key, env: 'prod' },
  }
}
