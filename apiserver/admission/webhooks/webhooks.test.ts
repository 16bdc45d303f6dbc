import t, { type Test } from 'tap'
import { type LocalApi, textAt } from '../../../test/support/local-api.ts'
import { aWidget, openWidgetApi, widgets } from '../../../test/support/widgets.ts'
import { systemClock } from '../../../base/clock.ts'
import { Metrics } from '../../../base/metrics.ts'
import { boundsOf, seriesOf } from '../../../test/support/metric-series.ts'
import type { ConfigurationSource, WebhookClientConfig, WebhookConfiguration } from '../configuration.ts'
import { mutatingWebhooks } from './mutating-webhooks.ts'
import { validatingWebhooks } from './validating-webhooks.ts'
import { webhookMetrics } from './webhook-metrics.ts'

interface Review {
  readonly apiVersion: string
  readonly kind: string
  readonly request: Readonly<Record<string, unknown>> & { readonly uid: string }
}

type Response = Readonly<Record<string, unknown>> | Error

interface World {
  readonly api: LocalApi
  /** What was asked, in order. */
  readonly asked: { readonly url: string; readonly review: Review }[]
  readonly configured: { validating: WebhookConfiguration[]; mutating: WebhookConfiguration[] }
  /** By the URL of the webhook; the default is to allow. */
  readonly answers: Record<string, (review: Review) => Response>
  readonly metrics: Metrics
}

async function openWorld(t: Test): Promise<World> {
  const configured: World['configured'] = { validating: [], mutating: [] }
  const asked: World['asked'] = []
  const answers: World['answers'] = {}
  const source = (of: keyof typeof configured): ConfigurationSource<WebhookConfiguration> => ({
    current: () => configured[of],
    known: async () => true,
  })
  const world: { api?: LocalApi } = {}
  const metrics = new Metrics()
  const parts = {
    call: async ({ url = '' }: WebhookClientConfig, body: string) => {
      const review = JSON.parse(body) as Review
      asked.push({ url, review })
      const response = answers[url]?.(review) ?? { allowed: true }
      if (response instanceof Error) throw response
      const { uid } = review.request
      return Buffer.from(JSON.stringify({ ...review, request: undefined, response: { uid, ...response } }))
    },
    access: async () => ({ isAllowed: false, reason: '', error: '' }),
    uuid: () => `uid-${asked.length}`,
    metrics: webhookMetrics(metrics, systemClock),
    namespaceOf: async (name: string) => {
      const { body } = (await world.api?.call(`GET /api/v1/namespaces/${name}`)) ?? {}
      return body as never
    },
  }
  const checks = [
    mutatingWebhooks({ ...parts, configurations: source('mutating') }),
    validatingWebhooks({ ...parts, configurations: source('validating') }),
  ]
  const api = await openWidgetApi({ checks, metrics })
  world.api = api
  t.teardown(() => api[Symbol.asyncDispose]())
  return { api, asked, configured, answers, metrics }
}

const rules = [{ operations: ['*'], apiGroups: ['example.com'], apiVersions: ['v1'], resources: ['widgets'] }]

function configuration(name: string, ...webhooks: readonly object[]): WebhookConfiguration {
  const metadata = { name }
  const defaults = { rules, sideEffects: 'None', admissionReviewVersions: ['v1'] }
  const whole = webhooks.map((webhook, index) => ({
    name: `${name}${index}.example.com`,
    clientConfig: { url: `https://${name}/${index}` },
    ...defaults,
    ...webhook,
  }))
  return { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'Any', metadata, webhooks: whole }
}

function patch(...operations: readonly object[]): Response {
  return { allowed: true, patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(operations)).toString('base64') }
}

t.test('a validating webhook sees the effective object, its refusal is the answer', async (t) => {
  const { api, asked, configured, answers } = await openWorld(t)
  configured.validating = [configuration('judge', {})]
  const created = await api.call(`POST ${widgets}?fieldManager=me`, { body: aWidget('a', { spec: { size: 1 } }) })
  t.equal(created.code, 201)
  t.notOk(JSON.stringify(created.body).includes('Auto'), 'defaults are virtual')
  t.match(asked[0]?.review, {
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: 'uid-0',
      kind: { group: 'example.com', version: 'v1', kind: 'Widget' },
      resource: { group: 'example.com', version: 'v1', resource: 'widgets' },
      requestKind: { group: 'example.com', version: 'v1', kind: 'Widget' },
      name: 'a',
      namespace: 'default',
      operation: 'CREATE',
      userInfo: { username: 'admin', groups: ['system:masters'] },
      object: { spec: { size: 1, mode: 'Auto' } },
      oldObject: null,
      dryRun: false,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1', fieldManager: 'me' },
    },
  })

  const refusal = { code: 403, message: 'not so', reason: 'Forbidden' }
  const cases: readonly (readonly [Response, number, string])[] = [
    [{ allowed: false, status: refusal }, 403, 'denied the request: not so'],
    [{ allowed: false, status: { code: 200, reason: 'Sulking' } }, 400, 'denied the request: Sulking'],
    [{ allowed: false }, 400, 'denied the request without explanation'],
  ]
  for (const [answer, code, text] of cases) {
    answers['https://judge/0'] = () => answer
    const refused = await api.call(`POST ${widgets}`, { body: aWidget('b') })
    t.equal(refused.code, code)
    t.equal(textAt(refused.body, 'message'), `admission webhook "judge0.example.com" ${text}`)
  }
  answers['https://judge/0'] = () => ({ allowed: true, warnings: ['mind the gap'], auditAnnotations: { seen: 'yes' } })
  const warned = await api.call(`POST ${widgets}`, { body: aWidget('b') })
  t.same(warned.warnings, ['mind the gap'])
  t.same(warned.annotations, { 'judge0.example.com/seen': 'yes' })
})

t.test('updates, patches, deletions and collections are told as what they are', async (t) => {
  const { api, asked, configured } = await openWorld(t)
  for (const name of ['a', 'b']) await api.call(`POST ${widgets}`, { body: aWidget(name, { spec: { size: 1 } }) })
  const all = [{ ...rules[0], resources: ['widgets', 'widgets/status'] }]
  configured.validating = [configuration('judge', { rules: all })]
  const requests = () => asked.splice(0).map(({ review }) => review.request)

  const headers = { 'content-type': 'application/merge-patch+json' }
  await api.call(`PATCH ${widgets}/a?dryRun=All`, { headers, body: { spec: { size: 2 } } })
  t.match(requests(), [
    {
      operation: 'UPDATE',
      dryRun: true,
      object: { spec: { size: 2 } },
      oldObject: { spec: { size: 1, mode: 'Auto' } },
      options: { kind: 'UpdateOptions', dryRun: ['All'] },
    },
  ])
  await api.call(`PATCH ${widgets}/a/status`, { headers, body: { status: { phase: 'Ready' } } })
  t.match(requests(), [{ subResource: 'status', requestSubResource: 'status', object: { status: { phase: 'Ready' } } }])
  const applied = { headers: { 'content-type': 'application/apply-patch+yaml' }, body: aWidget('c') }
  await api.call(`PATCH ${widgets}/c?fieldManager=me`, applied)
  t.match(requests(), [{ operation: 'CREATE', options: { kind: 'CreateOptions', fieldManager: 'me' } }])
  await api.call(`DELETE ${widgets}/c`, { body: { propagationPolicy: 'Background' } })
  const [deletion] = requests()
  t.match(deletion, {
    operation: 'DELETE',
    name: 'c',
    object: null,
    oldObject: { metadata: { name: 'c' } },
    options: { kind: 'DeleteOptions', propagationPolicy: 'Background' },
  })
  await api.call(`DELETE ${widgets}`)
  t.same(
    requests().map(({ operation, name }) => `${String(operation)} ${String(name)}`),
    ['DELETE a', 'DELETE b'],
  )
  await api.call(`GET ${widgets}`)
  t.same(requests(), [], 'reads are not subject to admission')
})

t.test('a webhook is told of what it asked for, and of nothing else', async (t) => {
  const { api, asked, configured } = await openWorld(t)
  await api.call('POST /api/v1/namespaces', { body: { metadata: { name: 'prod', labels: { env: 'prod' } } } })
  const labels = { matchLabels: { env: 'prod' } }
  const one = (rule: object): object => ({ rules: [{ ...rules[0], ...rule }] })
  const condition = (expression: string): object => ({ matchConditions: [{ name: 'c', expression }] })
  const cases: readonly (readonly [string, object, boolean])[] = [
    ['by operation', one({ operations: ['UPDATE'] }), false],
    ['by scope', one({ scope: 'Cluster' }), false],
    ['in its scope', one({ scope: 'Namespaced' }), true],
    ['by any resource', one({ resources: ['*'] }), true],
    ['by any subresource', one({ resources: ['*/status'] }), false],
    ['by all and their subresources', one({ resources: ['*/*'] }), true],
    ['in an equivalent version', one({ apiVersions: ['v1beta1'] }), true],
    ['in exactly another version', { ...one({ apiVersions: ['v1beta1'] }), matchPolicy: 'Exact' }, false],
    ['by labels of the namespace', { namespaceSelector: labels }, false],
    ['by labels of the object', { objectSelector: labels }, true],
    ['by a condition that holds', condition("request.userInfo.username == 'admin' && object.spec.size > 0"), true],
    ['by one that does not', condition("request.operation == 'DELETE'"), false],
    ['by a right', condition("!authorizer.group('').resource('pods').check('get').allowed()"), true],
    ['by the right to do this', condition("authorizer.requestResource.check('create').allowed()"), false],
  ]
  for (const [index, [name, webhook, isAsked]] of cases.entries()) {
    configured.validating = [configuration('judge', webhook)]
    const body = aWidget(`a${index}`, { metadata: { labels: { env: 'prod' } }, spec: { size: 1 } })
    const { code, text } = await api.call(`POST ${widgets}`, { body })
    t.equal(code, 201, text)
    t.equal(asked.splice(0).length, isAsked ? 1 : 0, name)
  }
  configured.validating = [configuration('judge', { namespaceSelector: labels })]
  await api.call('POST /apis/example.com/v1/namespaces/prod/widgets', { body: aWidget('a') })
  await api.call('POST /apis/example.com/v1/clusterwidgets', {
    body: { ...aWidget('a'), kind: 'ClusterWidget' },
  })
  t.equal(asked.splice(0).length, 1, 'its namespace has the label')

  const failing = condition('object.spec.nothing == 1')
  configured.validating = [configuration('judge', failing)]
  const refused = await api.call(`POST ${widgets}`, { body: aWidget('x', { spec: { size: 1 } }) })
  t.equal(refused.code, 403)
  t.match(
    textAt(refused.body, 'message'),
    /^widgets.example.com "x" is forbidden: expression 'object.spec.nothing == 1' /,
  )
  configured.validating = [configuration('judge', { ...failing, failurePolicy: 'Ignore' })]
  t.equal((await api.call(`POST ${widgets}`, { body: aWidget('x', { spec: { size: 1 } }) })).code, 201)
  t.same(asked, [])
})

t.test(
  'failurePolicy decides about a webhook that cannot be asked; dry runs spare those with side effects',
  async (t) => {
    const { api, asked, configured, answers } = await openWorld(t)
    const url = 'https://judge/0'
    const failing: readonly (readonly [() => Response, string])[] = [
      [() => new Error('dial tcp'), 'failed to call webhook: dial tcp'],
      [() => ({ uid: 'other' }), 'received invalid webhook response: expected response.uid="uid-0", got another one'],
      [() => patch(), 'received invalid webhook response: validating webhook may not return response.patch'],
    ]
    for (const [answer, why] of failing) {
      asked.splice(0)
      answers[url] = answer
      configured.validating = [configuration('judge', {})]
      const refused = await api.call(`POST ${widgets}`, { body: aWidget('a') })
      t.equal(refused.code, 500)
      const message = `Internal error occurred: failed calling webhook "judge0.example.com": ${why}`
      t.equal(textAt(refused.body, 'message'), message)
      configured.validating = [configuration('judge', { failurePolicy: 'Ignore' })]
      const passed = await api.call(`POST ${widgets}?dryRun=All`, { body: aWidget('a') })
      t.equal(passed.code, 201)
      t.match(passed.annotations, { 'failed-open.validating.webhook.admission.k8s.io/round_0_index_0': /judge0/ })
    }
    asked.splice(0)
    configured.validating = [configuration('judge', { sideEffects: 'Some', failurePolicy: 'Ignore' })]
    const refused = await api.call(`POST ${widgets}?dryRun=All`, { body: aWidget('a') })
    t.equal(refused.code, 400)
    t.equal(textAt(refused.body, 'message'), 'admission webhook "judge0.example.com" does not support dry run')
    configured.validating = [
      configuration('judge', { objectSelector: { matchLabels: { a: '-' } }, failurePolicy: 'Ignore' }),
    ]
    const unread = await api.call(`POST ${widgets}`, { body: aWidget('a') })
    t.match(textAt(unread.body, 'message'), /^Internal error occurred: unable to parse requirement/)
    t.same(asked, [])
  },
)

t.test('a mutating webhook changes what was sent, and the result is judged and stored', async (t) => {
  const { api, asked, configured, answers } = await openWorld(t)
  configured.mutating = [configuration('change', {}, {})]
  answers['https://change/0'] = () => patch({ op: 'add', path: '/spec/color', value: 'red' })
  const sent = aWidget('a', { spec: { size: 1 } })
  const created = await api.call(`POST ${widgets}`, { body: sent })
  t.match(created.body, { spec: { size: 1, color: 'red' } })
  t.notMatch(asked[0]?.review.request['object'], { spec: { mode: 'Auto' } }, 'it sees what was sent')
  t.match(asked[1]?.review.request['object'], { spec: { color: 'red' } })
  t.match(created.annotations, {
    'mutation.webhook.admission.k8s.io/round_0_index_0':
      '{"configuration":"change","webhook":"change0.example.com","mutated":true}',
    'mutation.webhook.admission.k8s.io/round_0_index_1': /"mutated":false/,
  })
  answers['https://change/0'] = () => patch({ op: 'add', path: '/spec/size', value: 5000 })
  t.equal((await api.call(`POST ${widgets}`, { body: aWidget('b', { spec: {} }) })).code, 422, 'the schema judges it')
  answers['https://change/0'] = () => patch({ op: 'remove', path: '/spec/nothing' })
  t.equal((await api.call(`POST ${widgets}`, { body: aWidget('b', { spec: {} }) })).code, 500)
  answers['https://change/0'] = () => patch({ op: 'add', path: '/spec/unknown', value: 1 })
  t.notMatch((await api.call(`POST ${widgets}`, { body: aWidget('b', { spec: {} }) })).body, { spec: { unknown: 1 } })
})

t.test('who wants to see later changes is asked once more', async (t) => {
  const { api, asked, configured, answers } = await openWorld(t)
  const willing = { reinvocationPolicy: 'IfNeeded' }
  configured.mutating = [configuration('change', willing, {}, willing, willing)]
  let count = 0
  const counting = (): Response => {
    count += 1
    return patch({ op: 'add', path: '/spec/size', value: count })
  }
  answers['https://change/2'] = counting
  await api.call(`POST ${widgets}`, { body: aWidget('a', { spec: {} }) })
  const urls = asked.splice(0).map(({ url }) => url.slice(-1))
  t.equal(urls.join(''), '01230', 'only those before the change, only the willing, only once')
})

t.test("what becomes of calls is counted under kube-apiserver's names", async (t) => {
  const { api, configured, answers, metrics } = await openWorld(t)
  const refused = (status: number): Error => Object.assign(new Error('refused'), { code: status })
  const calls: readonly (readonly [string, object, () => Response])[] = [
    ['allow', {}, () => ({ allowed: true })],
    ['deny', {}, () => ({ allowed: false, status: { code: 403 } })],
    ['shout', {}, () => ({ allowed: false, status: { code: 987 } })],
    ['away', {}, () => new Error('dial tcp')],
    ['busy', {}, () => refused(429)],
    ['open', { failurePolicy: 'Ignore' }, () => new Error('dial tcp')],
    ['garbled', {}, () => ({ uid: 'other' })],
    ['foreign', { admissionReviewVersions: ['v2'] }, () => ({ allowed: true })],
    ['heedless', { sideEffects: 'Some', failurePolicy: 'Ignore' }, () => ({ allowed: true })],
    ['clumsy', {}, () => patch({ op: 'remove', path: '/spec/nothing' })],
  ]
  for (const sort of ['validating', 'mutating'] as const) {
    for (const [name, spec, answer] of calls) {
      if (sort === 'validating' && name === 'clumsy') continue
      configured[sort] = [configuration(`${name}-${sort}-`, spec)]
      answers[`https://${name}-${sort}-/0`] = answer
      await api.call(`POST ${widgets}?dryRun=All`, { body: aWidget('a', { spec: { size: 1 } }) })
    }
    configured[sort] = []
  }

  const text = metrics.render()
  const counted = (name: string, members: readonly string[]): readonly string[] =>
    seriesOf(text, `apiserver_admission_${name}`)
      .map(({ labels, value }) => [...members.map((member) => labels[member]), value].join(' '))
      .toSorted()
  const both = (...lines: readonly string[]): readonly string[] =>
    lines.flatMap((line) => [`${line} admit CREATE 1`, `${line} validating CREATE 1`])
  t.same(
    counted('webhook_rejection_count', ['name', 'error_type', 'rejection_code', 'type', 'operation']).map((line) =>
      line.replace(/-(validating|mutating)-0\.example\.com/, ''),
    ),
    [
      ...both('away calling_webhook_error 503', 'busy calling_webhook_error 429'),
      'clumsy apiserver_internal_error 0 admit CREATE 1',
      ...both('deny no_error 403', 'foreign calling_webhook_error 400', 'garbled calling_webhook_error 503'),
      ...both('heedless apiserver_internal_error 0', 'shout no_error 600'),
    ],
  )
  t.same(counted('webhook_fail_open_count', ['name', 'type']), [
    'open-mutating-0.example.com admit 1',
    'open-validating-0.example.com validating 1',
  ])
  const requests = counted('webhook_request_total', ['name', 'code', 'rejected'])
  t.equal(requests.length, 2 * calls.length - 1)
  for (const line of ['allow-mutating-0.example.com 200 false 1', 'open-mutating-0.example.com 503 false 1'])
    t.ok(requests.includes(line), line)
  const duration = 'webhook_admission_duration_seconds'
  t.same(counted(duration, ['name', 'type', 'operation', 'rejected']).length, requests.length)
  const bounds = ['0.005', '0.025', '0.1', '0.5', '1', '2.5', '10', '25', '+Inf']
  t.same(boundsOf(text, `apiserver_admission_${duration}`), bounds)

  const steps = counted('step_admission_duration_seconds', ['type', 'operation', 'rejected'])
  // With the namespace that is made first.
  t.same(steps, ['admit CREATE false 12', 'admit CREATE true 8', 'validate CREATE false 5', 'validate CREATE true 7'])
  const checks = counted('controller_admission_duration_seconds', ['name', 'type', 'rejected'])
  t.ok(checks.includes('MutatingAdmissionWebhook admit true 8'))
  t.ok(checks.includes('NamespaceLifecycle admit false 20'))
})
