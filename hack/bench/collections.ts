import { setMaxListeners } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { ApiClient } from '../../test/support/api-client.ts'
import type { ServerProcess } from '../../test/support/server-process.ts'
import { load } from './load.ts'
import { paths } from './manifests.ts'
import { usageOf } from './process-usage.ts'
import { measuredRow, row, target } from './report.ts'
import { expect } from './verbs.ts'

/** Lists of everything, with the delay of the server's event loop meanwhile. */
export async function benchList(server: ServerProcess, api: ApiClient): Promise<void> {
  await api.get(paths.externalSecrets)
  await eventLoopDelayMs(api)
  let bytes = 0
  const measured = await load(server.pid, { count: 10, clients: 1 }, async () => {
    const answer = await api.get(paths.externalSecrets)
    expect(answer.status, 200)
    bytes = answer.text.length
  })
  const loopDelayMs = await eventLoopDelayMs(api)
  measuredRow(`list, ${(bytes / 1e6).toFixed(1)} MB`, measured)
  target('CPU of a list', { value: measured.cpuMsEach, max: 100, unit: 'ms' })
  target('event-loop delay p99.9 during lists', { value: loopDelayMs, max: 20, unit: 'ms' })
}

/** The server's own figure since the last scrape. */
async function eventLoopDelayMs(api: ApiClient): Promise<number> {
  const { text } = await api.get('/metrics')
  return 1000 * Number(/^process_event_loop_delay_seconds\{quantile="0\.999"\} (\S+)$/m.exec(text)?.[1] ?? Number.NaN)
}

/** 100 watchers while 100 objects a second change: CPU of an event delivered, and its latency. */
export async function benchWatch(server: ServerProcess, api: ApiClient): Promise<void> {
  const watchers = 100
  const seconds = 5
  const latencies: number[] = []
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  const clients = Array.from({ length: watchers }, () => server.client())
  const streams = clients.map((client) => readStream(client, controller.signal, latencies))
  await delay(1_000)
  const before = usageOf(server.pid).cpuMs
  for (let round = 0; round < seconds * 100; round += 1) {
    const body = { metadata: { annotations: { 'bench/sent': String(performance.now()) } } }
    void api.call('PATCH', `${paths.externalSecrets}/es-${round}`, {
      body,
      contentType: 'application/merge-patch+json',
    })
    await delay(10)
  }
  await delay(500)
  const cpuMs = usageOf(server.pid).cpuMs - before
  controller.abort()
  await Promise.allSettled(streams)
  for (const client of clients) await client[Symbol.asyncDispose]()
  const sorted = latencies.toSorted((a, b) => a - b)
  row(`watch, ${watchers} watchers, 100 updates/s`, {
    events: `${latencies.length} of ${watchers * seconds * 100}`,
    p50: `${(sorted[Math.floor(sorted.length * 0.5)] ?? 0).toFixed(1)} ms`,
    p99: `${(sorted[Math.floor(sorted.length * 0.99)] ?? 0).toFixed(1)} ms`,
    cpu: `${((cpuMs * 1000) / latencies.length).toFixed(1)} us an event`,
  })
}

async function readStream(client: ApiClient, signal: AbortSignal, latencies: number[]): Promise<void> {
  const { resourceVersion } = await newestVersion(client)
  const stream = await client.stream(`${paths.externalSecrets}?watch=true&resourceVersion=${resourceVersion}`, signal)
  let rest = ''
  for await (const piece of stream) {
    const lines = (rest + String(piece)).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const sent = /"bench\/sent":"([\d.]+)"/.exec(line)?.[1]
      if (sent !== undefined) latencies.push(performance.now() - Number(sent))
    }
  }
}

async function newestVersion(client: ApiClient): Promise<{ resourceVersion: string }> {
  const { json } = await client.get(`${paths.externalSecrets}?limit=1`)
  return { resourceVersion: String(json['metadata']?.['resourceVersion']) }
}
