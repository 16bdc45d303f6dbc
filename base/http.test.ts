import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import t from 'tap'
import { createOutbound, type Outbound, type OutboundOptions } from './http.ts'
import { effectiveAddress } from './outbound/ip-address.ts'
import { OutboundError } from './outbound/outbound-error.ts'
import { Silence } from '../test/support/silence.ts'
import { until } from '../test/support/until.ts'

const loopback = ['127.0.0.0/8', '::1/128']

t.test('addresses', async (t) => {
  t.test('an IPv4 address inside an IPv6 one is the address that counts', async (t) => {
    const table: readonly (readonly [string, string])[] = [
      ['127.0.0.1', '127.0.0.1'],
      ['::ffff:127.0.0.1', '127.0.0.1'],
      ['::ffff:7f00:1', '127.0.0.1'],
      ['0:0:0:0:0:ffff:a9fe:a9fe', '169.254.169.254'],
      ['::127.0.0.1', '127.0.0.1'],
      ['::ffff:0:169.254.169.254', '169.254.169.254'],
      ['64:ff9b::169.254.169.254', '169.254.169.254'],
      ['2002:7f00:1::', '127.0.0.1'],
      ['fe80::1%eth0', 'fe80::1'],
      ['::1', '::1'],
      ['::', '::'],
      ['2001:db8::1', '2001:db8::1'],
    ]
    for (const [address, expected] of table) t.equal(effectiveAddress(address), expected, address)
  })

  t.test('addresses of this machine, this link and of metadata services are refused in every spelling', async (t) => {
    await using outbound = createOutbound(options())
    const hosts = [
      '127.0.0.1',
      '127.1.2.3',
      '0.0.0.0',
      '169.254.169.254',
      '100.100.100.200',
      '168.63.129.16',
      '224.0.0.1',
      '255.255.255.255',
      '2130706433',
      '0x7f.1',
      '0177.0.0.1',
      '[::1]',
      '[::]',
      '[::ffff:127.0.0.1]',
      '[::ffff:169.254.169.254]',
      '[fe80::1]',
      '169.254.170.23',
      '[fd00:ec2::23]',
      '[fd00:ec2::254]',
      '[64:ff9b::7f00:1]',
      '[64:ff9b:1::7f00:1]',
      '[fec0::1]',
      '127.0.0.1.',
      '[2002:a9fe:a9fe::]',
      '[ff02::1]',
    ]
    for (const host of hosts) {
      await t.rejects(get(outbound, `http://${host}/`), { name: 'OutboundError', code: 'address-refused' }, host)
    }
  })

  t.test('one request may go to one refused address, and no other request and no name with it', async (t) => {
    const { port, close } = await serve((_, answer) => answer.end('here'))
    t.teardown(close)
    const resolve = async () => [{ address: '127.0.0.1', family: 4 }]
    await using outbound = createOutbound(options({ resolve }))
    const exempt = (host: string) => {
      const url = new URL(`http://${host}:${port}/`)
      return outbound.fetch({ method: 'GET', url, exempt: '127.0.0.1', signal: AbortSignal.timeout(5000) })
    }
    t.equal(text(await exempt('127.0.0.1')), 'here')
    for (const host of ['127.0.0.2', '[::1]', 'peer.test']) {
      await t.rejects(exempt(host), { code: 'address-refused' }, host)
    }
    await t.rejects(get(outbound, `http://127.0.0.1:${port}/`), { code: 'address-refused' })
  })

  t.test('a network that is none is told when the agent is made', async (t) => {
    for (const network of ['nonsense', '10.0.0.0', '10.0.0.0/33', '10.0.0/8', '::1/129', '']) {
      t.throws(() => createOutbound(options({ allowedNetworks: [network] })), /is not a network such as/, network)
    }
  })

  t.test('a name is judged by what it resolves to at the time of the connection', async (t) => {
    const { port, close } = await serve((_, answer) => answer.end('here'))
    const answers = [['127.0.0.1'], ['169.254.169.254'], ['::ffff:169.254.169.254']]
    const resolve = async () =>
      (answers.shift() ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    await using outbound = createOutbound(options({ allowedNetworks: loopback, resolve, connectionsMax: 1 }))
    t.equal(text(await get(outbound, `http://peer.test:${port}/`)), 'here')
    await close()
    await t.rejects(get(outbound, `http://rebound.test:${port}/`), { code: 'address-refused' })
    await t.rejects(get(outbound, `http://mapped.test:${port}/`), { code: 'address-refused' })
  })

  t.test('of several addresses the refused ones are not tried', async (t) => {
    const { port, close } = await serve((_, answer) => answer.end('here'))
    t.teardown(close)
    const resolve = async () => [
      { address: '169.254.169.254', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ]
    await using outbound = createOutbound(options({ allowedNetworks: loopback, resolve }))
    t.equal(text(await get(outbound, `http://peer.test:${port}/`)), 'here')
  })
})

t.test('answers', async (t) => {
  const { port, close } = await serve((request, answer) => {
    const [, path = ''] = (request.url ?? '').split('/')
    if (path === 'redirect') answer.writeHead(302, { location: '/elsewhere' }).end()
    else if (path === 'large') answer.end(Buffer.alloc(5000))
    else if (path === 'endless') {
      Readable.from(endless()).pipe(answer)
    } else if (path === 'cut') request.socket.destroy()
    else if (path !== 'silent')
      answer.writeHead(404, { 'x-seen': `${request.method} ${request.socket.remotePort}` }).end('no')
  })
  t.teardown(close)
  await using outbound = createOutbound(options({ allowedNetworks: loopback }))
  const at = (path: string) => get(outbound, `http://127.0.0.1:${port}/${path}`)

  await t.test('a status is an answer, a redirect is not', async (t) => {
    t.match(await at('other'), { status: 404 })
    await t.rejects(at('redirect'), { code: 'redirect' })
  })

  await t.test('bytes and time have limits', async (t) => {
    await t.rejects(at('large'), { code: 'too-large' })
    await t.rejects(at('endless'), { code: 'too-large' })
    await t.rejects(at('silent'), { code: 'timeout' })
    await t.rejects(at('cut'), { code: 'unreachable' })
  })

  await t.test('the reason of the caller ends a request', async (t) => {
    const controller = new AbortController()
    const url = new URL(`http://127.0.0.1:${port}/silent`)
    const running = outbound.fetch({ method: 'GET', url, signal: controller.signal })
    controller.abort(new Error('no longer wanted'))
    await t.rejects(running, { message: 'no longer wanted' })
  })

  await t.test('connections are used again', async (t) => {
    const seen = new Set<string | undefined>()
    for (let call = 0; call < 20; call += 1) seen.add((await at('a')).headers['x-seen'])
    t.ok(seen.size <= 2, `20 calls over ${seen.size} connections`)
  })

  await t.test('nobody waits for a connection that does not come about', async (t) => {
    await using silence = await Silence.open()
    const patient = createOutbound(options({ allowedNetworks: loopback, timeoutMs: 60_000, connectionsMax: 1 }))
    const controller = new AbortController()
    const url = new URL(`https://127.0.0.1:${silence.port}/`)
    const fetched = () => patient.fetch({ method: 'GET', url, signal: controller.signal })
    const refused = [fetched(), fetched()].map((one) => t.rejects(one, { message: 'no longer wanted' }))
    await until(async () => silence.count > 0)
    controller.abort(new Error('no longer wanted'))
    await Promise.all(refused)
    const left = t.rejects(patient.fetch({ method: 'GET', url, signal: new AbortController().signal }))
    await patient[Symbol.asyncDispose]()
    await left
  })

  await t.test('nothing but http and https is spoken, and errors are ours', async (t) => {
    await t.rejects(get(outbound, 'ftp://127.0.0.1/'), { code: 'address-refused' })
    const error = await get(outbound, 'http://127.0.0.1:1/').catch((refused: unknown) => refused)
    t.ok(error instanceof OutboundError)
    t.match(error, { code: 'unreachable', message: 'dial tcp 127.0.0.1:1: connect: connection refused' })
    t.notOk(error instanceof Error && error.cause, 'the library error is not carried along')
  })
})

function* endless(): Generator<Buffer> {
  for (;;) yield Buffer.alloc(600)
}

function options(changes: Partial<OutboundOptions> = {}): OutboundOptions {
  return {
    allowedNetworks: [],
    timeoutMs: 2000,
    responseBytesMax: 2000,
    connectionsMax: 4,
    identitiesMax: 4,
    ...changes,
  }
}

function get(outbound: Outbound, url: string) {
  return outbound.fetch({ method: 'GET', url: new URL(url), signal: AbortSignal.timeout(5000) })
}

function text(answer: { readonly body: Uint8Array }): string {
  return Buffer.from(answer.body).toString()
}

async function serve(listener: RequestListener) {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { port, close }
}
