import type { DocumentEndpoint } from '../../apiserver/discovery/document.ts'
import type { Metrics } from '../../base/metrics.ts'

/** `/metrics` in the text format that every Prometheus reads. */
export function metricsDocument(metrics: Metrics): DocumentEndpoint {
  const memory = metrics.gauge('process_resident_memory_bytes', 'Resident memory.')
  const cpu = metrics.gauge('process_cpu_seconds_total', 'User and system time.')
  metrics.onRender(() => {
    const { user, system } = process.cpuUsage()
    memory.set({}, process.memoryUsage.rss())
    cpu.set({}, (user + system) / 1e6)
  })
  const contentType = 'text/plain; version=0.0.4; charset=utf-8'
  return () => ({ type: 'bytes', code: 200, contentType, body: Buffer.from(metrics.render()) })
}
