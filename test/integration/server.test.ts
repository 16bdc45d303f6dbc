import { connect, type TLSSocket } from 'node:tls'
import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { decodeYaml } from '../../machinery/yaml.ts'
import { type ApiAnswer, type ApiClient, type Json, listOf } from '../support/api-client.ts'
import { totalOf } from '../support/metric-series.ts'
import { ServerProcess } from '../support/server-process.ts'
import { until } from '../support/until.ts'

/** Bad input of every sort against the whole program: each a clear refusal, and the server serves on. */
const widgets = '/apis/example.com/v1/namespaces/default/widgets'
const configMaps = '/api/v1/namespaces/default/configmaps'

const flags = [
  '--storage-backend',
  'memory',
  '--enable-test-kinds',
  '--header-timeout',
  '1s',
  '--request-timeout',
  '3s',
]
const server = await ServerProcess.start(flags)
const api = server.client()
t.teardown(async () => {
  await api[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

function widget(name: string, rest: object = {}): object {
  return { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name }, ...rest }
}

/** Asserts a refusal in the API's own form. */
function isStatus(t: Test, answer: ApiAnswer, { code, about }: { code: number; about: string }): void {
  t.equal(answer.status, code, `${about}: ${answer.text.slice(0, 200)}`)
  t.equal(answer.json?.['kind'], 'Status', about)
  t.equal(answer.json?.['code'], code, about)
  t.ok(String(answer.json?.['message'] ?? '').length > 0, about)
}

async function servesOn(t: Test): Promise<void> {
  t.equal((await api.get('/readyz')).text, 'ok', 'the server serves on')
  t.equal((await api.get(`${widgets}?limit=1`)).status, 200, 'and reads')
}

t.test('bodies that are not what they should be', async (t) => {
  const cases: readonly (readonly [string, string | Buffer, number])[] = [
    ['nothing', '', 400],
    ['not JSON', '{"kind": ', 400],
    ['text behind the object', `${JSON.stringify(widget('x'))} more`, 400],
    ['an array', '[]', 400],
    ['null', 'null', 400],
    ['a number', '1', 400],
    ['not UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), 400],
    ['deeper than anybody needs', `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 400],
    ['deep objects', '{"a":'.repeat(50_000) + '1' + '}'.repeat(50_000), 400],
    ['a lone surrogate and a control character', '{"kind":"\u0001"}', 400],
    ['metadata of another form', JSON.stringify({ ...widget('x'), metadata: 'x' }), 400],
    ['labels of another form', JSON.stringify({ ...widget('x'), metadata: { name: 'x', labels: [1] } }), 400],
    ['larger than the limit', JSON.stringify(widget('x', { spec: { note: 'x'.repeat(3_200_000) } })), 413],
  ]
  for (const [about, body, code] of cases) isStatus(t, await api.call('POST', widgets, { body }), { code, about })
  isStatus(t, await api.call('POST', widgets, { body: '{}', contentType: 'text/plain' }), {
    code: 415,
    about: 'an unknown type',
  })
  isStatus(t, await api.call('PATCH', `${widgets}/x`, { body: '{}', contentType: 'application/json' }), {
    code: 415,
    about: 'no type of patch',
  })
  isStatus(t, await api.call('PATCH', `${widgets}/x`, { body: '{}', contentType: 'application/json-patch+json' }), {
    code: 400,
    about: 'no JSON patch',
  })
  isStatus(t, await api.call('POST', widgets, { body: 'a: [b', contentType: 'application/yaml' }), {
    code: 400,
    about: 'not YAML',
  })
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
    .split('')
    .map((letter, index) => `${letter}: &${letter} [${Array(9).fill(`*${'abcdefghi'[index]}`).join(',')}]`)
    .join('\n')}`
  isStatus(t, await api.call('POST', widgets, { body: bomb, contentType: 'application/yaml' }), {
    code: 400,
    about: 'YAML that explodes',
  })
  await servesOn(t)
})

t.test('unknown and duplicate fields are warned of, refused or dropped as was asked', async (t) => {
  const spec = '{"size":1,"size":2,"nonsense":true}'
  const body = `{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"strict"},"spec":${spec}}`
  const strict = await api.call('POST', `${widgets}?fieldValidation=Strict`, { body })
  isStatus(t, strict, { code: 400, about: 'strict' })
  t.match(strict.json['message'], 'strict decoding error: unknown field "spec.nonsense", duplicate field "spec.size"')
  const warned = await api.call('POST', widgets, { body })
  t.equal(warned.status, 201)
  t.match([warned.headers['warning']].flat().join(), /unknown field.*duplicate field/)
  t.same(warned.json['spec'], { size: 2 })
  const ignored = await api.call('PUT', `${widgets}/strict?fieldValidation=Ignore`, {
    body: body.replace(
      '"strict"',
      `"strict","resourceVersion":"${String(warned.json['metadata']?.['resourceVersion'])}"`,
    ),
  })
  t.equal(ignored.status, 200)
  t.equal(ignored.headers['warning'], undefined)
  isStatus(t, await api.call('POST', `${widgets}?fieldValidation=Perhaps`, { body }), {
    code: 422,
    about: 'no such mode',
  })
})

t.test('versions, kinds and places that do not fit', async (t) => {
  isStatus(t, await api.post(widgets, { ...widget('x'), apiVersion: 'example.com/v9' }), {
    code: 400,
    about: 'an unknown version',
  })
  isStatus(t, await api.post(widgets, { ...widget('x'), apiVersion: 'v1' }), { code: 400, about: 'another group' })
  isStatus(t, await api.post(widgets, { ...widget('x'), kind: 'Gadget' }), { code: 400, about: 'another kind' })
  isStatus(t, await api.post(widgets, { ...widget('x'), metadata: { name: 'x', namespace: 'kube-system' } }), {
    code: 400,
    about: 'another namespace',
  })
  isStatus(t, await api.post(widgets.replace('default', 'missing'), widget('x')), {
    code: 404,
    about: 'a missing namespace',
  })
  isStatus(t, await api.get('/apis/example.com/v9/widgets'), { code: 404, about: 'a path of an unknown version' })
  isStatus(t, await api.get('/apis/example.com/v1/gadgets'), { code: 404, about: 'a path of an unknown resource' })
  isStatus(t, await api.get(`${widgets}/x/nonsense`), { code: 404, about: 'an unknown subresource' })
  isStatus(t, await api.post('/apis/example.com/v1/widgets', widget('x')), {
    code: 405,
    about: 'a creation in all namespaces',
  })
  isStatus(t, await api.call('DELETE', '/apis/example.com/v1/widgets'), {
    code: 405,
    about: 'a deletion in all namespaces',
  })
  isStatus(t, await api.call('PUT', widgets, { body: widget('x') }), { code: 405, about: 'PUT of a collection' })
  isStatus(t, await api.call('OPTIONS', widgets), { code: 405, about: 'OPTIONS' })
})

t.test('wild names reach nothing they should not', async (t) => {
  const names = [
    '',
    '.',
    '..',
    'A',
    'a b',
    'a/b',
    'a%2fb',
    '-a',
    'ü',
    'a\u0000b',
    'x'.repeat(254),
    '__proto__',
    'constructor',
  ]
  for (const name of names) {
    if (name === 'constructor') continue
    isStatus(t, await api.post(widgets, widget(name)), {
      code: 422,
      about: `created as ${JSON.stringify(name.slice(0, 20))}`,
    })
  }
  for (const name of ['constructor', 'tostring', '1e3', 'a.b-c.1', `${'a.'.repeat(126)}a`]) {
    t.equal((await api.post(widgets, widget(name))).status, 201, name.slice(0, 20))
    t.equal((await api.get(`${widgets}/${name}`)).json['metadata']?.['name'], name)
    t.equal((await api.call('DELETE', `${widgets}/${name}`)).status, 200)
  }
  for (const path of ['a%2Fb', '..%2f..%2fsecrets', '%00', '%2e%2e', '__proto__', '%C3%BC', 'x'.repeat(5000)]) {
    isStatus(t, await api.get(`${widgets}/${path}`), { code: 404, about: path.slice(0, 20) })
  }
  isStatus(t, await api.get(`${widgets}/%zz`), { code: 400, about: 'a path that cannot be decoded' })
  await servesOn(t)
})

t.test('keys that JavaScript takes for more are keys', async (t) => {
  const head = '"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"proto","labels":{"constructor":"a"}}'
  const text = `{${head},"data":{"__proto__":"c","toString":"d"},"__proto__":{"polluted":true}}`
  const created = await api.call('POST', configMaps, { body: text })
  t.equal(created.status, 201, created.text.slice(0, 300))
  const read = (await api.get(`${configMaps}/proto`)).text
  t.match(read, '"__proto__":"c"')
  t.match(read, '"toString":"d"')
  t.match(read, '"constructor":"a"')
  t.notMatch(read, 'polluted')
  const merge = { contentType: 'application/merge-patch+json' }
  const patched = await api.call('PATCH', `${configMaps}/proto`, {
    ...merge,
    body: '{"data":{"__proto__":"e","constructor":"f"}}',
  })
  t.match(patched.text, '"__proto__":"e"')
  const operations =
    '[{"op":"add","path":"/data/__proto__","value":"g"},{"op":"add","path":"/__proto__/polluted","value":"h"}]'
  const json = await api.call('PATCH', `${configMaps}/proto`, {
    contentType: 'application/json-patch+json',
    body: operations,
  })
  isStatus(t, json, { code: 422, about: 'a path through the prototype' })
  t.notMatch((await api.get(configMaps)).text, 'polluted')
})

t.test('a thousand annotations are kept, more bytes than the limit are not', async (t) => {
  const annotations = Object.fromEntries(
    Array.from({ length: 1000 }, (_, index) => [`example.com/a${index}`, `value ${index}`]),
  )
  const created = await api.post(widgets, { ...widget('annotated'), metadata: { name: 'annotated', annotations } })
  t.equal(created.status, 201)
  t.same((await api.get(`${widgets}/annotated`)).json['metadata']?.['annotations'], annotations)
  const large = { name: 'large', annotations: { note: 'x'.repeat(300_000) } }
  isStatus(t, await api.post(widgets, { ...widget('large'), metadata: large }), {
    code: 422,
    about: 'annotations of 300 kB',
  })
  isStatus(t, await api.post(widgets, { ...widget('l'), metadata: { name: 'l', labels: { 'not a key': 'x' } } }), {
    code: 422,
    about: 'a label',
  })
})

t.test('parameters that say nothing', async (t) => {
  const cases: readonly (readonly [string, number])[] = [
    ['labelSelector=a%20in%20(', 400],
    ['labelSelector=%3D%3D', 400],
    [`labelSelector=${'a'.repeat(300)}`, 400],
    ['fieldSelector=nonsense', 400],
    ['fieldSelector=spec.nonsense%3Dx', 400],
    ['limit=many', 400],
    ['limit=99999999999999999999', 400],
    ['resourceVersion=abc', 400],
    ['resourceVersion=-1', 400],
    ['continue=nonsense', 400],
    ['resourceVersionMatch=Exact', 422],
    ['timeout=abc', 400],
    ['watch=true&resourceVersion=abc', 400],
    ['watch=true&sendInitialEvents=true', 422],
  ]
  for (const [query, code] of cases)
    isStatus(t, await api.get(`${widgets}?${query}`), { code, about: query.slice(0, 40) })
  isStatus(t, await api.post(`${widgets}?dryRun=Some`, widget('x')), { code: 422, about: 'dryRun' })
  isStatus(t, await api.post(`${widgets}?fieldManager=${'x'.repeat(129)}`, widget('x')), {
    code: 422,
    about: 'fieldManager',
  })
  t.equal((await api.get(`${widgets}?unknown=1&%zz=&=&&&`)).status, 200, 'unknown ones are ignored')
  t.equal((await api.get(`${widgets}?limit=-5`)).status, 200)
})

function connection(text: string): Promise<{ readonly answer: string; readonly ms: number }> {
  const kubeconfig = decodeYaml(readFileSync(server.kubeconfig, 'utf8')) as unknown as Json
  const user = listOf(kubeconfig['users'])[0]?.['user']
  const pem = (member: string): string => Buffer.from(String(user?.[member]), 'base64').toString()
  return new Promise((resolve) => {
    const start = performance.now()
    const socket: TLSSocket = connect({
      host: '127.0.0.1',
      port: Number(new URL(api.server).port),
      rejectUnauthorized: false,
      ALPNProtocols: ['http/1.1'],
      cert: pem('client-certificate-data'),
      key: pem('client-key-data'),
    })
    let answer = ''
    socket.on('secureConnect', () => socket.write(text))
    socket.on('data', (chunk) => (answer += String(chunk)))
    socket.on('error', () => undefined)
    socket.on('close', () => resolve({ answer, ms: performance.now() - start }))
  })
}

t.test('slow and half-open clients', async (t) => {
  const halves = await Promise.all([
    connection('GET / HTTP/1.1\r\nHost: x\r\nX-Slow'),
    connection(`POST ${widgets} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nConnection: close\r\n\r\n{`),
    connection('NONSENSE\r\n\r\n'),
    connection(`GET /version HTTP/1.1\r\nHost: x\r\nX-Large: ${'x'.repeat(200_000)}\r\n\r\n`),
    connection(''),
  ])
  const [slowHead, slowBody, nonsense, largeHead, silent] = halves
  t.match(slowHead?.answer, /^HTTP\/1\.1 408 /)
  t.match(
    slowBody?.answer,
    /^HTTP\/1\.1 504 [\s\S]*"message":"Timeout: request did not complete within the allotted timeout"/,
  )
  t.match(nonsense?.answer, /^HTTP\/1\.1 400 /)
  t.match(largeHead?.answer, /^HTTP\/1\.1 431 /)
  t.ok((silent?.ms ?? 0) < 10_000, 'a connection that says nothing is not kept')
  await servesOn(t)
})

t.test('a client that goes away in the middle leaves nothing behind', async (t) => {
  await api.post(widgets, widget('watched'))
  for (let round = 0; round < 20; round += 1) {
    const gone = new AbortController()
    const pieces = await api.stream(`${widgets}?watch=true&resourceVersion=0`, gone.signal)
    for await (const _ of pieces) break
    gone.abort()
  }
  const longRunning = async (): Promise<number> =>
    totalOf((await api.get('/metrics')).text, 'apiserver_longrunning_requests')
  await until(async () => (await longRunning()) === 0, { everyMs: 20 })
  t.equal(await longRunning(), 0)
  await servesOn(t)
})

t.test('none of this was unforeseen', async (t) => {
  t.notMatch(server.log, 'unforeseen')
  t.equal(await clean(api), true)
})

async function clean(client: ApiClient): Promise<boolean> {
  return (await client.call('DELETE', widgets)).status === 200
}
