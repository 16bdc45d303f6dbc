import { readdirSync, readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { DocumentEndpoint } from '../../apiserver/discovery/document.ts'
import type { Metrics } from '../../base/metrics.ts'

/** `/metrics` in the text format that every Prometheus reads. */
export function metricsDocument(metrics: Metrics): DocumentEndpoint {
  const memory = metrics.gauge('process_resident_memory_bytes', 'Resident memory.')
  const cpu = metrics.counter('process_cpu_seconds_total', 'User and system time.').of({})
  const start = metrics.gauge('process_start_time_seconds', 'When the process began, since the epoch.')
  start.set({}, performance.timeOrigin / 1000)
  let countedSeconds = 0
  metrics.onRender(() => {
    const { user, system } = process.cpuUsage()
    memory.set({}, process.memoryUsage.rss())
    const seconds = (user + system) / 1e6
    cpu.add(seconds - countedSeconds)
    countedSeconds = seconds
  })
  countFiles(metrics)
  measureEventLoop(metrics)
  const contentType = 'text/plain; version=0.0.4; charset=utf-8'
  return () => ({ type: 'bytes', code: 200, contentType, body: metrics.renderBytes() })
}

/** Where the system says it. */
function countFiles(metrics: Metrics): void {
  const limits = readText('/proc/self/limits')
  const [, most] = /^Max open files +(\d+)/m.exec(limits) ?? []
  if (most === undefined) return
  metrics.gauge('process_max_fds', 'How many files and connections may be open.').set({}, Number(most))
  const open = metrics.gauge('process_open_fds', 'How many files and connections are open.')
  metrics.onRender(() => open.set({}, readdirSync('/proc/self/fd').length))
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

const samplePeriodMs = 10
const quantiles = [
  ['0.5', 50],
  ['0.99', 99],
  ['0.999', 99.9],
  ['1', 100],
] as const

/** How late the event loop comes to its timers; each scrape begins a measurement of its own. */
function measureEventLoop(metrics: Metrics): void {
  const delay = metrics.gauge('process_event_loop_delay_seconds', 'Lateness of timers since the last scrape.')
  const sampled = monitorEventLoopDelay({ resolution: samplePeriodMs })
  sampled.enable()
  metrics.onRender(() => {
    // What is sampled is the time between two timers: their period is no delay.
    const lateMs = (percentile: number): number => Math.max(0, sampled.percentile(percentile) / 1e6 - samplePeriodMs)
    for (const [quantile, percentile] of quantiles) delay.set({ quantile }, lateMs(percentile) / 1000)
    sampled.reset()
  })
}
