import t from 'tap'
import { type Answer, type Body, textAt } from '../../test/support/local-api.ts'
import { aWidget, openWidgetApi, type WidgetParts, widgets } from '../../test/support/widgets.ts'

const api = await openWidgetApi({ historyCountMax: 40 })
const hasty = await openWidgetApi({ freshnessWaitMs: 50 })
t.teardown(() => Promise.all([api, hasty].map((one) => one[Symbol.asyncDispose]())))

const list = (query = '', headers: Record<string, string> = {}): Promise<Answer> =>
  api.call(`GET ${widgets}${query}`, { headers })
const created = async (name: string, parts: WidgetParts = {}): Promise<Body> =>
  (await api.call(`POST ${widgets}`, { body: aWidget(name, parts) })).body
const itemsOf = (body: Body | undefined): readonly Body[] => (body?.['items'] ?? []) as unknown as readonly Body[]
const namesOf = (answer: Answer): readonly string[] => itemsOf(answer.body).map((item) => textAt(item, 'metadata.name'))
const versionOf = (body: Body): string => textAt(body, 'metadata.resourceVersion')

t.test('an empty list', async (t) => {
  const { code, body } = await list()
  t.match(
    { code, body },
    {
      code: 200,
      body: { kind: 'WidgetList', apiVersion: 'example.com/v1', metadata: { resourceVersion: /^[1-9]\d*$/ } },
    },
  )
  t.same(body['items'], [])
})

t.test('single objects', async (t) => {
  const object = await created('single', { spec: { size: 1 } })
  t.same((await api.call(`GET ${widgets}/single`)).body, object)
  t.match((await api.call(`GET ${widgets}/none`)).body, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'widgets.example.com "none" not found',
    reason: 'NotFound',
    details: { name: 'none', group: 'example.com', kind: 'widgets' },
    code: 404,
  })
  for (const version of ['0', versionOf(object)]) {
    t.equal((await api.call(`GET ${widgets}/single?resourceVersion=${version}`)).code, 200)
  }
  const future = await hasty.call(`GET ${widgets}/single?resourceVersion=999999`)
  t.match(future, {
    code: 504,
    body: {
      message: /^Timeout: Too large resource version: 999999, current: \d+$/,
      details: {
        causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
        retryAfterSeconds: 1,
      },
    },
  })
  t.equal((await api.call(`GET ${widgets}/single?resourceVersion=x`)).code, 400)
  t.match(await api.call(`GET ${widgets}/single?export=true`), { code: 400, body: { message: /the export parameter/ } })
  await api.call(`DELETE ${widgets}/single`)
})

t.test('pages of one state', async (t) => {
  for (const name of ['a', 'b', 'c', 'd', 'e']) await created(name, { metadata: { labels: { page: 'x' } } })
  const first = await list('?limit=2')
  t.match(first.body['metadata'], { continue: String, remainingItemCount: 3 })
  await created('bb')
  await api.call(`DELETE ${widgets}/d`)
  const next = (page: Answer): Promise<Answer> => list(`?limit=2&continue=${textAt(page.body, 'metadata.continue')}`)
  const second = await next(first)
  t.match(second.body['metadata'], { resourceVersion: versionOf(first.body), remainingItemCount: 1 })
  const third = await next(second)
  t.same([first, second, third].flatMap(namesOf), ['a', 'b', 'c', 'd', 'e'])
  t.equal(third.body['metadata']?.['continue'], undefined)
  t.equal((await list('?limit=1&labelSelector=page')).body['metadata']?.['remainingItemCount'], undefined)
  t.match(await list('?continue=nonsense'), { code: 400, body: { message: /^invalid continue token/ } })
  const token = textAt(first.body, 'metadata.continue')
  t.match(await list(`?continue=${token}&resourceVersion=5`), {
    code: 400,
    body: { message: 'specifying resource version is not allowed when using continue' },
  })
  const elsewhere = await api.call(`GET ${widgets.replace('default', 'other')}?continue=${token}`)
  t.same(namesOf(elsewhere), [], 'a token reaches nothing outside of its list')

  for (let size = 0; size < 60; size += 1) {
    await api.call(`PATCH ${widgets}/a`, {
      body: { spec: { size } },
      headers: { 'content-type': 'application/merge-patch+json' },
    })
  }
  const expired = await next(first)
  t.match(expired, { code: 410, body: { reason: 'Expired', metadata: { continue: String } } })
  t.same(namesOf(await next(expired)), ['bb', 'c'], 'the fresh token goes on in the newest state')
})

t.test('states of the past', async (t) => {
  const before = versionOf((await list()).body)
  await created('later')
  t.notOk(namesOf(await list(`?resourceVersion=${before}&resourceVersionMatch=Exact`)).includes('later'))
  t.ok(namesOf(await list(`?resourceVersion=${before}&resourceVersionMatch=NotOlderThan`)).includes('later'))
  t.match(await list('?resourceVersion=1&resourceVersionMatch=Exact'), { code: 410, body: { reason: 'Expired' } })
  t.equal((await hasty.call(`GET ${widgets}?resourceVersion=999999`)).code, 504)
  t.ok(namesOf(await list('?resourceVersion=0&limit=1')).length > 1, 'from memory there are no pages')
})

t.test('options are refused', async (t) => {
  const cases: readonly [query: string, code: number, message: RegExp][] = [
    [
      'resourceVersionMatch=Exact',
      422,
      /^ListOptions.meta.k8s.io "" is invalid: .*resourceVersionMatch is forbidden unless resourceVersion is provided/,
    ],
    [
      'resourceVersionMatch=Exact&resourceVersion=0',
      422,
      /resourceVersionMatch "exact" is forbidden for resourceVersion "0"/,
    ],
    [
      'resourceVersionMatch=foo&resourceVersion=1',
      422,
      /Unsupported value: "foo": supported values: "Exact", "NotOlderThan", ""/,
    ],
    ['sendInitialEvents=true', 422, /sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list/],
    ['limit=x', 400, /invalid syntax/],
    ['resourceVersion=x', 400, /^invalid resource version/],
    ['labelSelector=%3D%3D', 400, /./],
    ['fieldSelector=spec.size%3D1', 400, /^field label not supported: spec.size$/],
    [
      'watch=true&sendInitialEvents=true',
      422,
      /sendInitialEvents requires setting resourceVersionMatch to NotOlderThan/,
    ],
    [
      'watch=true&resourceVersionMatch=NotOlderThan',
      422,
      /resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided/,
    ],
  ]
  for (const [query, code, message] of cases) t.match(await list(`?${query}`), { code, body: { message } }, query)
})

t.test('selectors', async (t) => {
  await created('sel-1', { metadata: { labels: { tier: 'front', size: '1' } }, spec: { owner: 'me' } })
  await created('sel-2', { metadata: { labels: { tier: 'back' } }, spec: { owner: 'you' } })
  const cases: readonly [query: string, names: readonly string[]][] = [
    ['labelSelector=tier%3Dfront', ['sel-1']],
    ['labelSelector=tier,tier!%3Dfront', ['sel-2']],
    ['labelSelector=tier+in+(front,back)', ['sel-1', 'sel-2']],
    ['labelSelector=tier+notin+(front),!size,tier', ['sel-2']],
    ['fieldSelector=metadata.name%3Dsel-1', ['sel-1']],
    ['fieldSelector=metadata.name%3Dsel-1,metadata.namespace%3Dother', []],
    ['fieldSelector=spec.owner%3Dyou', ['sel-2']],
    ['fieldSelector=spec.owner!%3Dyou&labelSelector=tier', ['sel-1']],
  ]
  for (const [query, names] of cases) t.same(namesOf(await list(`?${query}`)), names, query)
  await api.call('POST /api/v1/namespaces', { body: { metadata: { name: 'second' } } })
  await api.call(`POST ${widgets.replace('default', 'second')}`, { body: aWidget('sel-1') })
  const everywhere = await api.call('GET /apis/example.com/v1/widgets?fieldSelector=metadata.name%3Dsel-1')
  t.same(
    itemsOf(everywhere.body).map((item) => item['metadata']?.['namespace']),
    ['default', 'second'],
  )
})

t.test('forms', async (t) => {
  const table = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'
  const one = 'fieldSelector=metadata.name%3Dsel-1'
  const { body } = await list(`?${one}`, { accept: table })
  t.match(body, { kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata: { resourceVersion: String } })
  t.same(body['columnDefinitions']?.[0 as never], {
    name: 'Name',
    type: 'string',
    format: 'name',
    description: 'The name of the object, unique in its namespace for its kind.',
    priority: 0,
  })
  t.match(body['rows'], [
    { cells: ['sel-1', null, null, 'Auto'], object: { kind: 'PartialObjectMetadata', metadata: { name: 'sel-1' } } },
  ])
  const whole = await list(`?${one}&includeObject=Object`, { accept: table })
  t.match(whole.body['rows'], [{ object: { kind: 'Widget', spec: { owner: 'me' } } }])
  t.match((await list(`?${one}&includeObject=None`, { accept: table })).body['rows'], [{ object: null }])
  t.equal((await list('?includeObject=x', { accept: table })).code, 400)
  t.match((await api.call(`GET ${widgets}/sel-1`, { headers: { accept: table.replace('v1;', 'v1beta1;') } })).body, {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1beta1',
    rows: [{ cells: ['sel-1'] }],
  })
  const metadata = (kind: string) =>
    ['vnd.kubernetes.protobuf', 'json'].map((type) => `application/${type};as=${kind};g=meta.k8s.io;v=v1`).join()
  t.match((await list(`?${one}`, { accept: metadata('PartialObjectMetadataList') })).body, {
    kind: 'PartialObjectMetadataList',
    apiVersion: 'meta.k8s.io/v1',
    items: [{ kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: { name: 'sel-1' } }],
  })
  t.equal((await list('', { accept: metadata('PartialObjectMetadata') })).code, 406)
  t.equal(
    (await api.call(`GET ${widgets}/sel-1`, { headers: { accept: metadata('PartialObjectMetadataList') } })).code,
    406,
  )
  t.match(await api.call(`GET ${widgets}/none`, { headers: { accept: table } }), {
    code: 404,
    body: { kind: 'Status' },
  })
  t.equal((await list('', { accept: 'application/vnd.kubernetes.protobuf' })).code, 406)
})
