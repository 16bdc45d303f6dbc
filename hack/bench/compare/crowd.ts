import { setMaxListeners } from 'node:events'
import { connect } from 'node:tls'
import { ApiClient } from '../../../test/support/api-client.ts'

/**
 * Many watchers, each with a connection of its own. As a program (KUBECONFIG PATH WATCHERS) it says when all of them
 * listen, and then, whenever it is asked, what they have heard. Most only count lines, as cheaply as they can: they
 * have the machine in common with the server. A few read when the event was sent.
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
const carriageReturn = 0x0d
/** Two records of TLS. */
const pieceBytesMax = 32 * 1024
const sentPattern = new RegExp(`"${sentAnnotation}":"([\\d.]+)"`)

async function runCrowd(kubeconfig: string, path: string, watchers: number): Promise<void> {
  const report = { events: 0, latenciesMs: [] as number[] }
  const { signal } = new AbortController()
  setMaxListeners(0, signal)
  for (let index = 0; index < watchers; index += 1) {
    const api = ApiClient.fromKubeconfig(kubeconfig)
    if (index < readerCount) void readLines(await api.stream(path, signal), report)
    else await countLines(api, path, report)
  }
  process.on('message', () => process.send?.(report))
  process.send?.('listening')
}

/** Resolves when the answer has begun. Lines end with a bare newline; those of HTTP, chunks included, with CRLF. */
function countLines({ server, tls }: ApiClient, path: string, report: { events: number }): Promise<void> {
  const { hostname: host, port } = new URL(server)
  const buffer = Buffer.alloc(pieceBytesMax)
  let last = 0
  return new Promise((resolve, reject) => {
    const callback = (length: number): boolean => {
      const piece = buffer.subarray(0, length)
      for (let at = piece.indexOf(newline); at >= 0; at = piece.indexOf(newline, at + 1)) {
        if ((at === 0 ? last : piece[at - 1]) !== carriageReturn) report.events += 1
      }
      last = piece[length - 1] ?? 0
      resolve()
      return true
    }
    const target = { host, port: Number(port), servername: 'localhost', ...tls, onread: { buffer, callback } }
    const socket = connect(target, () => socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`))
    socket.once('error', reject)
  })
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
