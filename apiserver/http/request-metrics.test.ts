import t from 'tap'
import { methodNotAllowed } from '../../machinery/status-errors.ts'
import { startBareServer } from '../../test/support/bare-server.ts'
import { seriesOf } from '../../test/support/metric-series.ts'
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
    { labels: { ...of, verb: 'POST', scope: 'namespace', dry_run: '', code: '200' }, value: 1 },
    { labels: { ...of, verb: 'POST', scope: 'namespace', dry_run: 'All', code: '200' }, value: 1 },
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
