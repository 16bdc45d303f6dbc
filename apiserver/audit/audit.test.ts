import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { systemClock } from '../../base/clock.ts'
import { createOutbound } from '../../base/http.ts'
import { Metrics } from '../../base/metrics.ts'
import { conflict } from '../../machinery/status-errors.ts'
import { startBareServer } from '../../test/support/bare-server.ts'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { until } from '../../test/support/until.ts'
import type { ApiRequest, ApiResponse } from '../endpoints/endpoint.ts'
import type { AuditEvent } from './audit-event.ts'
import { AuditTrail } from './audit-trail.ts'
import { AuditError } from './errors.ts'
import { AuditFile } from './file-sink.ts'
import { decide, defaultPolicy, type AuditPolicy } from './policy.ts'
import { parsePolicy } from './policy-file.ts'
import { SinkQueue } from './sink-queue.ts'
import { auditWebhook } from './webhook-sink.ts'

const policyText = (rules: string): string => `{apiVersion: audit.k8s.io/v1, kind: Policy, rules: [${rules}]}`
const everything = parsePolicy(policyText('{level: RequestResponse}'))
const widgets = '/apis/widgets.example.com/v1/namespaces/default/widgets'
const vaults = '/apis/widgets.example.com/v1/namespaces/default/vaults'

async function dispatch({ info, context, body }: ApiRequest): Promise<ApiResponse> {
  context.annotate?.('checks.example.com/seen', 'yes')
  context.annotate?.('checks.example.com/seen', 'changed')
  if (info.name === 'taken') throw conflict({ group: '', resource: info.resource }, 'taken', 'hunter2 is there')
  if (info.name === 'broken') throw new TypeError('hunter2')
  if (info.verb === 'watch') {
    const pieces = (async function* () {
      yield Buffer.from('{}\n')
    })()
    return { type: 'stream', code: 200, contentType: 'application/json', pieces, flush: true }
  }
  if (info.verb === 'create') return { type: 'bytes', code: 201, contentType: 'application/json', body }
  return { type: 'object', code: 200, object: { metadata: { name: info.name, managedFields: [] } } }
}

function start(policy: AuditPolicy, events: AuditEvent[]): ReturnType<typeof startBareServer> {
  const sinks = [{ take: (event: AuditEvent) => void events.push(event) }]
  const holdsValues = ({ resource }: { readonly resource: string }): boolean => resource === 'vaults'
  return startBareServer({
    dispatch,
    tokens: 'ann-token,ann,1,"devs"',
    audit: (metrics) => new AuditTrail({ policy, sinks, holdsValues, clock: systemClock, metrics }),
  })
}

t.test('a request leaves its stages, with who, what, whence and what was decided', async (t) => {
  const events: AuditEvent[] = []
  await using server = await start(everything, events)
  const headers = {
    'audit-id': 'the-aggregators',
    'x-forwarded-for': '10.1.2.3, nonsense',
    'user-agent': 'k'.repeat(2000),
  }
  const body = { metadata: { name: 'one', managedFields: [{}] }, spec: 1 }
  const answer = await server.admin.call('POST', `${widgets}?dryRun=All`, { body, headers })
  t.equal(answer.headers['audit-id'], 'the-aggregators')
  await until(async () => events.length === 2)
  const [received, complete] = events
  t.match(received, { stage: 'RequestReceived', auditID: 'the-aggregators', verb: 'create' })
  t.notOk(received?.responseStatus)
  t.match(complete, {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'RequestResponse',
    stage: 'ResponseComplete',
    requestURI: `${widgets}?dryRun=All`,
    user: { username: 'admin', groups: ['system:masters', 'system:authenticated'] },
    sourceIPs: ['10.1.2.3', '127.0.0.1'],
    userAgent: `${'k'.repeat(1024)}...TRUNCATED`,
    objectRef: { resource: 'widgets', namespace: 'default', name: 'one', apiGroup: 'widgets.example.com' },
    responseStatus: { metadata: {}, code: 201 },
    requestObject: body,
    responseObject: body,
    requestReceivedTimestamp: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/,
    annotations: {
      'authorization.k8s.io/decision': 'allow',
      'authorization.k8s.io/reason': '',
      'checks.example.com/seen': 'yes',
    },
  })
  t.match(server.metrics.render(), /apiserver_audit_event_total 2\n/)
})

t.test('what fails is recorded where it fails', async (t) => {
  const events: AuditEvent[] = []
  await using server = await start(parsePolicy(policyText('{level: Metadata, omitStages: [RequestReceived]}')), events)
  const last = async (count: number): Promise<AuditEvent | undefined> => {
    await until(async () => events.length >= count)
    return events[count - 1]
  }
  await server.admin.get(`${widgets}/taken`)
  t.match(await last(1), { responseStatus: { status: 'Failure', reason: 'Conflict', code: 409 } })
  await server.client().get(`${widgets}/one`)
  const stranger = await last(2)
  t.match(stranger, { stage: 'ResponseComplete', responseStatus: { code: 401 } })
  t.same(stranger?.user, {})
  const ann = { authorization: 'Bearer ann-token' }
  await server.client().call('GET', `${widgets}/one`, { headers: ann })
  t.match(await last(3), {
    user: { username: 'ann', uid: '1' },
    responseStatus: { code: 403 },
    annotations: { 'authorization.k8s.io/decision': 'forbid' },
  })
  await server.client().call('GET', `${widgets}/one`, { headers: { ...ann, 'impersonate-user': 'admin' } })
  t.match(await last(4), { user: { username: 'ann' }, responseStatus: { code: 403 } })
  await server.admin.call('GET', `${widgets}/one`, { headers: { 'impersonate-user': 'bob' } })
  t.match(await last(5), { user: { username: 'admin' }, impersonatedUser: { username: 'bob' } })
  await server.admin.get(`${widgets}/broken`)
  t.match(await last(6), { stage: 'Panic', responseStatus: { code: 500 } })
  await server.admin.get(`${widgets}?watch=true`)
  t.match(await last(7), { stage: 'ResponseStarted', verb: 'watch', responseStatus: { code: 200 } })
  t.match(await last(8), { stage: 'ResponseComplete', verb: 'watch' })
  t.notMatch(JSON.stringify(events.filter(({ stage }) => stage === 'Panic')), /hunter2/)
  t.notMatch(JSON.stringify(events), /ann-token/)
})

t.test('what holds values is never recorded above Metadata, whatever the policy says', async (t) => {
  const events: AuditEvent[] = []
  await using server = await start(everything, events)
  await server.admin.call('POST', vaults, { body: { metadata: { name: 'v' }, data: { password: 'hunter2' } } })
  await server.admin.get(`${vaults}/taken`)
  await until(async () => events.length === 4)
  t.match(events[1], { level: 'Metadata', objectRef: { resource: 'vaults', name: 'v' }, responseStatus: { code: 201 } })
  t.match(events[3], { responseStatus: { reason: 'Conflict', code: 409 } })
  t.notMatch(JSON.stringify(events), /hunter2/)
})

t.test('policies are followed rule by rule', (t) => {
  const user = { name: 'ann', groups: ['devs'], extra: {} }
  const info = {
    isResourceRequest: true,
    path: '',
    verb: 'get',
    group: 'example.com',
    version: 'v1',
    resource: 'widgets',
    subresource: '',
    namespace: 'default',
    name: 'one',
  }
  const levelOf = (rule: string, change: object = {}): string =>
    decide(parsePolicy(policyText(`{level: Request, ${rule}}`)), user, { ...info, ...change }).level
  const resources = (text: string): string => `resources: [{group: example.com, resources: [${text}]}]`
  const cases: readonly (readonly [string, object, boolean])[] = [
    ['users: [ann]', {}, true],
    ['users: [bob]', {}, false],
    ['userGroups: [devs]', {}, true],
    ['userGroups: [ops]', {}, false],
    ['verbs: [list, get]', {}, true],
    ['verbs: [list]', {}, false],
    ['namespaces: [default]', {}, true],
    ['namespaces: [""]', {}, false],
    ['namespaces: [""]', { namespace: '' }, true],
    ['resources: [{group: example.com}]', {}, true],
    ['resources: [{group: ""}]', {}, false],
    [resources('widgets'), {}, true],
    [resources('widgets'), { subresource: 'status' }, false],
    [resources('widgets/status'), { subresource: 'status' }, true],
    [resources('"widgets/*"'), { subresource: 'status' }, true],
    [resources('"widgets/*"'), {}, false],
    [resources('"*/status"'), { subresource: 'status' }, true],
    [resources('"*"'), { subresource: 'status' }, true],
    ['resources: [{group: example.com, resources: [widgets], resourceNames: [two]}]', {}, false],
    ['nonResourceURLs: ["/open*"]', {}, false],
    ['nonResourceURLs: ["/open*"]', { isResourceRequest: false, path: '/openapi/v3' }, true],
    ['nonResourceURLs: ["/version"]', { isResourceRequest: false, path: '/openapi/v3' }, false],
  ]
  for (const [rule, change, matches] of cases) {
    t.equal(levelOf(rule, change), matches ? 'Request' : 'None', `${rule} ${JSON.stringify(change)}`)
  }
  t.equal(decide(defaultPolicy, user, info).level, 'Metadata')
  for (const wrong of [
    'rules',
    '{kind: Policy}',
    policyText(''),
    policyText('{level: All}'),
    policyText('{level: None, user: [a]}'),
    policyText('{level: None, omitStages: [Later]}'),
    policyText('{level: None, nonResourceURLs: [/a], namespaces: [b]}'),
    policyText('{level: None, resources: [{resourceNames: [a]}]}'),
  ]) {
    t.throws(() => parsePolicy(wrong), AuditError, wrong)
  }
  t.end()
})

const event = { kind: 'Event', auditID: 'a' } as unknown as AuditEvent

t.test('the file is its owner’s, is put aside when it is full, and the oldest go', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'audit-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'audit.log')
  const clock = new ManualClock()
  await using file = new AuditFile({ path, bytesMax: 30, backupsMax: 2, clock })
  for (let count = 0; count < 5; count += 1) await file.append([`{"first":${count}}`, `{"second":${count}}`])
  t.equal(statSync(path).mode & 0o777, 0o600)
  const names = readdirSync(folder).sort()
  t.equal(names.length, 3)
  t.match(names[0], /^audit-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}(\.\d)?\.log$/)
  t.same(readFileSync(path, 'utf8').trim().split('\n'), ['{"first":4}', '{"second":4}'])
})

t.test('a file that could not be put aside is written on when the folder is well again', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'audit-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'audit.log')
  await using file = new AuditFile({ path, bytesMax: 30, backupsMax: 2, clock: new ManualClock() })
  await file.append([`{"first":"${'x'.repeat(20)}"}`])
  rmSync(folder, { recursive: true })
  await t.rejects(file.append(['{"second":2}']), { code: 'ENOENT' })
  await file.append(['{"third":3}'])
  t.equal(readFileSync(path, 'utf8'), '{"third":3}\n')
})

t.test('a sink that stands still costs events, which are counted, and never a request', async (t) => {
  const metrics = new Metrics()
  const lost = metrics.counter('apiserver_audit_error_total', 'Audit events that were lost.')
  const delivered: string[] = []
  let release: () => void = () => undefined
  const stuck = new Promise<void>((resolve) => (release = resolve))
  const deliver = async (lines: readonly string[]): Promise<void> => {
    await stuck
    if (delivered.length === 0) delivered.push(...lines)
    else throw new Error('full')
  }
  const queue = new SinkQueue({ plugin: 'log', eventsMax: 2, batchEventsMax: 1, lost, deliver })
  for (let count = 0; count < 5; count += 1) queue.take(event)
  const ending = new AbortController()
  const run = queue.run(ending.signal)
  ending.abort()
  release()
  await run
  t.same(delivered, [JSON.stringify(event)], 'what waits is delivered before the end')
  t.match(metrics.render(), /apiserver_audit_error_total\{plugin="log"\} 4\n/, 'three dropped, one refused')
})

t.test('the webhook gets lists of events, and again where that may help', async (t) => {
  const bodies: string[] = []
  const answers = [503, 200, 400]
  const receiver = createServer((request, response) => {
    let body = String(request.headers['authorization'])
    request.on('data', (bytes) => (body += String(bytes)))
    request.on('end', () => {
      bodies.push(body)
      response.writeHead(answers.shift() ?? 500).end()
    })
  }).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  const limits = { timeoutMs: 5_000, responseBytesMax: 1024, connectionsMax: 1, identitiesMax: 1 }
  const outbound = createOutbound({ ...limits, allowedNetworks: ['127.0.0.0/8'] })
  const clock = new ManualClock()
  const url = new URL(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}/events`)
  const deliver = auditWebhook({ url, tls: {}, token: async () => 'told', outbound, clock, attemptsMax: 5 })
  const { signal } = new AbortController()
  const sent = deliver(['{"auditID":"a"}', '{"auditID":"b"}'], signal)
  await until(async () => {
    await clock.advance(1_000)
    return bodies.length === 2
  })
  await sent
  t.equal(bodies.length, 2)
  t.match(JSON.parse(bodies[1]?.replace('Bearer told', '') ?? ''), {
    kind: 'EventList',
    apiVersion: 'audit.k8s.io/v1',
    items: [{ auditID: 'a' }, { auditID: 'b' }],
  })
  await t.rejects(deliver(['{}'], signal), 'what it refuses is not sent again')
  t.equal(bodies.length, 3)
  await outbound[Symbol.asyncDispose]()
  receiver.close()
})
