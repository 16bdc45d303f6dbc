import http2 from 'node:http2'
import type { Socket } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import t from 'tap'
import { Gate } from '../../base/waiting/gate.ts'
import { type BareServer, startBareServer } from '../../test/support/bare-server.ts'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { seriesOf, totalOf } from '../../test/support/metric-series.ts'
import { RawConnection, silentConnections } from '../../test/support/raw-connection.ts'
import { until } from '../../test/support/until.ts'
import type { ApiRequest, ApiResponse } from '../endpoints/endpoint.ts'
import { Arrival } from './body.ts'

const path = '/apis/example.com/v1/namespaces/default/widgets'
const bearer = 'Authorization: Bearer right-token'
const tokens = 'right-token,ann,1,system:masters\n'

const echo = async ({ info, body, headers }: ApiRequest): Promise<ApiResponse> => ({
  type: 'object',
  code: 200,
  object: { name: info.name, bytes: body.length, headerCount: Object.keys(headers).length },
})

function inFlight(bare: BareServer): number {
  const text = bare.metrics.render()
  const counts = [...text.matchAll(/apiserver_current_inflight_requests\{.*\} (\d+)/g)]
  return counts.reduce((sum, [, count]) => sum + Number(count), 0)
}

interface Raw {
  readonly socket: TLSSocket
  readonly text: () => string
  readonly closed: Promise<unknown>
}

/** A connection on which bytes are said as they are; `isPaused` reads none of the answer. */
function raw(
  bare: BareServer,
  text: string,
  { isPaused = false, protocol = 'http/1.1', allowHalfOpen = false } = {},
): Promise<Raw> {
  const { port } = new URL(bare.url)
  const place = { host: '127.0.0.1', port: Number(port), rejectUnauthorized: false }
  // The types of node:tls do not know that it hands allowHalfOpen on.
  const socket = connect({ ...place, ALPNProtocols: [protocol], ...{ allowHalfOpen } })
  let answer = ''
  socket.on('error', () => undefined)
  const closed = new Promise((resolve) => socket.once('close', resolve))
  return new Promise((resolve) => {
    socket.on('secureConnect', () => {
      if (isPaused) socket.pause()
      else socket.on('data', (chunk) => (answer += String(chunk)))
      socket.write(text)
      resolve({ socket, text: () => answer, closed })
    })
  })
}

function session(bare: BareServer, options: http2.SecureClientSessionOptions = {}): http2.ClientHttp2Session {
  const made = http2.connect(bare.url, {
    ca: bare.certificates.authorityCertificate,
    servername: 'localhost',
    ...options,
  })
  made.on('error', () => undefined)
  return made
}

const authorization = 'Bearer right-token'

t.test('a body that trickles in is given up', async (t) => {
  const clock = new ManualClock()
  await using bare = await startBareServer({ dispatch: echo, tokens, clock })
  const head = `POST ${path} HTTP/1.1\r\nHost: x\r\n${bearer}\r\nContent-Length: 60000\r\n\r\n`
  const slow = await raw(bare, `${head}{`)
  await until(() => inFlight(bare) === 1)
  await clock.advance(10_000)
  t.equal(slow.text(), '', 'it may take so long whatever its length')
  await clock.advance(200)
  await slow.closed
  t.match(slow.text(), /^HTTP\/1\.1 408 Request Timeout\r\n/)
  t.match(slow.text(), '"message":"the request did not arrive in time"')
  t.match(slow.text(), '"code":408')
  await until(() => inFlight(bare) === 0)

  const client = session(bare)
  const stream = client.request({ ':path': path, ':method': 'POST', authorization })
  stream.on('error', () => undefined)
  stream.write('{')
  await until(() => inFlight(bare) === 1)
  const ended = new Promise((resolve) => stream.once('close', resolve))
  const status = new Promise((resolve) => stream.once('response', (headers) => resolve(headers[':status'])))
  stream.resume()
  await clock.advance(10_200)
  t.equal(await status, 408)
  await ended
  await until(() => inFlight(bare) === 0)
  client.destroy()
})

t.test('a body that is too large ends its connection, and the answer is read whatever is sent', async (t) => {
  const clock = new ManualClock()
  const dispatched: string[] = []
  const dispatch = async (request: ApiRequest): Promise<ApiResponse> => {
    dispatched.push(request.info.verb)
    return echo(request)
  }
  await using bare = await startBareServer({ dispatch, tokens, clock })
  const size = 16 * 1024 * 1024
  const head = `POST ${path} HTTP/1.1\r\nHost: x\r\n${bearer}\r\nContent-Length: ${size}\r\n\r\n`
  const refused = /^HTTP\/1\.1 413 Payload Too Large\r\n[^]*connection: close\r\n[^]*"reason":"RequestEntityTooLarge"/i

  const silent = await raw(bare, head)
  await silent.closed
  t.match(silent.text(), refused, 'who sends nothing is not waited for, and no clock either')

  const busy = await raw(bare, head, { isPaused: true })
  // Who reads only when he has sent everything: a reset would have taken the answer away.
  t.ok(await sent(busy.socket, Buffer.alloc(size, 'a')))
  t.ok(await sent(busy.socket, Buffer.from(`GET ${path}/next HTTP/1.1\r\nHost: x\r\n${bearer}\r\n\r\n`)))
  let answer = ''
  busy.socket.on('data', (bytes) => (answer += String(bytes))).resume()
  await busy.closed
  t.match(answer, refused)
  t.equal(answer.match(/HTTP\/1\.1/g)?.length, 1)

  const endless = await raw(bare, head, { allowHalfOpen: true })
  await until(() => refused.test(endless.text()))
  t.ok(await sent(endless.socket, Buffer.alloc(1024)), 'what still comes is thrown away, ...')
  await clock.advance(5_000)
  await until(async () => !(await sent(endless.socket, Buffer.alloc(1024))))
  t.pass('... for some seconds')
  await until(() => inFlight(bare) === 0)
  t.same(dispatched, [], 'and nothing that follows is a request')
})

t.test('how fast a body has to come', (t) => {
  const clock = new ManualClock(0)
  const arrival = new Arrival(clock, { bodyBytesMax: 1e6, bodyGraceMs: 10_000, bodyBytesPerSecondMin: 1024 })
  t.notOk(arrival.isTooSlow(10_000))
  t.ok(arrival.isTooSlow(10_001))
  arrival.byteCount = 10 * 1024
  t.notOk(arrival.isTooSlow(20_000), 'what came buys time')
  t.ok(arrival.isTooSlow(20_001))
  t.end()
})

const large = Buffer.alloc(8 * 1024 * 1024, 'a')

const largeAnswer = async (): Promise<ApiResponse> => ({
  type: 'bytes',
  code: 200,
  contentType: 'application/json',
  body: large,
})

t.test('an answer that is not read when its time is up is cut off, and its place is free', async (t) => {
  const clock = new ManualClock()
  await using bare = await startBareServer({ dispatch: largeAnswer, tokens, clock })
  const stuck = await raw(bare, `GET ${path} HTTP/1.1\r\nHost: x\r\n${bearer}\r\n\r\n`, { isPaused: true })
  await until(() => inFlight(bare) === 1)
  await clock.advance(59_000)
  t.equal(inFlight(bare), 1)
  await clock.advance(2_000)
  await until(() => inFlight(bare) === 0)
  stuck.socket.destroy()
  await stuck.closed
})

t.test('one stream of HTTP/2 that is not read is cut off, and the others go on', async (t) => {
  const clock = new ManualClock()
  await using bare = await startBareServer({
    dispatch: (request) => (request.info.name === 'large' ? largeAnswer() : echo(request)),
    tokens,
    clock,
  })
  const client = session(bare)
  const stuck = client.request({ ':path': `${path}/large`, authorization })
  stuck.on('error', () => undefined)
  stuck.pause()
  const code = new Promise((resolve) => stuck.once('close', () => resolve(stuck.rstCode)))
  await until(() => inFlight(bare) === 1)
  await clock.advance(60_200)
  t.equal(await code, http2.constants.NGHTTP2_CANCEL)
  await until(() => inFlight(bare) === 0)
  const other = client.request({ ':path': `${path}/a`, authorization })
  t.equal(await new Promise((resolve) => other.once('response', (headers) => resolve(headers[':status']))), 200)
  client.destroy()
  await until(() => inFlight(bare) === 0)
})

t.test('a connection of HTTP/2 that is not read at all goes with its streams', async (t) => {
  const clock = new ManualClock()
  let endedCount = 0
  await using bare = await startBareServer({
    dispatch: async () => {
      const pieces = (async function* (): AsyncGenerator<Uint8Array> {
        try {
          for (;;) yield large.subarray(0, 65_536)
        } finally {
          endedCount += 1
        }
      })()
      return { type: 'stream', code: 200, contentType: 'application/json', pieces, flush: true }
    },
    tokens,
    clock,
    limits: { stuckReaderMs: 30_000 },
  })
  const windowSize = Buffer.from([0, 4, 0x7f, 0xff, 0xff, 0xff])
  const windowUpdate = Buffer.from([0x7f, 0, 0, 0])
  const watches = [1, 3, 5].map((id) => frame(1, id, { flags: 5, payload: requestHead(`${path}?watch=true`) }))
  const opening = [frame(4, 0, { payload: windowSize }), frame(8, 0, { payload: windowUpdate }), ...watches]
  const client = await raw(bare, '', { isPaused: true, protocol: 'h2' })
  client.socket.write(Buffer.concat([magic, ...opening]))
  const longRunning = (): number => totalOf(bare.metrics.render(), 'apiserver_longrunning_requests')
  await until(() => longRunning() === 3)
  while (endedCount < 3) await clock.advance(10_000)
  while (longRunning() !== 0) await clock.advance(10_000)
  t.equal(longRunning(), 0)
  const labels = { group: 'example.com', resource: 'widgets' }
  t.same(seriesOf(bare.metrics.render(), 'apiserver_terminated_watchers_total'), [{ labels, value: 3 }])
  client.socket.destroy()
  await client.closed
})

t.test('heads of 32 KiB are read, in one header or in many', async (t) => {
  await using bare = await startBareServer({ dispatch: echo, tokens })
  const one = await bare.admin.call('GET', `${path}/a`, { headers: { 'x-one': 'x'.repeat(32 * 1024) } })
  t.equal(one.status, 200)
  const groups = Array.from({ length: 600 }, (_, index) => `group-${index}-of-a-user-who-has-very-many-of-them`)
  const headers = { 'impersonate-user': 'ann', 'impersonate-group': [...groups, 'system:masters'] }
  t.equal((await bare.admin.call('GET', `${path}/a`, { headers })).status, 200)
  const client = session(bare)
  const stream = client.request({ ':path': `${path}/a`, authorization, ...headers })
  t.equal(await new Promise((resolve) => stream.once('response', (answer) => resolve(answer[':status']))), 200)
  client.destroy()
  await until(() => inFlight(bare) === 0)
})

const openOf = (sockets: readonly Socket[]): readonly boolean[] => sockets.map(({ destroyed }) => !destroyed)
const closedCount = (sockets: readonly Socket[]): number => sockets.filter(({ destroyed }) => destroyed).length

t.test('who opens many connections makes room with his own, and nobody is kept out', async (t) => {
  const limits = { addressConnectionsMax: 4, connectionsMax: 8 }
  await using bare = await startBareServer({ dispatch: echo, tokens, limits })
  const closed = (reason: string): string | undefined =>
    bare.metrics.render().split(`apiserver_connections_closed_total{reason="${reason}"} `)[1]?.split('\n')[0]
  const get = `GET ${path}/a HTTP/1.1\r\nHost: x\r\n\r\n`
  const [first] = [await RawConnection.open(bare.admin), await RawConnection.open(bare.admin)]
  const here = await silentConnections(bare.admin, '127.0.0.1', 6)
  await until(() => closedCount(here) >= 2)
  t.same(openOf(here), [false, false, true, true, true, true], 'the oldest of the address go, ...')
  first.send(get)
  t.match(await first.until((text) => text.includes('bytes')), /^HTTP\/1\.1 200 OK/, '... but none with a certificate')

  const there = await silentConnections(bare.admin, '127.0.0.2', 3)
  await until(() => closedCount(here) >= 3)
  const newcomer = await RawConnection.open(bare.admin)
  newcomer.send(get)
  t.match(await newcomer.until((text) => text.includes('bytes')), /^HTTP\/1\.1 200 OK/, 'nobody finds no room, ...')
  await until(() => closedCount(here) >= 4)
  t.same(openOf(here), [false, false, false, false, true, true], '... which comes from those who have most')
  t.same(openOf(there), [true, true, true])
  t.same([closed('address'), closed('all')], ['2', '2'])
  t.match(bare.logged.join('\n'), /connections are closed to make room .*"reason":"address","address":"127.0.0.1"/)
})

t.test('a connection may be idle for more than 90 seconds', async (t) => {
  await using bare = await startBareServer({ dispatch: echo, limits: { idleTimeoutMs: 120_000 } })
  t.equal((await bare.admin.get(`${path}/a`)).headers['keep-alive'], 'timeout=120')
})

t.test('a body of exactly the limit is read', async (t) => {
  await using bare = await startBareServer({ dispatch: echo, limits: { bodyBytesMax: 3_145_728 } })
  t.equal((await bare.admin.post(path, Buffer.alloc(3_145_728, 'a'))).json['bytes'], 3_145_728)
  const { status, json } = await bare.admin.post(path, Buffer.alloc(3_145_729, 'a'))
  t.equal(status, 413)
  t.match(json, { reason: 'RequestEntityTooLarge', message: 'Request entity too large: limit is 3145728' })
})

t.test('who shows no credentials is told that the connection has no future', async (t) => {
  await using bare = await startBareServer({ dispatch: echo, tokens })
  const client = session(bare)
  const goodbye = new Promise((resolve) => client.once('goaway', resolve))
  const stream = client.request({ ':path': `${path}/a` })
  t.equal(await new Promise((resolve) => stream.once('response', (headers) => resolve(headers[':status']))), 401)
  stream.resume()
  t.equal(await goodbye, http2.constants.NGHTTP2_NO_ERROR)
  client.destroy()
  await until(() => bare.metrics.render().includes('code="401"} 1'))
})

function frame(type: number, streamId: number, options: { flags?: number; payload?: Buffer } = {}): Buffer {
  const { flags = 0, payload = Buffer.alloc(0) } = options
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(streamId, 5)
  return Buffer.concat([head, payload])
}

/** A literal header field without indexing, both texts as they are (RFC 7541, 6.2.2). */
function field(name: string, value: string): Buffer {
  const text = (part: string): Buffer => Buffer.concat([Buffer.from([part.length]), Buffer.from(part)])
  return Buffer.concat([Buffer.from([0]), text(name), text(value)])
}

const magic = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

function requestHead(target: string): Buffer {
  const fields = [
    [':method', 'GET'],
    [':scheme', 'https'],
    [':path', target],
    [':authority', 'x'],
    ['authorization', authorization],
  ] as const
  return Buffer.concat(fields.map(([name, value]) => field(name, value)))
}

t.test('a flood of requests that are taken back at once is not worked on to its end', async (t) => {
  await using bare = await startBareServer({ dispatch: () => new Promise(() => undefined), tokens })
  const request = requestHead(`${path}/a`)
  const cancel = Buffer.from([0, 0, 0, 8])
  const resets = Array.from({ length: 20_000 }, (_, index) => [
    frame(1, 2 * index + 1, { flags: 5, payload: request }),
    frame(3, 2 * index + 1, { payload: cancel }),
  ])
  const flood = await raw(bare, '', { protocol: 'h2' })
  flood.socket.write(Buffer.concat([magic, frame(4, 0), ...resets.flat()]))
  await until(() => flood.text().includes('\u0000\u0000\u0008\u0007'))
  t.pass('the connection was told to go away')
  await until(() => inFlight(bare) === 0)
  const begun = /apiserver_request_total\{.*\} (\d+)/.exec(bare.metrics.render())?.[1]
  t.ok(Number(begun) < 5_000, `${begun} requests were begun`)
  t.equal((await bare.client().get('/readyz')).status, 200)
  flood.socket.destroy()
  await flood.closed
})

t.test('a flood of frames that want an answer ends its connection when nobody reads the answers', async (t) => {
  await using bare = await startBareServer({ dispatch: echo, tokens })
  const floods: Readonly<Record<string, Buffer>> = {
    pings: frame(6, 0, { payload: Buffer.alloc(8) }),
    settings: frame(4, 0),
  }
  for (const [name, one] of Object.entries(floods)) {
    const flood = await raw(bare, '', { isPaused: true, protocol: 'h2' })
    const batch = Buffer.concat(Array.from({ length: 10_000 }, () => one))
    flood.socket.write(Buffer.concat([magic, frame(4, 0)]))
    for (let isOpen = true; isOpen; ) isOpen = await sent(flood.socket, batch)
    t.pass(`${name}: the connection was ended`)
    t.equal((await bare.client().get('/readyz')).status, 200)
  }
})

/** Whether the connection took the bytes. */
function sent(socket: TLSSocket, bytes: Buffer): Promise<boolean> {
  if (socket.destroyed) return Promise.resolve(false)
  return new Promise((resolve) => {
    const closed = (): void => resolve(false)
    socket.once('close', closed)
    socket.write(bytes, (error) => {
      socket.off('close', closed)
      resolve(error === undefined || error === null)
    })
  })
}

t.test('the end comes with the last answer, and waits for no clock', async (t) => {
  const [begun, release] = [new Gate(), new Gate()]
  await using bare = await startBareServer({
    clock: new ManualClock(),
    dispatch: async (request) => {
      begun.open()
      await release.opened
      return echo(request)
    },
  })
  const answered = bare.admin.get(`${path}/a`)
  await begun.opened
  const closed = bare.server.close()
  release.open()
  t.equal((await answered).status, 200)
  await closed
})
