import type { Key, Revision } from '../backend.ts'
import { StorageError } from '../errors.ts'
import { type EngineView, type LogEntry, wholeRange } from './engine.ts'
import { decodeLogRecord, decodeRevision, type LogRecord } from './log/log-record.ts'

const batchMax = 1000

export interface StoreReport {
  readonly records: number
  readonly keys: number
  readonly valueBytes: number
  readonly compacted: Revision
  readonly last: Revision
  /** What is wrong, one line each. */
  readonly findings: readonly string[]
}

/**
 * Reads a whole store and says where it is not what the log, the compactor and the engine promise:
 * 1. every record has its checksum;
 * 2. each record names the record of its key that it replaced, and that one is in the log unless compaction took it;
 * 3. compaction left nothing behind: up to `compacted` no removal, and nothing that was replaced up to there;
 * 4. the keys are exactly those whose last record is a put, each with that record's revision.
 */
export function checkRecords(view: EngineView): StoreReport {
  const compacted = view.fact('compacted')
  const check = new RecordCheck(compacted ? decodeRevision(compacted) : (0 as Revision))
  let last = 0 as Revision
  for (let entries = view.records(last, batchMax); entries.length > 0; entries = view.records(last, batchMax)) {
    for (const entry of entries) check.entry(entry)
    last = entries.at(-1)?.revision ?? last
  }
  check.current(view.keys(wholeRange, Number.POSITIVE_INFINITY))
  return check.report(last)
}

class RecordCheck {
  readonly #compacted: Revision
  readonly #lastOf = new Map<Key, LogRecord>()
  readonly #findings: string[] = []
  #records = 0
  #keys = 0
  #valueBytes = 0

  constructor(compacted: Revision) {
    this.#compacted = compacted
  }

  entry({ revision, bytes }: LogEntry): void {
    this.#records++
    try {
      this.#record(decodeLogRecord(revision, bytes))
    } catch (error) {
      if (!(error instanceof StorageError)) throw error
      this.#findings.push(error.message)
    }
  }

  current(keys: readonly { readonly key: Key; readonly revision: Revision }[]): void {
    this.#keys = keys.length
    const known = new Set(keys.map(({ key }) => key))
    for (const { key, revision } of keys) {
      const record = this.#lastOf.get(key)
      if (record?.revision !== revision)
        this.#findings.push(`key ${key} points at ${revision}, its last record is ${record?.revision ?? 'none'}`)
      else if (record.type === 'remove') this.#findings.push(`key ${key} was removed at ${revision} and is still there`)
    }
    for (const [key, { type, revision }] of this.#lastOf) {
      if (type === 'put' && !known.has(key)) this.#findings.push(`record ${revision}: its key ${key} is missing`)
    }
  }

  report(last: Revision): StoreReport {
    const [records, keys, valueBytes] = [this.#records, this.#keys, this.#valueBytes]
    return { records, keys, valueBytes, compacted: this.#compacted, last, findings: this.#findings }
  }

  #record(record: LogRecord): void {
    const { key, revision, previous, type } = record
    const replaced = this.#lastOf.get(key)
    this.#lastOf.set(key, record)
    if (record.type === 'put') this.#valueBytes += record.value.length
    const expected = replaced?.type === 'put' ? replaced.revision : 0
    const mayBeGone = expected === 0 && revision <= this.#compacted
    if (previous !== expected && !mayBeGone)
      this.#findings.push(`record ${revision} replaced ${previous}, the log has ${expected}`)
    if (revision > this.#compacted) return
    if (type === 'remove') this.#findings.push(`record ${revision}: a removal that compaction left behind`)
    if (expected > 0) this.#findings.push(`record ${expected}: replaced at ${revision}, and compaction left it behind`)
  }
}
