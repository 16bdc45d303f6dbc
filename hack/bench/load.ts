import { usageOf } from './process-usage.ts'

export interface Measured {
  readonly count: number
  readonly wallMs: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** CPU of the server, not of the client. */
  readonly cpuMsEach: number
}

/** Runs `request(index)` `count` times, `clients` at once, and measures latency and the CPU of the processes `pids`. */
export async function load(
  pids: readonly number[],
  amount: { readonly count: number; readonly clients: number },
  request: (index: number) => Promise<void> | undefined,
): Promise<Measured> {
  const latencies: number[] = []
  let next = 0
  const client = async (): Promise<void> => {
    for (let index = next++; index < amount.count; index = next++) {
      const start = performance.now()
      await request(index)
      latencies.push(performance.now() - start)
    }
  }
  const before = usageOf(pids).cpuMs
  const start = performance.now()
  await Promise.all(Array.from({ length: amount.clients }, client))
  const wallMs = performance.now() - start
  const cpuMsEach = (usageOf(pids).cpuMs - before) / amount.count
  const sorted = latencies.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
  return { count: amount.count, wallMs, p50Ms: at(0.5), p99Ms: at(0.99), cpuMsEach }
}
