import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { makeAuthority, makeLeaf } from '../../apiserver/certificates/authority.ts'
import { systemClock } from '../../base/clock.ts'
import { webhookCaller } from './webhook-caller.ts'

const now = systemClock.now()
const validity = { fromMs: now - 60_000, untilMs: now + 3_600_000 }

interface Fake {
  readonly server: Server
  readonly port: number
  readonly caBundle: string
  readonly asked: string[]
}

/** Answers by the path: /silent never, /large too much, /500 with a body that nobody may see, else what was sent. */
async function fakeWebhook(hosts: readonly string[]): Promise<Fake> {
  const authority = await makeAuthority('webhook-ca', validity)
  const leaf = await makeLeaf(authority, { use: 'server', commonName: hosts[0] ?? '', hosts: [...hosts], validity })
  const asked: string[] = []
  const server = createServer({ key: leaf.keyPem, cert: leaf.certificatePem }, (request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.host}`)
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      if (request.url?.startsWith('/silent')) return
      if (request.url?.startsWith('/large')) response.end(Buffer.alloc(5000))
      else if (request.url?.startsWith('/500')) response.writeHead(500).end('a private text')
      else response.end(Buffer.concat(pieces))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { server, port, asked, caBundle: Buffer.from(authority.certificatePem).toString('base64') }
}

async function closed({ server }: Fake): Promise<void> {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
}

const options = { answerBytesMax: 1000, connectionsMax: 4 }
const call = { timeoutMs: 5000, signal: undefined }

t.test('webhooks are called by URL and by service, and what fails is told in our words', async (t) => {
  const fake = await fakeWebhook(['127.0.0.1', 'hook.tools.svc'])
  const { port, caBundle } = fake
  const addressOf = async () => ({ host: '127.0.0.1', port })
  await using caller = webhookCaller({ ...options, addressOf })
  t.teardown(() => closed(fake))
  const at = (path: string) => ({ url: `https://127.0.0.1:${port}${path}`, caBundle })

  t.equal(Buffer.from(await caller.call(at('/echo'), '{"a":1}', call)).toString(), '{"a":1}')
  const service = { namespace: 'tools', name: 'hook', path: '/judge' }
  await caller.call({ service, caBundle }, '{}', { ...call, timeoutMs: 1500 })
  t.same(fake.asked.slice(0, 2), [
    `POST /echo?timeout=5s 127.0.0.1:${port}`,
    `POST /judge?timeout=2s 127.0.0.1:${port}`,
  ])

  const failed = async (target: object, timeoutMs = 5000): Promise<string> => {
    const error: unknown = await caller.call(target, '{}', { ...call, timeoutMs }).catch((thrown: unknown) => thrown)
    return error instanceof Error ? error.message : 'no error'
  }
  t.equal(await failed(at('/500')), 'an error on the server ("unknown") has prevented the request from succeeding')
  t.match(await failed(at('/large')), /^Post "https:.*\/large\?timeout=5s": .* larger than allowed$/)
  t.match(await failed(at('/silent'), 50), /^Post "https:.*\/silent\?timeout=1s": context deadline exceeded$/)
  t.match(await failed({ url: at('/').url }), /tls: failed to verify certificate: x509: .* unknown authority$/)
  const other = { service: { ...service, name: 'other' }, caBundle }
  t.match(await failed(other), /^Post "https:\/\/other.tools.svc(:443)?\/judge\?timeout=5s": tls: .* another name$/)
  t.equal(await failed({ url: 'http://127.0.0.1/' }), 'the URL of a webhook is not an https URL')
})

t.test('a call ends with the request that it is made for', async (t) => {
  const fake = await fakeWebhook(['127.0.0.1'])
  t.teardown(() => closed(fake))
  await using caller = webhookCaller({ ...options, addressOf: async () => ({ host: '', port: 0 }) })
  const { port, caBundle } = fake
  const ending = new AbortController()
  const asking = caller.call({ url: `https://127.0.0.1:${port}/silent`, caBundle }, '{}', {
    timeoutMs: 30_000,
    signal: ending.signal,
  })
  ending.abort(new Error('the client has gone'))
  await t.rejects(asking, { message: 'the client has gone' })
})
