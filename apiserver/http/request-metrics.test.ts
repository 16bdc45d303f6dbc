import { connect } from 'node:net'
import t from 'tap'
import { onAbort } from '../../base/waiting/on-abort.ts'
import { methodNotAllowed } from '../../machinery/status-errors.ts'
import { startBareServer } from '../../test/support/bare-server.ts'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { boundsOf, seriesOf, totalOf } from '../../test/support/metric-series.ts'
import { until } from '../../test/support/until.ts'
import type { ApiRequest, ApiResponse } from '../endpoints/endpoint.ts'

const path = '/apis/example.com/v1/namespaces/default/widgets'
const echo = async ({ info }: ApiRequest): Promise<ApiResponse> => {
  if (info.verb === '') throw methodNotAllowed()
  return { type: 'object', code: 200, object: { name: info.name } }
}

t.test('requests are counted under the names of kube-apiserver', async (t) => {
  await using bare = await startBareServer({ dispatch: echo })
  await bare.admin.get(`${path}/a`)
  for (const query of ['', '?dryRun=All']) await bare.admin.post(path + query, {})
  // A request is counted when its answer has gone out.
  await until(async () => seriesOf(bare.metrics.render(), 'apiserver_request_total').length === 3)
  const of = { group: 'example.com', version: 'v1', resource: 'widgets', subresource: '', component: 'apiserver' }
  t.same(seriesOf(bare.metrics.render(), 'apiserver_request_total'), [
    { labels: { ...of, verb: 'GET', scope: 'resource', dry_run: '', code: '200' }, value: 1 },
    { labels: { ...of, verb: 'POST', scope: 'resource', dry_run: '', code: '200' }, value: 1 },
    { labels: { ...of, verb: 'POST', scope: 'resource', dry_run: 'All', code: '200' }, value: 1 },
  ])
  await bare.admin.call('PATCH', `${path}/a`, { body: {}, contentType: 'application/apply-patch+yaml' })
  await bare.admin.call('PATCH', `${path}/a`, { body: {}, contentType: 'application/merge-patch+json' })
  const verbs = () => seriesOf(bare.metrics.render(), 'apiserver_request_total').map(({ labels }) => labels['verb'])
  await until(async () => verbs().length === 5)
  t.same(verbs().slice(3), ['APPLY', 'PATCH'])
  t.match(bare.metrics.render(), /apiserver_request_duration_seconds_bucket\{verb="GET",.*le="\+Inf"\} 1/)
})

t.test('what a client makes up is counted without its name', async (t) => {
  await using bare = await startBareServer({ dispatch: echo })
  for (const made of [
    'example.com/v2/widgets',
    'a/b/c/d/e',
    'example.com/v1/widgets/a/b',
    'example.com%2fv1/widgets/a',
  ])
    await bare.admin.get(`/apis/${made}`)
  for (const method of ['PROPFIND', 'OPTIONS'])
    for (const target of ['/version', `${path}/a`]) await bare.admin.call(method, target)
  const counted = () => seriesOf(bare.metrics.render(), 'apiserver_request_total')
  await until(async () => counted().reduce((sum, { value }) => sum + value, 0) === 8)
  const of = { group: '', version: '', resource: '', subresource: '', scope: '', component: 'apiserver', dry_run: '' }
  t.same(
    new Set(counted()),
    new Set([
      { labels: { ...of, verb: 'GET', code: '200' }, value: 2 },
      { labels: { ...of, verb: 'LIST', code: '200' }, value: 2 },
      { labels: { ...of, verb: 'other', code: '405' }, value: 4 },
    ]),
  )
})

const widgetsOf = { group: 'example.com', version: 'v1', resource: 'widgets', subresource: '' }
const answered = { type: 'stream', code: 200, contentType: 'application/json' } as const

async function* large(): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < 3; index += 1) yield Buffer.alloc(100_000, 'a')
}

t.test('what is read is counted by its size, as it goes out', async (t) => {
  await using bare = await startBareServer({
    dispatch: async (request) =>
      request.info.verb === 'list' ? { ...answered, pieces: large(), flush: false } : echo(request),
  })
  const name = 'apiserver_response_sizes'
  const { text } = await bare.admin.get(`${path}/a`)
  await bare.admin.get(path)
  await bare.admin.post(path, {})
  await until(() => totalOf(bare.metrics.render(), 'apiserver_request_total') === 3)
  const of = { ...widgetsOf, component: 'apiserver' }
  const [get, list] = [
    { ...of, verb: 'GET', scope: 'resource' },
    { ...of, verb: 'LIST', scope: 'namespace' },
  ]
  t.same(seriesOf(bare.metrics.render(), `${name}_sum`), [
    { labels: get, value: text.length },
    { labels: list, value: 300_000 },
  ])
  const bounds = ['1000', '10000', '100000', '1e+06', '1e+07', '1e+08', '1e+09', '+Inf']
  t.same(boundsOf(bare.metrics.render(), name), bounds)
  await bare.admin.call('GET', path, { headers: { 'accept-encoding': 'gzip' } })
  await until(() => totalOf(bare.metrics.render(), name) === 3)
  t.ok(totalOf(bare.metrics.render(), `${name}_sum`) < text.length + 310_000, 'compressed, where it is')
})

/** Sends that, and stays open until the reader leaves. */
function openAfter(text: string) {
  return async ({ context }: ApiRequest): Promise<ApiResponse> => {
    const pieces = (async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from(text)
      await new Promise<void>((resolve) => onAbort(context.signal, resolve))
    })()
    return { ...answered, pieces, flush: true }
  }
}

t.test('open watches are counted by what they watch', async (t) => {
  await using bare = await startBareServer({
    dispatch: openAfter('{}\n'),
  })
  const open = () => seriesOf(bare.metrics.render(), 'apiserver_longrunning_requests')
  const gone = new AbortController()
  const reading = ['namespaces/default/widgets', 'widgets', 'made-up'].map(async (watched) => {
    for await (const _ of await bare.admin.stream(`/apis/example.com/v1/${watched}?watch=true`, gone.signal));
  })
  await until(() => totalOf(bare.metrics.render(), 'apiserver_longrunning_requests') === 3)
  const of = { ...widgetsOf, verb: 'WATCH', component: 'apiserver' }
  const nobody = { ...of, group: '', version: '', resource: '', scope: '' }
  const labels = [{ ...of, scope: 'namespace' }, { ...of, scope: 'cluster' }, nobody]
  t.same(new Set(open()), new Set(labels.map((each) => ({ labels: each, value: 1 }))))
  gone.abort()
  await Promise.allSettled(reading)
  await until(() => open().every(({ value }) => value === 0))
  const sizes = seriesOf(bare.metrics.render(), 'apiserver_response_sizes_sum')
  t.same(new Set(sizes), new Set(labels.map((each) => ({ labels: each, value: 3 }))))
})

t.test('an answer that is cut off in the middle is an abort, and one whose reader left is not', async (t) => {
  const clock = new ManualClock()
  await using bare = await startBareServer({
    clock,
    dispatch: openAfter('['),
  })
  const count = () => totalOf(bare.metrics.render(), 'apiserver_request_total')
  const gone = new AbortController()
  for await (const _ of await bare.admin.stream(path, gone.signal)) break
  gone.abort()
  await until(() => count() === 1)
  t.same(seriesOf(bare.metrics.render(), 'apiserver_request_aborts_total'), [])
  const cut = await bare.admin.stream(path, new AbortController().signal)
  await clock.advance(60_000)
  await clock.advance(100)
  await t.rejects(async () => {
    for await (const _ of cut);
  })
  await until(() => count() === 2)
  t.same(seriesOf(bare.metrics.render(), 'apiserver_request_aborts_total'), [
    { labels: { ...widgetsOf, verb: 'LIST', scope: 'namespace' }, value: 1 },
  ])
})

t.test('bytes that are no handshake are counted', async (t) => {
  await using bare = await startBareServer({ dispatch: echo })
  const failed = () => totalOf(bare.metrics.render(), 'apiserver_tls_handshake_errors_total')
  t.match(bare.metrics.render(), /^apiserver_tls_handshake_errors_total 0$/m)
  const { hostname, port } = new URL(bare.url)
  const socket = connect(Number(port), hostname, () => socket.end('GET / HTTP/1.1\r\n\r\n'))
  socket.on('error', () => undefined)
  await until(() => failed() === 1)
  t.equal((await bare.admin.get('/version')).status, 200)
  t.equal(failed(), 1)
})
