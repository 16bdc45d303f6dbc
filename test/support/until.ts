import { setTimeout as delay } from 'node:timers/promises'

/** How long a test waits for what must come about: far longer than it takes on a busy machine. */
const usualPatienceMs = 30_000

interface Waiting {
  /** Between two looks that cost much. */
  readonly everyMs?: number
  readonly patienceMs?: number
}

/** Asks again and again, until it holds. Rejects after 30 s, unless told otherwise. */
export async function until(
  holds: () => Promise<boolean>,
  { everyMs = 0, patienceMs = usualPatienceMs }: Waiting = {},
): Promise<void> {
  const deadline = performance.now() + patienceMs
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`it did not come about within ${patienceMs / 1000} s`)
    await (everyMs === 0 ? new Promise((resolve) => setImmediate(resolve)) : delay(everyMs))
  }
}
