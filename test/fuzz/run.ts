import { readFileSync } from 'node:fs'
import { systemClock } from '../../base/clock.ts'
import { usageOf } from '../../hack/bench/process-usage.ts'
import { decodeYaml } from '../../machinery/yaml.ts'
import { type ApiClient, type Json, listOf } from '../support/api-client.ts'
import { ServerProcess } from '../support/server-process.ts'
import { until } from '../support/until.ts'
import { Dice } from './dice.ts'
import { type Answered, canaries, problemsOf } from './oracle.ts'
import { type FuzzRequest, fuzzRequest } from './requests.ts'
import { fuzzNamespace, loudSubjects, quietSubjects, validObject } from './subjects.ts'
import { type TlsPair, Wire, type WireAnswer } from './wire.ts'

export interface FuzzOptions {
  readonly seed: number
  /** Whether the request of this number, counted from 0, is still to be sent. */
  readonly goesOn: (index: number) => boolean
  /** Only this one. */
  readonly only?: number
}

export interface FuzzResult {
  readonly count: number
  readonly findings: readonly string[]
  readonly statuses: ReadonlyMap<number | string, number>
}

/** Blocks of requests to kinds that only the client writes, and to the others, in turn. */
const blockCount = 500
const findingsMax = 20
const warmUpCount = 400
const growthMaxMiB = 120
const patienceMs = 15_000

export async function fuzz(options: FuzzOptions): Promise<FuzzResult> {
  const flags = [
    '--storage-backend',
    'memory',
    '--enable-test-kinds',
    '--request-timeout',
    '5s',
    '--provider-timeout',
    '1s',
    '--watch-cache-wait',
    '50ms',
    // What is kept of former revisions is reached by the warm-up, so that what grows afterwards should not.
    '--history-retention',
    '5s',
    '--history-count',
    '100',
    '--compaction-interval',
    '5s',
    '--watch-cache-history',
    '5s',
    '--log-tail-count',
    '100',
  ]
  // V8 takes what it may before it looks for what it can free: with little, what stays is seen.
  await using server = await ServerProcess.start(flags, { nodeFlags: ['--max-old-space-size=96'] })
  await using api = server.client()
  using wire = new Wire(api.server, credentials(server.kubeconfig), patienceMs)
  const run = new Run({ server, api, wire, seed: options.seed })
  await run.prepare()
  try {
    if (options.only !== undefined) await run.send(options.only)
    else for (let index = 0; options.goesOn(index) && !run.isOver; index += 1) await run.send(index)
  } catch (error) {
    run.findings.push(`the run ended after ${run.count} requests: ${String(error)}`)
  }
  await run.conclude()
  return run
}

interface Refused {
  readonly request: FuzzRequest
  readonly status: number
}

interface Parts {
  readonly server: ServerProcess
  readonly api: ApiClient
  readonly wire: Wire
  readonly seed: number
}

class Run implements FuzzResult {
  readonly findings: string[] = []
  readonly statuses = new Map<number | string, number>()
  count = 0
  readonly #parts: Parts
  #isGone = false
  #warmMiB: number | undefined
  /** Of the store, where it is known and the client is the only one who writes. */
  #revision: string | undefined
  #facts: Readonly<Record<string, string>> = {}

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** What requests find there: a namespace, objects of the quiet kinds, and a value that must stay where it is. */
  async prepare(): Promise<void> {
    const { api } = this.#parts
    await api.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: fuzzNamespace } })
    const data = { value: Buffer.from(canaries.value).toString('base64'), text: '' }
    const metadata = { name: 'canary', annotations: { value: canaries.value } }
    await api.post(`/api/v1/namespaces/${fuzzNamespace}/secrets`, { apiVersion: 'v1', kind: 'Secret', metadata, data })
    const dice = new Dice(1)
    for (const subject of quietSubjects) {
      for (let tries = 0; tries < 3; tries += 1) await api.post(subject.collection, validObject(subject, dice))
    }
  }

  get isOver(): boolean {
    return this.#isGone || this.findings.length >= findingsMax
  }

  async send(index: number): Promise<void> {
    const isQuiet = Math.floor(index / blockCount) % 2 === 0
    if (isQuiet && index % blockCount === 0 && index > 0) await this.#calm()
    const request = fuzzRequest(this.#parts.seed, index, isQuiet)
    if (request.method !== 'GET')
      this.#revision = isQuiet ? (this.#revision ?? (await this.#currentRevision())) : undefined
    const answer = await this.#parts.wire.send(this.#filled(request))
    this.count += 1
    const outcome = answer.type === 'answer' ? answer.status : answer.type
    this.statuses.set(outcome, (this.statuses.get(outcome) ?? 0) + 1)
    for (const problem of await this.#problems(request, answer)) this.#found(request, answer, problem)
    if (request.isQuiet && answer.type === 'answer') await this.#awaitOthers(request, answer)
    if (index % 50 === 0) await this.#learn(request)
    if (index === warmUpCount) this.#warmMiB = this.#memoryMiB()
  }

  async conclude(): Promise<void> {
    const { server } = this.#parts
    const isAlive = await this.#isAlive()
    // All that it has to say is there when it has ended.
    if (!isAlive) await server.kill('SIGTERM')
    if (!isAlive) this.findings.push(`the server is gone, or not ready; its last words:\n${lastLines(server.log)}`)
    for (const line of server.log.split('\n')) {
      if (/unforeseen|gave up|met nobody|Warning:/.test(line)) this.findings.push(`in the log: ${line.slice(0, 600)}`)
    }
    if (server.log.includes('canary-of-a')) this.findings.push('a canary is in the log')
    if (this.#warmMiB === undefined || !isAlive) return
    const grownMiB = this.#memoryMiB() - this.#warmMiB
    if (grownMiB > growthMaxMiB) this.findings.push(`memory grew by ${Math.round(grownMiB)} MiB after the warm-up`)
  }

  async #problems(request: FuzzRequest, answer: WireAnswer): Promise<readonly string[]> {
    const before = this.#revision
    if (request.method !== 'GET') this.#revision = undefined
    if (answer.type === 'silence') return ['no answer']
    if (answer.type !== 'answer') {
      this.#isGone = !(await this.#isAlive())
      return this.#isGone ? ['the process is gone'] : []
    }
    const problems = problemsOf(request, answer)
    if (request.method === 'GET' || before === undefined || answer.status < 400 || isOpen(answer)) return problems
    this.#revision = await this.#currentRevision()
    if (before === this.#revision) return problems
    const written = await this.#writtenSince(before, { request, status: answer.status })
    return written === undefined ? problems : [...problems, `refused with ${answer.status}, and written: ${written}`]
  }

  /**
   * What a refused request has written. Others may be late with events, or with what they delete: what is of this
   * request is of a kind that they leave alone, or is gone, and then it is not refused in the same way again.
   */
  async #writtenSince(revision: string, refused: Refused): Promise<string | undefined> {
    const newer: string[] = []
    for (const collection of new Set(quietSubjects.map((subject) => subject.collection))) {
      const { json } = await this.#parts.api.get(collection)
      for (const { metadata } of listOf(json['items'])) {
        if (Number(metadata?.['resourceVersion']) > Number(revision)) newer.push(`${collection}/${metadata?.['name']}`)
      }
    }
    if (newer.length > 0) return newer.join(', ')
    const again = await this.#parts.wire.send(this.#filled(refused.request))
    this.#revision = undefined
    return again.type === 'answer' && again.status === refused.status ? undefined : 'something that is gone'
  }

  /** The newest revision of the whole store: no object changes without it. */
  async #currentRevision(): Promise<string> {
    const { json } = await this.#parts.api.get(`/api/v1/namespaces/${fuzzNamespace}/configmaps?limit=1`)
    return String(json['metadata']?.['resourceVersion'])
  }

  /** Until nothing is written any more that this request has begun: late, or by the garbage collector. */
  async #awaitOthers({ method, subject }: FuzzRequest, answer: Answered): Promise<void> {
    const list = async (): Promise<string> => (await this.#parts.api.get(subject.collection)).text
    if (method !== 'GET' && isOpen(answer)) await this.#standstill()
    if (method === 'DELETE' && answer.status < 300)
      await until(async () => !/"(orphan|foregroundDeletion)"/.test(await list()))
  }

  /** Takes away what others than the client write to, and waits until nobody writes any more. */
  async #calm(): Promise<void> {
    for (const { collection } of loudSubjects) await this.#parts.api.call('DELETE', collection)
    await this.#standstill()
    this.#revision = undefined
  }

  async #standstill(): Promise<void> {
    let before = ''
    for (let now = await this.#currentRevision(); now !== before; now = await this.#currentRevision()) {
      before = now
      await systemClock.sleep(200)
    }
  }

  async #isAlive(): Promise<boolean> {
    return (await this.#parts.api.get('/readyz').catch(() => undefined))?.status === 200
  }

  /** Values of the moment for requests that name a version, a UID or a page. */
  async #learn({ subject }: FuzzRequest): Promise<void> {
    const page = await this.#parts.api.get(`${subject.collection}?limit=1`)
    if (page.status !== 200) return
    const metadata = page.json['metadata']
    const uid = listOf(page.json['items'])[0]?.['metadata']?.['uid']
    this.#facts = {
      '@version': String(metadata?.['resourceVersion'] ?? '1'),
      '@continue': String(metadata?.['continue'] ?? 'x'),
      '@uid': String(uid ?? 'x'),
    }
  }

  #filled(request: FuzzRequest): Parameters<Wire['send']>[0] {
    const { transport, method, headers, body } = request
    const path = request.path.replace(/%40(version|uid|continue)/g, (_, name) => this.#facts[`@${name}`] ?? 'x')
    const type = body?.contentType === undefined ? {} : { 'content-type': body.contentType }
    const encoding = body?.contentEncoding === undefined ? {} : { 'content-encoding': body.contentEncoding }
    const bytes = body === undefined ? undefined : this.#filledBytes(body.bytes)
    const canary = { 'x-canary': canaries.header }
    return { transport, method, path, headers: { ...canary, ...type, ...encoding, ...headers }, body: bytes }
  }

  #filledBytes(bytes: Buffer): Buffer {
    if (!bytes.includes('@')) return bytes
    const text = bytes.toString('latin1').replace(/@(version|uid)/g, (name) => this.#facts[name] ?? 'x')
    return Buffer.from(text, 'latin1')
  }

  #memoryMiB(): number {
    return usageOf([this.#parts.server.pid]).rssAnonMiB
  }

  #found(request: FuzzRequest, answer: WireAnswer, problem: string): void {
    const { index, transport, method, path, headers, body } = request
    const said = answer.type === 'answer' ? `${answer.status} ${answer.body.slice(0, 300)}` : answer.type
    const shown = body === undefined ? '' : `\n  body (${body.contentType}): ${body.bytes.toString().slice(0, 600)}`
    this.findings.push(
      `${problem}\n  --seed ${this.#parts.seed} --only ${index}: ${transport} ${method} ${path.slice(0, 400)}\n` +
        `  headers: ${JSON.stringify(headers).slice(0, 300)}${shown}\n  answer: ${said}`,
    )
  }
}

/** A write whose time ran out may still be written: nobody said that it was not. */
function isOpen({ status }: Answered): boolean {
  return status === 504
}

function lastLines(log: string): string {
  return log.trimEnd().split('\n').slice(-30).join('\n').slice(-4_000)
}

function credentials(kubeconfig: string): TlsPair {
  const config = decodeYaml(readFileSync(kubeconfig, 'utf8')) as unknown as Json
  const pem = (value: Json | undefined): string => Buffer.from(String(value), 'base64').toString()
  const cluster = listOf(config['clusters'])[0]?.['cluster']
  const user = listOf(config['users'])[0]?.['user']
  return {
    ca: pem(cluster?.['certificate-authority-data']),
    cert: pem(user?.['client-certificate-data']),
    key: pem(user?.['client-key-data']),
  }
}
