import type { Clock } from '../clock.ts'
import { onAbort } from '../waiting/on-abort.ts'

interface Alarm {
  readonly key: string
  readonly atMs: number
}

/** One alarm a key, thousands of them with one timer. */
export class Alarms {
  readonly #clock: Clock
  /** A heap by time; an entry whose time is no longer the key's own was moved or cancelled and is passed over. */
  readonly #heap: Alarm[] = []
  readonly #times = new Map<string, number>()
  #wake: AbortController | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Replaces the key's alarm. */
  set(key: string, atMs: number): void {
    if (this.#times.get(key) === atMs) return
    this.#times.set(key, atMs)
    push(this.#heap, { key, atMs })
    if (this.#heap[0]?.key === key) this.#wake?.abort()
  }

  cancel(key: string): void {
    this.#times.delete(key)
  }

  /** Calls `ring` for each alarm when its time has come, until the signal aborts. */
  async run(ring: (key: string) => void, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      for (const key of this.#due()) ring(key)
      await this.#untilNext(signal)
    }
  }

  *#due(): Iterable<string> {
    for (;;) {
      const first = this.#heap[0]
      if (first === undefined) return
      const isCurrent = this.#times.get(first.key) === first.atMs
      if (isCurrent && first.atMs > this.#clock.now()) return
      pop(this.#heap)
      if (!isCurrent) continue
      this.#times.delete(first.key)
      yield first.key
    }
  }

  async #untilNext(signal: AbortSignal): Promise<void> {
    const wake = new AbortController()
    this.#wake = wake
    const pauseMs = Math.min((this.#heap[0]?.atMs ?? Infinity) - this.#clock.now(), pauseMsMax)
    const unheard = onAbort(signal, () => wake.abort())
    await this.#clock.sleep(Math.max(0, pauseMs), wake.signal).catch(() => undefined)
    unheard()
    this.#wake = undefined
  }
}

/** Timers of Node hold 31 bits of milliseconds; and a wall clock that was set is noticed. */
const pauseMsMax = 60_000

function push(heap: Alarm[], alarm: Alarm): void {
  let at = heap.push(alarm) - 1
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (timeAt(heap, parent) <= alarm.atMs) return
    swap(heap, at, parent)
    at = parent
  }
}

function pop(heap: Alarm[]): void {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  heap[0] = last
  for (let at = 0; ; ) {
    const left = 2 * at + 1
    const child = timeAt(heap, left + 1) < timeAt(heap, left) ? left + 1 : left
    if (timeAt(heap, child) >= last.atMs) return
    swap(heap, at, child)
    at = child
  }
}

function timeAt(heap: readonly Alarm[], index: number): number {
  return heap[index]?.atMs ?? Infinity
}

function swap(heap: Alarm[], left: number, right: number): void {
  const [first, second] = [heap[left], heap[right]]
  if (first === undefined || second === undefined) return
  heap[left] = second
  heap[right] = first
}
