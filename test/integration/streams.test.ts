import http2 from 'node:http2'
import { once } from 'node:events'
import { type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks'
import { connect, type TLSSocket } from 'node:tls'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { usageOf } from '../../hack/bench/process-usage.ts'
import { decodeYaml, encodeYaml } from '../../machinery/yaml.ts'
import { type Json, listOf } from '../support/api-client.ts'
import { totalOf } from '../support/metric-series.ts'
import { ServerProcess } from '../support/server-process.ts'
import { until } from '../support/until.ts'

const widgets = '/apis/example.com/v1/namespaces/default/widgets'
const flags = ['--storage-backend', 'memory', '--enable-test-kinds', '--stuck-reader-timeout', '5s']

const server = await ServerProcess.start(flags)
const api = server.client()
t.teardown(async () => {
  await api[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

function widget(name: string, note: string, labels = {}): object {
  return { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name, labels }, spec: { settings: { note } } }
}

interface Tls {
  readonly ca: string
  readonly cert: string
  readonly key: string
  readonly servername: string
}

function tlsOf(): Tls {
  const config = decodeYaml(readFileSync(server.kubeconfig, 'utf8')) as unknown as Json
  const pem = (value: Json | undefined): string => Buffer.from(String(value), 'base64').toString()
  const user = listOf(config['users'])[0]?.['user']
  const ca = pem(listOf(config['clusters'])[0]?.['cluster']?.['certificate-authority-data'])
  const [cert, key] = [pem(user?.['client-certificate-data']), pem(user?.['client-key-data'])]
  return { ca, cert, key, servername: 'localhost' }
}

/** A client that asks and then reads nothing. */
async function stuckReader(target: string): Promise<TLSSocket> {
  const { hostname: host, port } = new URL(api.server)
  const socket = connect({ host, port: Number(port), ...tlsOf() })
  socket.on('error', () => undefined)
  await new Promise((resolve) => socket.once('secureConnect', resolve))
  socket.pause()
  socket.write(`GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  return socket
}

async function metric(name: string): Promise<number> {
  const { text } = await api.get('/metrics')
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? -1)
}

async function openWatchCount(): Promise<number> {
  return totalOf((await api.get('/metrics')).text, 'apiserver_longrunning_requests')
}

/** The events of a stream as they come, until there are so many. */
async function eventsOf(stream: AsyncIterable<Buffer>, count: number): Promise<Json[]> {
  const events: Json[] = []
  let text = ''
  for await (const chunk of stream) {
    text += String(chunk)
    const lines = text.split('\n')
    text = lines.pop() ?? ''
    for (const line of lines) events.push(JSON.parse(line) as Json)
    if (events.length >= count) break
  }
  return events
}

/** What node:http2 tells of a session that ended; its types leave the detail out. */
interface SessionEntry extends PerformanceEntry {
  readonly detail: { readonly framesReceived: number }
}

const growthMaxMiB = 250

t.test('a watch that nobody reads costs little, is ended, and holds up nobody', async (t) => {
  const { json } = await api.post(widgets, widget('large', 'begin'))
  const version = String(json['metadata']?.['resourceVersion'])
  const stopped = new AbortController()
  const good = await api.stream(`${widgets}?watch=true&resourceVersion=${version}`, stopped.signal)
  const target = `${widgets}?watch=true&resourceVersion=${version}`
  const stuck = await Promise.all(Array.from({ length: 40 }, () => stuckReader(target)))
  await until(async () => (await openWatchCount()) >= 41, { everyMs: 10 })
  const beforeMiB = usageOf([server.pid]).rssAnonMiB
  const count = 100
  const reading = eventsOf(good, count)
  for (let index = 0; index < count; index += 1) {
    const body = { spec: { settings: { note: `${index} ${'x'.repeat(200_000)}` } } }
    const headers = { 'content-type': 'application/merge-patch+json' }
    const answer = await api.call('PATCH', `${widgets}/large`, { body, headers })
    if (answer.status !== 200) t.fail(`a write was answered with ${answer.status}`)
  }
  const seen = (await reading).map((event) => parseInt(String(event['object']?.['spec']?.['settings']?.['note']), 10))
  t.same(
    seen,
    Array.from({ length: count }, (_, index) => index),
    'who reads sees everything, once, in order',
  )
  await until(async () => (await openWatchCount()) <= 1, { everyMs: 50 })
  t.pass('the others were ended')
  const grownMiB = usageOf([server.pid]).rssAnonMiB - beforeMiB
  t.ok(grownMiB < growthMaxMiB, `40 of them, 20 MB of events for each: ${Math.round(grownMiB)} MiB`)
  for (const socket of stuck) socket.destroy()
  stopped.abort()
})

t.test('a list goes out as it is read, in whatever form', async (t) => {
  const note = `${'x'.repeat(100_000)}\n    "y": [`
  await api.call('DELETE', widgets)
  t.same((await api.get(widgets)).json['items'], [])
  const emptyYaml = await api.call('GET', widgets, { headers: { accept: 'application/yaml' } })
  t.same(decodeYaml(emptyYaml.text), (await api.get(widgets)).json, 'an empty list, too')
  t.same((await api.get(`${widgets}?pretty=true`)).json, (await api.get(widgets)).json)
  for (let index = 0; index < 200; index += 1) await api.post(widgets, widget(`w-${index}`, note, { a: 'x', b: '' }))
  const plain = await api.get(widgets)
  t.equal(listOf(plain.json['items']).length, 200)
  const pretty = await api.get(`${widgets}?pretty=true`)
  t.ok(pretty.text === JSON.stringify(plain.json, null, 2), 'the same text as in one piece')
  t.equal(pretty.headers['content-type'], 'application/json')
  const yaml = await api.call('GET', widgets, { headers: { accept: 'application/yaml' } })
  t.ok(yaml.text === encodeYaml(plain.json), 'the same text as in one piece')
  t.equal(yaml.headers['content-type'], 'application/yaml')

  const beforeMiB = usageOf([server.pid]).rssAnonMiB
  const targets = [widgets, `${widgets}?pretty=true`]
  const stuck = await Promise.all(Array.from({ length: 40 }, (_, index) => stuckReader(targets[index % 2] ?? '')))
  const inFlight = 'apiserver_current_inflight_requests\\{request_kind="readOnly"\\}'
  await until(async () => (await metric(inFlight)) >= 41, { everyMs: 10 })
  t.equal((await api.get(`${widgets}?limit=1`)).status, 200, 'others are served')
  const grownMiB = usageOf([server.pid]).rssAnonMiB - beforeMiB
  t.ok(grownMiB < growthMaxMiB, `40 lists of 20 MB that nobody reads: ${Math.round(grownMiB)} MiB`)
  await until(async () => (await metric(inFlight)) <= 1, { everyMs: 50 })
  t.pass('they were ended')
  for (const socket of stuck) socket.destroy()
})

t.test('two hundred watches see every event of a kind once, in order', async (t) => {
  await api.call('DELETE', widgets)
  const version = String((await api.get(widgets)).json['metadata']?.['resourceVersion'])
  const session = http2.connect(api.server, tlsOf())
  session.on('error', () => undefined)
  const count = 90
  const open = (): Promise<Json[]> => {
    const stream = session.request({ ':path': `${widgets}?watch=true&resourceVersion=${version}` })
    stream.on('error', () => undefined)
    return eventsOf(stream as AsyncIterable<Buffer>, count)
  }
  const watches = Array.from({ length: 200 }, open)
  await until(async () => (await openWatchCount()) >= 200, { everyMs: 20 })
  const log: string[] = []
  const note = (type: string, object: Json): void =>
    void log.push(`${type} ${object['metadata']?.['name']} ${object['metadata']?.['resourceVersion']}`)
  for (let index = 0; index < count / 3; index += 1) {
    const name = `w-${index}`
    note('ADDED', (await api.post(widgets, widget(name, 'a'))).json)
    const headers = { 'content-type': 'application/merge-patch+json' }
    note(
      'MODIFIED',
      (await api.call('PATCH', `${widgets}/${name}`, { body: { spec: { settings: { note: 'b' } } }, headers })).json,
    )
    await api.call('DELETE', `${widgets}/${name}`)
    log.push(`DELETED ${name}`)
  }
  const told = (event: Json): string => {
    const { name, resourceVersion } = event['object']?.['metadata'] as unknown as Record<string, string>
    return String(event['type']) === 'DELETED' ? `DELETED ${name}` : `${event['type']} ${name} ${resourceVersion}`
  }
  const streams = (await Promise.all(watches)).map((events) => events.map(told))
  t.same(streams[0], log)
  t.equal(streams.filter((stream) => stream.join() === log.join()).length, 200, 'no event lost or twice on any')
  session.destroy()
})

t.test('an answer over HTTP/2 is its head and its bytes, of which the last ones end it', async (t) => {
  const framesReceived = async (count: number): Promise<number> => {
    const session = http2.connect(api.server, tlsOf())
    await once(session, 'remoteSettings')
    for (let index = 0; index < count; index += 1) {
      const stream = session.request({ ':path': '/version' })
      await once(stream.resume(), 'end')
    }
    const measured = new Promise<number>((resolve) => {
      const observer = new PerformanceObserver((list) => {
        const entry = list.getEntriesByName('Http2Session')[0]
        if (entry !== undefined) resolve((entry as SessionEntry).detail.framesReceived)
      })
      observer.observe({ entryTypes: ['http2'] })
    })
    session.close()
    return measured
  }
  t.equal((await framesReceived(60)) - (await framesReceived(10)), 2 * 50)
})
