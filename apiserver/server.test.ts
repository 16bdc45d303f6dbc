import http2 from 'node:http2'
import { connect, type TLSSocket } from 'node:tls'
import t from 'tap'
import { Gate } from '../base/waiting/gate.ts'
import { onAbort } from '../base/waiting/on-abort.ts'
import { notFound } from '../machinery/status-errors.ts'
import { type BareServer, startBareServer } from '../test/support/bare-server.ts'
import { until } from '../test/support/until.ts'
import type { ApiRequest, ApiResponse } from './endpoints/endpoint.ts'

const path = '/apis/example.com/v1/namespaces/default/widgets'

const echo = async ({ info, body, context }: ApiRequest): Promise<ApiResponse> => ({
  type: 'object',
  code: 200,
  object: { name: info.name, bytes: body.length, user: context.user.name, groups: [...context.user.groups] },
})

function status(code: number, reason: string, message: string): object {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message }
}

t.test('what every answer carries', async (t) => {
  await using bare = await startBareServer({ dispatch: echo })
  const plain = await bare.admin.get(`${path}/a`)
  t.equal(plain.status, 200)
  t.equal(plain.headers['content-type'], 'application/json')
  t.equal(plain.headers['cache-control'], 'no-cache, private')
  t.match(plain.headers['audit-id'], /^[0-9a-f-]{36}$/)
  t.match(plain.text, /^\{.*\}\n$/, 'one line')
  const named = await bare.admin.call('GET', `${path}/a`, { headers: { 'audit-id': 'from-the-aggregator' } })
  t.equal(named.headers['audit-id'], 'from-the-aggregator')
  const refused = await bare.client().get(`${path}/a`)
  t.equal(refused.headers['cache-control'], 'no-cache, private')
  t.ok(refused.headers['audit-id'])
  const pretty = await bare.admin.call('GET', `${path}/a`, { headers: { 'user-agent': 'curl/8.5' } })
  t.match(pretty.text, /^\{\n {2}"name"/)
  const yaml = await bare.admin.call('GET', `${path}/a`, { headers: { accept: 'application/yaml' } })
  t.equal(yaml.headers['content-type'], 'application/yaml')
  t.match(yaml.text, /^name: a\n/m)
})

t.test('a content type that cannot be read is left to the endpoint, behind the checks', async (t) => {
  const dispatch = async (request: ApiRequest): Promise<ApiResponse> => ({
    type: 'object',
    code: 200,
    object: { sent: request.headers['content-type'] ?? 'nothing', bytes: request.body.length },
  })
  await using bare = await startBareServer({ dispatch })
  for (const contentType of ['', 'garbage', 'a/b/c', 'application/json']) {
    const options = { body: '{}', headers: { 'content-type': contentType } }
    const answer = await bare.admin.call('POST', path, options)
    t.match(answer, { status: 200, json: { sent: contentType, bytes: 2 } }, contentType)
    t.equal((await bare.client().call('POST', path, options)).status, 401, contentType)
    t.equal((await bare.admin.call('POST', '/healthz', options)).status, 404, contentType)
  }
})

t.test('warnings become headers, each once, printable and within bounds', async (t) => {
  await using bare = await startBareServer({
    dispatch: async (request) => {
      for (const text of ['say "hi"', 'line\nbreak', 'say "hi"', 'ünïcode']) request.context.warn(text)
      if (request.info.name === 'many')
        for (let count = 0; count < 400; count += 1) request.context.warn(`${count} `.repeat(300))
      if (request.info.name === 'missing') throw notFound({ group: 'example.com', resource: 'widgets' }, 'missing')
      return echo(request)
    },
  })
  const warnings = [(await bare.admin.get(`${path}/a`)).headers['warning']].flat()
  t.same(warnings, ['299 - "say \\"hi\\""', '299 - "line break"', Buffer.from('299 - "ünïcode"').toString('latin1')])
  const many = [(await bare.admin.get(`${path}/many`)).headers['warning']].flat().join('')
  t.ok(many.length < 5000)
  t.ok((await bare.admin.get(`${path}/missing`)).headers['warning'], 'of a refusal too')
})

t.test('who asks: certificates, tokens, nobody', async (t) => {
  const tokens = '# comment\nright-token,ann,1,"system:masters,dev"\nother-token,bob,2\n'
  await using bare = await startBareServer({ dispatch: echo, tokens })
  const unauthorized = status(401, 'Unauthorized', 'Unauthorized')
  const ask = (headers: Record<string, string>) => bare.client().call('GET', `${path}/a`, { headers })

  t.match((await bare.admin.get(`${path}/a`)).json, {
    user: 'admin',
    groups: ['system:masters', 'system:authenticated'],
  })
  t.match((await ask({ authorization: 'Bearer right-token' })).json, { user: 'ann', groups: ['system:masters', 'dev'] })
  t.match((await ask({ authorization: 'Bearer wrong' })).json, unauthorized)
  t.match((await ask({ authorization: 'Basic cm9vdDpyb290' })).json, unauthorized)
  t.match((await ask({})).json, unauthorized)
  t.match((await ask({ 'x-remote-user': 'root', 'x-remote-group': 'system:masters' })).json, unauthorized)
  t.equal((await bare.client().get('/version')).status, 200, 'anybody may know the version')
  const forbidden =
    'widgets.example.com "a" is forbidden: User "bob" cannot get resource "widgets" in API group "example.com" ' +
    'in the namespace "default"'
  t.match((await ask({ authorization: 'Bearer other-token' })).json, {
    ...status(403, 'Forbidden', forbidden),
    details: { name: 'a', group: 'example.com', kind: 'widgets' },
  })
  const bob = { authorization: 'Bearer other-token' }
  const other = await bare.client().call('GET', '/nothing', { headers: bob })
  t.match(other.json, status(403, 'Forbidden', 'forbidden: User "bob" cannot get path "/nothing"'))
  const foreign = await startBareServer({ dispatch: echo })
  const stranger = bare.client(await foreign.certificates.client('admin', ['system:masters']))
  t.match((await stranger.get(`${path}/a`)).json, unauthorized, 'a certificate of another authority')
  t.match(
    (await bare.client(await bare.certificates.serving(['localhost'])).get(`${path}/a`)).json,
    unauthorized,
    'not for clients',
  )
  await foreign[Symbol.asyncDispose]()
})

t.test('who may impersonate is answered as the other, with nothing of its own', async (t) => {
  await using bare = await startBareServer({ dispatch: echo, tokens: 'bob-token,bob,2,staff\n' })
  const as = (headers: Record<string, string | string[]>) => bare.admin.call('GET', `${path}/a`, { headers })
  const cannot = (who: string): RegExp => new RegExp(`User "${who}" cannot get resource "widgets"`)
  t.match((await as({ 'impersonate-user': 'ann' })).json, { code: 403, message: cannot('ann') })
  t.match((await as({ 'impersonate-user': 'ann', 'impersonate-group': ['dev', 'system:masters'] })).json, {
    user: 'ann',
    groups: ['dev', 'system:masters', 'system:authenticated'],
  })
  t.match((await as({ 'impersonate-user': 'ann', 'impersonate-extra-a%2fb': 'c' })).json, { message: cannot('ann') })
  const account = 'system:serviceaccount:demo:robot'
  t.match((await as({ 'impersonate-user': account })).json, { message: cannot(account) })
  t.match((await as({ 'impersonate-group': 'system:masters' })).json, {
    code: 400,
    message: /Impersonate-User is missing/,
  })
  const bob = { authorization: 'Bearer bob-token', 'impersonate-user': 'admin', 'impersonate-group': 'system:masters' }
  t.match((await bare.client().call('GET', `${path}/a`, { headers: bob })).json, {
    ...status(
      403,
      'Forbidden',
      'users "admin" is forbidden: User "bob" cannot impersonate resource "users" ' +
        'in API group "" at the cluster scope',
    ),
    details: { name: 'admin', kind: 'users' },
  })
  const nobody = await bare.client().call('GET', `${path}/a`, { headers: { 'impersonate-user': 'admin' } })
  t.match(nobody.json, status(401, 'Unauthorized', 'Unauthorized'))
})

t.test('paths and methods that are not there', async (t) => {
  await using bare = await startBareServer({ dispatch: echo })
  const unknown = { ...status(404, 'NotFound', 'the server could not find the requested resource'), details: {} }
  const method = status(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource')
  t.match((await bare.admin.get('/nothing')).json, unknown)
  t.match((await bare.admin.get('/livez/nothing')).json, unknown)
  t.match((await bare.admin.call('POST', '/version')).json, method)
  t.equal((await bare.admin.call('HEAD', `${path}/a`)).status, 405)
  t.equal((await bare.admin.call('POST', path.replace('/v1/', '/v1/watch/'))).status, 405)
  t.match((await bare.admin.call('QUERY', path)).json, method)
  t.match(
    (await bare.admin.get('/apis/%zz')).json,
    status(400, 'BadRequest', 'the path of the request is not valid percent-encoded UTF-8'),
  )
  for (const target of ['/version/', `${path}/a/`])
    t.equal((await bare.admin.get(target)).status, 200, `no redirect: ${target}`)
  t.equal(String((await bare.admin.get(`${path}/${'a.'.repeat(126)}a`)).json['name']).length, 253)
  t.same((await bare.admin.get('/')).json, { paths: ['/healthz', '/livez', '/readyz', '/version'] })
})

t.test('health checks are open to everybody', async (t) => {
  await using bare = await startBareServer({ dispatch: echo })
  const probe = bare.client()
  const plain = await probe.get('/livez')
  t.equal(plain.text, 'ok')
  t.equal(plain.headers['content-type'], 'text/plain; charset=utf-8')
  t.equal((await probe.get('/readyz?verbose')).text, '[+]ping ok\n[+]shutdown ok\nreadyz check passed\n')
  t.equal((await probe.get('/readyz/ping')).text, 'ok')
  const excluded = await probe.get('/readyz?verbose&exclude=shutdown&exclude=x')
  t.match(excluded.text, '[+]shutdown excluded: ok\nwarn: some health checks cannot be excluded: no matches for "x"\n')
  bare.server.retire()
  const retired = await probe.get('/readyz')
  t.equal(retired.status, 500)
  t.equal(retired.text, '[+]ping ok\n[-]shutdown failed: reason withheld\nreadyz check failed\n')
  t.equal((await probe.get('/livez')).status, 200)
  t.equal((await bare.admin.get(`${path}/a`)).status, 200, 'all else goes on')
})

t.test('bodies, deadlines and load have limits', async (t) => {
  await using bare = await startBareServer({
    dispatch: async (request) => (request.info.name === 'slow' ? new Promise(() => undefined) : echo(request)),
    limits: { requestTimeoutMs: 800, mutatingInFlightMax: 0 },
    tokens: 'plain-token,bob,2,staff\n',
  })
  const tooLarge = status(413, 'RequestEntityTooLarge', 'Request entity too large: limit is 65536')
  t.match((await bare.admin.post(path, 'x'.repeat(65_537))).json, tooLarge)
  t.equal((await bare.admin.post(path, 'x'.repeat(65_536))).json['bytes'], 65_536)
  const allotted = status(504, 'Timeout', 'Timeout: request did not complete within the allotted timeout')
  t.match((await bare.admin.get(`${path}/slow`)).json, allotted)
  t.match((await bare.admin.get(`${path}/slow?timeout=150ms`)).json, allotted)
  const invalid = 'invalid timeout specified in the request URL - time: invalid duration "abc"'
  t.match((await bare.admin.get(`${path}/a?timeout=abc`)).json, status(400, 'BadRequest', invalid))
  const busy = await bare.client().call('POST', path, { body: {}, headers: { authorization: 'Bearer plain-token' } })
  t.match(busy.json, {
    ...status(429, 'TooManyRequests', 'Too many requests, please try again later.'),
    details: { retryAfterSeconds: 1 },
  })
  t.equal(busy.headers['retry-after'], '1')
  t.equal((await bare.admin.post(path, {})).status, 200, 'system:masters is served')
})

t.test('load that the process cannot bear is shed, but not for discovery, health and system:masters', async (t) => {
  const limits = { pressure: { maxEventLoopDelay: 0, maxHeapUsedBytes: 1 } }
  await using bare = await startBareServer({ dispatch: echo, limits, tokens: 'plain-token,bob,2,staff\n' })
  const headers = { authorization: 'Bearer plain-token' }
  const ask = () => bare.client().call('GET', path, { headers })
  await until(async () => (await ask()).status === 429, { everyMs: 10 })
  const shed = await ask()
  t.equal(shed.status, 429)
  t.equal(shed.headers['retry-after'], '1')
  t.equal(shed.json['kind'], 'Status')
  t.equal((await bare.admin.get(path)).status, 200)
  t.equal((await bare.client().get('/readyz')).status, 200)
  t.equal((await bare.client().get('/version')).status, 200)
})

async function* pieces(count: number, size: number): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index += 1) yield Buffer.alloc(size, 'a')
}

t.test('large answers are compressed for those who say gzip and nothing else', async (t) => {
  await using bare = await startBareServer({
    dispatch: async ({ info }) => {
      const [count, size] = info.name === 'small' ? [1, 100_000] : [4, 100_000]
      if (info.resource === 'streams') {
        return { type: 'stream', code: 200, contentType: 'application/json', pieces: pieces(count, size), flush: false }
      }
      return { type: 'bytes', code: 200, contentType: 'application/json', body: Buffer.alloc(count * size, 'a') }
    },
  })
  for (const resource of ['bytes', 'streams']) {
    const ask = async (name: string, encoding: string): Promise<unknown> => {
      const target = `/apis/example.com/v1/${resource}/${name}`
      const answer = await bare.admin.call('GET', target, { headers: { 'accept-encoding': encoding } })
      return answer.headers['content-encoding']
    }
    t.equal(await ask('large', 'gzip'), 'gzip', resource)
    t.equal(await ask('large', 'deflate, gzip'), 'gzip', resource)
    t.equal(await ask('large', 'gzip;q=0.5'), undefined, resource)
    t.equal(await ask('small', 'gzip'), undefined, resource)
    const plain = await bare.admin.get(`/apis/example.com/v1/${resource}/large`)
    t.equal(plain.text.length, 400_000, resource)
  }
})

t.test('an unforeseen error says nothing of what was being handled', async (t) => {
  await using bare = await startBareServer({
    dispatch: async () => {
      throw new TypeError('canary-in-a-message')
    },
  })
  const answer = await bare.admin.get(path)
  t.match(answer.json, status(500, 'InternalError', 'Internal error occurred: the request met an unforeseen error'))
  t.equal(bare.logged.length, 1)
  t.match(bare.logged[0], /TypeError.*server\.test/)
  t.notMatch(bare.logged.join() + answer.text, 'canary')
})

t.test('HTTP/2 carries many requests at once, large answers and watches', async (t) => {
  const watched = new Gate()
  await using bare = await startBareServer({
    dispatch: async (request) => {
      if (request.info.verb === 'watch') {
        const ends = (async function* (): AsyncGenerator<Uint8Array> {
          yield Buffer.from('{}\n')
          watched.open()
          await new Promise<void>((resolve) => onAbort(request.context.signal, resolve))
        })()
        return { type: 'stream', code: 200, contentType: 'application/json', pieces: ends, flush: true }
      }
      if (request.info.name !== 'large') return echo(request)
      return { type: 'stream', code: 200, contentType: 'application/json', pieces: pieces(32, 262_144), flush: false }
    },
  })
  const { certificatePem, keyPem } = await bare.certificates.client('admin', ['system:masters'])
  const ca = bare.certificates.authorityCertificate
  const session = http2.connect(bare.url, { ca, cert: certificatePem, key: keyPem, servername: 'localhost' })
  const ask = (target: string, body = ''): Promise<{ status: number; size: number }> =>
    new Promise((resolve, reject) => {
      const stream = session.request({ ':path': target, ':method': body === '' ? 'GET' : 'POST' })
      let code = 0
      let size = 0
      stream.on('response', (headers) => (code = Number(headers[':status'])))
      stream.on('data', (chunk: Buffer) => (size += chunk.length))
      stream.on('end', () => resolve({ status: code, size }))
      stream.on('error', reject)
      if (body !== '') stream.end(body)
    })
  const answers = await Promise.all(Array.from({ length: 500 }, (_, index) => ask(`${path}/n${index}`)))
  t.ok(answers.every((answer) => answer.status === 200))
  t.same(await ask(`${path}/large`), { status: 200, size: 32 * 262_144 })
  t.equal((await ask(path, 'x'.repeat(100_000))).status, 413)
  const watching = ask(`${path}?watch=true`)
  await watched.opened
  const closing = bare.server.close()
  t.same(await watching, { status: 200, size: 3 }, 'a watch ends in order when the server ends')
  await closing
  session.destroy()
})

function dialled({ url }: BareServer): TLSSocket {
  const { port } = new URL(url)
  return connect({ host: '127.0.0.1', port: Number(port), rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
}

function rawConnection(bare: BareServer, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = dialled(bare)
    let answer = ''
    socket.on('secureConnect', () => socket.write(text))
    socket.on('data', (chunk) => (answer += String(chunk)))
    socket.on('close', () => resolve(answer))
    socket.on('error', () => undefined)
  })
}

t.test('bytes that are no request, and heads that are too large or too slow, are told so', async (t) => {
  await using bare = await startBareServer({ dispatch: echo })
  const wrong = await rawConnection(bare, 'GARBAGE\r\n\r\n')
  t.match(wrong, /^HTTP\/1\.1 400 Bad Request\r\n/)
  t.match(wrong, '"message":"what was sent is not a valid HTTP request"')
  const large = await rawConnection(bare, `GET / HTTP/1.1\r\nHost: x\r\nX-Large: ${'x'.repeat(70_000)}\r\n\r\n`)
  t.match(large, /^HTTP\/1\.1 431 /)
  const slow = await rawConnection(bare, 'GET / HTTP/1.1\r\nHost: x\r\nX-Slow')
  t.match(slow, /^HTTP\/1\.1 408 /)
  t.equal((await bare.admin.get(path)).status, 200, 'the server serves on')
})

t.test('a reader that takes nothing loses its connection', async (t) => {
  let ended = 0
  await using bare = await startBareServer({
    dispatch: async () => {
      const endless = (async function* (): AsyncGenerator<Uint8Array> {
        try {
          for (;;) yield Buffer.alloc(262_144)
        } finally {
          ended += 1
        }
      })()
      return { type: 'stream', code: 200, contentType: 'application/json', pieces: endless, flush: true }
    },
    limits: { stuckReaderMs: 200 },
    tokens: 'right-token,ann,1,system:masters\n',
  })
  const socket = dialled(bare)
  socket.on('error', () => undefined)
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.on('secureConnect', () => {
    socket.pause()
    socket.write(`GET ${path}?watch=true HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer right-token\r\n\r\n`)
  })
  await until(() => ended > 0)
  t.equal(ended, 1)
  socket.destroy()
  await closed
})

t.test('a new certificate serves new connections, and client certificates stay trusted', async (t) => {
  await using bare = await startBareServer({ dispatch: echo })
  const renewed = await bare.certificates.serving(['localhost', '127.0.0.1', 'renewed.example'])
  bare.server.useTls({ ...renewed, clientAuthorityPem: bare.certificates.authorityCertificate })
  const admin = bare.client(await bare.certificates.client('admin', ['system:masters']))
  t.equal((await admin.get(`${path}/a`)).json['user'], 'admin')
  const names = await new Promise<string | undefined>((resolve) => {
    const { port } = new URL(bare.url)
    const socket = connect({
      host: '127.0.0.1',
      port: Number(port),
      ca: bare.certificates.authorityCertificate,
      servername: 'localhost',
    })
    socket.once('secureConnect', () => {
      resolve(socket.getPeerCertificate().subjectaltname)
      socket.destroy()
    })
  })
  t.match(names, 'renewed.example')
})
