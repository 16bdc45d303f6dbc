import { constants, type NodeGCPerformanceDetail, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'

/** What a small heap may hold of garbage: a full collection costs by what lives, and is worth it by what it frees. */
const garbageMinBytes = 48 * 1024 * 1024
const smallHeapPercent = 150

/**
 * On a large machine V8 lets a heap grow to four times what lives, and it keeps what its worst minute took. Bounds the
 * garbage to `percent` of what lives, to more where little lives; 0 leaves it to V8. See docs/decisions/0009.
 */
export function boundHeapGrowth(percent: number): void {
  if (percent === 0) return
  const bound = (): void => setFlagsFromString(`--heap-growing-percent=${growthPercent(percent, usedBytes())}`)
  bound()
  const collections = new PerformanceObserver((list) => {
    if (list.getEntries().some(isFull)) bound()
  })
  collections.observe({ entryTypes: ['gc'] })
}

/** By what lives: what is used when a full collection has ended. */
export function growthPercent(percent: number, liveBytes: number): number {
  const small = Math.min(smallHeapPercent, Math.round((100 * garbageMinBytes) / liveBytes))
  return Math.max(percent, small)
}

function usedBytes(): number {
  return getHeapStatistics().used_heap_size
}

function isFull(collection: PerformanceEntry & { readonly detail?: unknown }): boolean {
  return (collection.detail as NodeGCPerformanceDetail).kind === constants.NODE_PERFORMANCE_GC_MAJOR
}
