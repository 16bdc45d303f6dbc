/**
 * Reads strace's account of a store process that says `ask <id>` before and `ack <id>` after each write. A write is
 * synced when, between its two lines, a sync of the data file began and ended and, behind that, so did the writing of
 * the page that makes it valid, through a descriptor that syncs by itself (O_DSYNC) or with another sync.
 */
export function unsyncedAcknowledgements(trace: string): {
  readonly acknowledged: number
  readonly unsynced: readonly string[]
} {
  const reader = new TraceReader()
  for (const line of trace.split('\n')) reader.line(line)
  return { acknowledged: reader.acknowledged, unsynced: reader.unsynced }
}

interface Call {
  readonly name: string
  readonly descriptor: number
  readonly startedAt: number
}

class TraceReader {
  readonly unsynced: string[] = []
  acknowledged = 0
  readonly #descriptors = new Map<number, { readonly syncs: boolean }>()
  readonly #unfinished = new Map<string, Call>()
  readonly #asked = new Map<string, number>()
  /** Where the newest sync began that a durable write of the valid page followed. */
  #syncedFrom = -1
  #dataSyncedFrom = -1
  #at = 0

  line(line: string): void {
    this.#at++
    const [, thread = '', text = ''] = /^(\d+) +(.*)$/.exec(line) ?? []
    this.#opened(text)
    this.#said(text)
    const resumed = /^<\.\.\. (\w+) resumed>/.exec(text)
    const started = /^(\w+)\((\d+)/.exec(text)
    if (resumed) this.#ended(this.#unfinished.get(thread))
    else if (started) {
      const call = { name: started[1] ?? '', descriptor: Number(started[2]), startedAt: this.#at }
      if (text.endsWith('<unfinished ...>')) this.#unfinished.set(thread, call)
      else this.#ended(call)
    }
  }

  #opened(text: string): void {
    const [, flags = '', descriptor] = /^openat\([^"]*"[^"]*data\.mdb", ([A-Z_|]+).*= (\d+)$/.exec(text) ?? []
    if (descriptor) this.#descriptors.set(Number(descriptor), { syncs: flags.includes('SYNC') })
  }

  #ended(call: Call | undefined): void {
    const target = call && this.#descriptors.get(call.descriptor)
    if (!target) return
    if (call.name.startsWith('pwrite') && target.syncs) this.#syncedFrom = this.#dataSyncedFrom
    if (call.name === 'fsync' || call.name === 'fdatasync') this.#dataSyncedFrom = call.startedAt
  }

  #said(text: string): void {
    const [, word, id = ''] = /^write\(1, "(ask|ack) ([\d-]+)/.exec(text) ?? []
    if (word === 'ask') this.#asked.set(id, this.#at)
    if (word !== 'ack') return
    this.acknowledged++
    if (this.#syncedFrom < (this.#asked.get(id) ?? 0)) this.unsynced.push(id)
  }
}
