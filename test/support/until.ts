/** How long a test waits for what must come about: far longer than it takes on a busy machine. */
const patienceMs = 30_000

/** Asks again and again, until it holds. Rejects after 30 s. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + patienceMs
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`it did not come about within ${patienceMs / 1000} s`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}
