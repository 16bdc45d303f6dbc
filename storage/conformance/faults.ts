import type { Backend, Key, KeyRange, Revision } from '../backend.ts'
import { isStorageError } from '../errors.ts'

/**
 * The work that a killed process was at, and the judgement of what it left. The writers say what they are about to do
 * and what was acknowledged; `Ledger` hears it (perhaps without the end) and compares it with the store.
 */
const writerCount = 64
const counterCount = 8
const everything: KeyRange = { start: '/f/' as Key, end: '/f0' as Key }

/**
 * 64 writers until one of them fails: each works on a key of its own (create, replace several times, remove, again)
 * and, in turn, on counters that all share. A new process takes up where the last one was.
 */
export async function runWriters(backend: Backend, say: (line: string) => void): Promise<void> {
  await Promise.all(Array.from({ length: writerCount }, (_, index) => runWriter(backend, index, say)))
}

async function runWriter(backend: Backend, index: number, say: (line: string) => void): Promise<void> {
  const key = `/f/own/${index}` as Key
  const found = await backend.get(key)
  let step = found ? parseStamp(found.value).step : 0
  let revision = found?.revision
  for (;;) {
    step++
    say(`ask ${key} ${step}`)
    const remove = revision !== undefined && step % 7 === 0
    const acknowledged = await writeStep(backend, { key, step, revision, remove })
    revision = remove ? undefined : acknowledged
    say(`ack ${key} ${remove ? 0 : step} ${acknowledged}`)
    await increment(backend, index + step, say)
  }
}

interface Step {
  readonly key: Key
  readonly step: number
  readonly revision: Revision | undefined
  readonly remove: boolean
}

function writeStep(backend: Backend, { key, step, revision, remove }: Step): Promise<Revision> {
  if (revision === undefined) return backend.create(key, stamp(key, step))
  return remove ? backend.remove(key, revision) : backend.replace(key, stamp(key, step), revision)
}

async function increment(backend: Backend, turn: number, say: (line: string) => void): Promise<void> {
  const key = `/f/counter/${turn % counterCount}` as Key
  const found = await backend.get(key)
  const step = (found ? parseStamp(found.value).step : 0) + 1
  say(`try ${key}`)
  try {
    const revision = await writeStep(backend, { key, step, revision: found?.revision, remove: false })
    say(`won ${key} ${step} ${revision}`)
  } catch (error) {
    if (!isStorageError(error, 'conflict') && !isStorageError(error, 'key-exists')) throw error
  }
}

/** A value that shows whether all of it is there, of a length that differs from step to step. */
function stamp(key: Key, step: number): Uint8Array {
  const head = `${key} ${step} `
  return Buffer.from(`${head}${'x'.repeat((step * 997) % 6000)} ${step}`)
}

function parseStamp(value: Uint8Array): { readonly key: string; readonly step: number } {
  const [key = '', step = ''] = Buffer.from(value).toString().split(' ')
  return { key, step: Number(step) }
}

/** What is known of a store over any number of processes and their deaths. */
export class Ledger {
  /** The last acknowledged step of each own key (0: removed), and the step that was asked for last. */
  readonly #own = new Map<string, { acknowledged: number; asked: number }>()
  readonly #wins = new Map<string, number>()
  readonly #revisions = new Set<number>()
  #highest = 0
  /** The revision of the store when it was judged last: the next process begins behind it. */
  #floor = 0
  #acknowledged = 0
  readonly #findings: string[] = []

  /** A whole line of a writer. */
  hear(line: string): void {
    const [word, key = '', step = '', revision = ''] = line.split(' ')
    if (word === 'ask') this.#own.set(key, { acknowledged: 0, ...this.#own.get(key), asked: Number(step) })
    if (word === 'ack') this.#own.set(key, { asked: 0, ...this.#own.get(key), acknowledged: Number(step) })
    if (word === 'won') this.#wins.set(key, Math.max(Number(step), this.#wins.get(key) ?? 0))
    if (word === 'ack' || word === 'won') this.#revision(Number(revision))
  }

  get acknowledged(): number {
    return this.#acknowledged
  }

  /** Compares a store that was opened again with what was acknowledged; answers what is wrong, one line each. */
  async judge(backend: Backend): Promise<readonly string[]> {
    const { entries, revision } = await backend.list(everything, { limit: Number.POSITIVE_INFINITY })
    const steps = new Map<string, number>()
    for (const { key, value } of entries) {
      const { step } = parseStamp(value)
      if (!Buffer.from(stamp(key, step)).equals(value)) this.#findings.push(`${key} is half there`)
      steps.set(key, step)
    }
    for (const [key, own] of this.#own) this.#judgeOwn(key, steps.get(key) ?? 0, own)
    for (const [key, wins] of this.#wins) {
      const step = steps.get(key) ?? 0
      if (step < wins || step > wins + writerCount)
        this.#findings.push(`${key} counts ${step}, ${wins} were acknowledged`)
      this.#wins.set(key, step)
    }
    if (revision < this.#highest) {
      this.#findings.push(`the store is at revision ${revision}, ${this.#highest} was acknowledged`)
    }
    this.#floor = revision
    return this.#findings
  }

  /** The step that is stored is the acknowledged one or, made but not yet told, the one asked for behind it. */
  #judgeOwn(key: string, stored: number, own: { acknowledged: number; asked: number }): void {
    const removes = own.asked % 7 === 0 && own.acknowledged !== 0
    const next = removes ? 0 : own.asked
    if (stored !== own.acknowledged && stored !== next) {
      this.#findings.push(
        `${key} is at step ${stored}, ${own.acknowledged} was acknowledged and ${own.asked} asked for`,
      )
    }
    this.#own.set(key, { acknowledged: stored, asked: stored })
  }

  #revision(revision: number): void {
    this.#acknowledged++
    if (revision <= this.#floor || this.#revisions.has(revision))
      this.#findings.push(`revision ${revision} was given twice`)
    this.#revisions.add(revision)
    this.#highest = Math.max(this.#highest, revision)
  }
}
