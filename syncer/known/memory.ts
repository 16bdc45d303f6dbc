import { formatTime } from '../../machinery/time.ts'

interface Remembered {
  /** When values were last fetched and found, or put, in place. */
  readonly lastSyncMs: number
  /** The target as it was then, and what it was made from. */
  readonly target: WrittenTarget | undefined
}

export interface WrittenTarget {
  readonly resourceVersion: string
  /** What it was made from: the version of its ExternalSecret, and a hash of all that it was to hold. */
  readonly version: string
  readonly hash: string
}

/** What is known of ExternalSecrets beyond their status, by UID. Lost with the process, and then learned again. */
export class Memory {
  readonly #known = new Map<string, Remembered>()

  get(uid: string): Remembered | undefined {
    return this.#known.get(uid)
  }

  set(uid: string, remembered: Remembered): void {
    this.#known.set(uid, remembered)
  }

  forget(uid: string): void {
    this.#known.delete(uid)
  }

  /** For the table of `kubectl get`: the stored refreshTime may be up to its granularity older. */
  lastSyncTime(uid: string): string | undefined {
    const lastSyncMs = this.#known.get(uid)?.lastSyncMs
    return lastSyncMs === undefined ? undefined : formatTime(lastSyncMs)
  }

  /** All of them, for a process that shows such tables and does not synchronize. */
  lastSyncTimes(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#known].map(([uid, { lastSyncMs }]) => [uid, formatTime(lastSyncMs)]))
  }
}
