import { readFile } from 'node:fs/promises'
import type { Clock } from '../base/clock.ts'
import type { TokenSource } from './cluster-config.ts'
import { ClusterError } from './errors.ts'

/** The kubelet replaces a token long before it ends; client-go looks as often. */
const rereadMs = 60_000

/** The value of the Authorization header, read again from its file every minute. */
export class Bearer {
  readonly #source: TokenSource | undefined
  readonly #clock: Clock
  #header: string | undefined
  #readMs = Number.NEGATIVE_INFINITY

  constructor(source: TokenSource | undefined, clock: Clock) {
    this.#source = source
    this.#clock = clock
    if (source?.kind === 'fixed') this.#header = `Bearer ${source.token}`
  }

  async header(): Promise<string | undefined> {
    if (this.#source?.kind !== 'file') return this.#header
    const now = this.#clock.monotonic()
    if (now - this.#readMs < rereadMs) return this.#header
    const token = await readFile(this.#source.path, 'utf8').catch(() => '')
    // A file that is being replaced can be missing for a moment: the token in hand is good for longer than that.
    if (token.trim() !== '') this.#header = `Bearer ${token.trim()}`
    else if (this.#header === undefined) throw new ClusterError('cluster-config', 'the token file cannot be read')
    this.#readMs = now
    return this.#header
  }
}
