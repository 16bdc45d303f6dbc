/** Runs `work` over all items, at most `countMax` at a time, and answers in their order. The first failure ends it. */
export async function mapBounded<T, R>(
  items: readonly T[],
  countMax: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results = new Array<R>(items.length)
  const entries = items.entries()
  let failed = false
  const worker = async () => {
    for (const [index, item] of entries) {
      if (failed) return
      results[index] = await work(item)
    }
  }
  const workers = Array.from({ length: Math.min(countMax, items.length) }, worker)
  await Promise.all(workers).catch((error: unknown) => {
    failed = true
    throw error
  })
  return results
}
