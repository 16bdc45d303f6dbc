import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from '../expect.ts'
import { load } from '../load.ts'
import { paths } from '../manifests.ts'
import { usageOf } from '../process-usage.ts'
import { row } from '../report.ts'
import type { Contender } from './contender.ts'
import { type CrowdReport, sentAnnotation, sharedNowMs } from './crowd.ts'
import type { Comparison } from './table.ts'
import { clients, warmUpCount } from './verbs.ts'

const updateCount = 1_000
const updatePeriodMs = 10
/** How many objects are updated in turn. */
const objectCount = 200
/** How long the last event may take; after that what is missing is missing. */
const patienceMs = 60_000

export interface WatchOptions {
  readonly watchers: number
  readonly objects: number
}

/** A crowd of watchers in a process of its own while 100 objects a second change. */
export async function compareWatches(
  contenders: readonly Contender[],
  options: WatchOptions,
): Promise<readonly Comparison[]> {
  const figures = new Map<string, WatchFigures>()
  for (const contender of contenders) figures.set(contender.name, await watchWork(contender, options))
  const [ours, peer] = [figures.get('ours'), figures.get('peer')]
  const work = `watch event, ${options.watchers} watchers, 100 updates/s`
  return [
    { work, unit: 'us', ours: ours?.cpuUsEach ?? 0, peer: peer?.cpuUsEach, timesLess: 4 },
    { work: 'its latency p99', unit: 'ms', ours: ours?.p99Ms ?? 0, peer: peer?.p99Ms, max: 100 },
  ]
}

interface WatchFigures {
  /** CPU of the server for one event to one watcher, with its share of the update. */
  readonly cpuUsEach: number
  readonly p99Ms: number
}

async function watchWork(contender: Contender, { watchers, objects }: WatchOptions): Promise<WatchFigures> {
  await load(contender.pids, { count: warmUpCount, clients }, (round) => sendUpdate(contender, round, objects))
  const { json } = await contender.api.get(`${paths.externalSecrets}?limit=1`)
  const version = String(json['metadata']?.['resourceVersion'])
  const path = `${paths.externalSecrets}?watch=true&resourceVersion=${version}`
  const crowd = fork(join(import.meta.dirname, 'crowd.js'), [contender.kubeconfig, path, String(watchers)])
  try {
    await once(crowd, 'message')
    const before = usageOf(contender.pids).cpuMs
    const start = performance.now()
    await sendUpdates(contender, objects)
    const wallMs = performance.now() - start
    const report = await completeReport(crowd, watchers * updateCount)
    const cpuMs = usageOf(contender.pids).cpuMs - before
    return figuresOf(contender.name, { report, cpuMs, wallMs, expected: watchers * updateCount })
  } finally {
    crowd.kill('SIGKILL')
  }
}

async function sendUpdates(contender: Contender, objects: number): Promise<void> {
  const start = performance.now()
  const answers: Promise<void>[] = []
  for (let round = 0; round < updateCount; round += 1) {
    await delay(Math.max(0, start + round * updatePeriodMs - performance.now()))
    answers.push(sendUpdate(contender, round, objects))
  }
  await Promise.all(answers)
}

async function sendUpdate({ api }: Contender, round: number, objects: number): Promise<void> {
  const name = `es-${round % Math.min(objects, objectCount)}`
  const body = { metadata: { annotations: { [sentAnnotation]: String(sharedNowMs()) } } }
  const contentType = 'application/merge-patch+json'
  expect((await api.call('PATCH', `${paths.externalSecrets}/${name}`, { body, contentType })).status, 200)
}

async function completeReport(crowd: ChildProcess, expected: number): Promise<CrowdReport> {
  const deadline = performance.now() + patienceMs
  for (;;) {
    crowd.send('report')
    const [report] = (await once(crowd, 'message')) as [CrowdReport]
    if (report.events >= expected || performance.now() > deadline) return report
    await delay(50)
  }
}

function figuresOf(
  name: string,
  run: { report: CrowdReport; cpuMs: number; wallMs: number; expected: number },
): WatchFigures {
  const { report, cpuMs, wallMs, expected } = run
  const sorted = report.latenciesMs.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN
  const cpuUsEach = (cpuMs * 1000) / report.events
  row(`watch, ${name}`, {
    events: `${report.events} of ${expected}`,
    updates: `${((updateCount * 1000) / wallMs).toFixed(0)}/s`,
    p50: `${at(0.5).toFixed(1)} ms`,
    p99: `${at(0.99).toFixed(1)} ms`,
    cpu: `${cpuUsEach.toFixed(1)} us an event`,
  })
  return { cpuUsEach, p99Ms: at(0.99) }
}
