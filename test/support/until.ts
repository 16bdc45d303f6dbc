import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises'
import type { MaybePromise } from '../../base/waiting/maybe-promise.ts'

interface Patience {
  /** How long a test waits for what must come about: far longer than it takes on a busy machine. */
  readonly patienceMs?: number
  /** For what takes seconds in any case: asking leaves the machine to those who do the work. */
  readonly everyMs?: number
}

/** Asks again and again, until it holds. Rejects after 30 s. */
export async function until(
  holds: () => MaybePromise<boolean>,
  { patienceMs = 30_000, everyMs = 0 }: Patience = {},
): Promise<void> {
  const deadline = performance.now() + patienceMs
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`it did not come about within ${patienceMs / 1000} s`)
    await (everyMs > 0 ? delay(everyMs) : nextTurn())
  }
}
