import { setMaxListeners } from 'node:events'
import { ApiClient } from '../../../test/support/api-client.ts'

/**
 * Many watchers, each with a connection of its own. As a program (KUBECONFIG PATH WATCHERS) it says when all of them
 * listen, and then, whenever it is asked, what they have heard. All count lines; a few read when the event was sent.
 */
export interface CrowdReport {
  readonly events: number
  readonly latenciesMs: readonly number[]
}

export const sentAnnotation = 'bench/sent'

/** The same clock in every process of this machine. */
export function sharedNowMs(): number {
  return performance.timeOrigin + performance.now()
}

const readerCount = 10
const newline = 0x0a
const sentPattern = new RegExp(`"${sentAnnotation}":"([\\d.]+)"`)

async function runCrowd(kubeconfig: string, path: string, watchers: number): Promise<void> {
  const report = { events: 0, latenciesMs: [] as number[] }
  const { signal } = new AbortController()
  setMaxListeners(0, signal)
  for (let index = 0; index < watchers; index += 1) {
    const stream = await ApiClient.fromKubeconfig(kubeconfig).stream(path, signal)
    void (index < readerCount ? readLines(stream, report) : countLines(stream, report))
  }
  process.on('message', () => process.send?.(report))
  process.send?.('listening')
}

async function countLines(stream: AsyncIterable<Buffer>, report: { events: number }): Promise<void> {
  for await (const piece of stream) {
    for (let at = piece.indexOf(newline); at >= 0; at = piece.indexOf(newline, at + 1)) report.events += 1
  }
}

async function readLines(
  stream: AsyncIterable<Buffer>,
  report: { events: number; latenciesMs: number[] },
): Promise<void> {
  let rest = ''
  for await (const piece of stream) {
    const now = sharedNowMs()
    const lines = (rest + String(piece)).split('\n')
    rest = lines.pop() ?? ''
    report.events += lines.length
    for (const line of lines) report.latenciesMs.push(now - Number(sentPattern.exec(line)?.[1]))
  }
}

const [kubeconfig, path, watchers] = process.argv.slice(2)
if (process.send && kubeconfig !== undefined && path !== undefined) {
  await runCrowd(kubeconfig, path, Number(watchers))
}
