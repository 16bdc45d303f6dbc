import type { ApiClient, Json } from './api-client.ts'

export interface WatchedEvent {
  readonly type: string
  readonly object: Json
}

/** How long a test waits for an event: far longer than any server needs. */
const patienceMs = 20_000

/** A watch as a client reads it: what comes is kept, and taken in order. */
export class WatchStream {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Lines that were read and not taken. */
  readonly #lines: string[] = []
  readonly #end: AbortController
  #rest = ''
  #hasEnded = false
  #wake: () => void = () => undefined

  private constructor(answer: Pick<WatchStream, 'status' | 'headers'>, end: AbortController) {
    this.status = answer.status
    this.headers = answer.headers
    this.#end = end
  }

  static async open(
    api: ApiClient,
    path: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<WatchStream> {
    const end = new AbortController()
    const answer = await api.open(path, { headers, signal: end.signal })
    const stream = new WatchStream(answer, end)
    void stream.#read(answer.body)
    return stream
  }

  /** The next event. Rejects when the stream ends before, or after 20 s. */
  async next(): Promise<WatchedEvent> {
    const line = await this.nextLine()
    if (line === undefined) throw new Error('the watch ended before the event')
    return JSON.parse(line) as WatchedEvent
  }

  /** So many events. */
  async take(count: number): Promise<readonly WatchedEvent[]> {
    const events: WatchedEvent[] = []
    while (events.length < count) events.push(await this.next())
    return events
  }

  /** Every event up to the first that fits, with it. */
  async until(fits: (event: WatchedEvent) => boolean): Promise<readonly WatchedEvent[]> {
    const events: WatchedEvent[] = []
    while (events.length === 0 || !fits(events.at(-1) as WatchedEvent)) events.push(await this.next())
    return events
  }

  /** Everything to the end of the stream, which the server must bring about. */
  async rest(waitMs = patienceMs): Promise<readonly WatchedEvent[]> {
    const events: WatchedEvent[] = []
    for (let line = await this.nextLine(waitMs); line !== undefined; line = await this.nextLine(waitMs)) {
      events.push(JSON.parse(line) as WatchedEvent)
    }
    return events
  }

  /** The next line as it came; undefined at the end of the stream. */
  async nextLine(waitMs = patienceMs): Promise<string | undefined> {
    const deadline = AbortSignal.timeout(waitMs)
    deadline.addEventListener('abort', () => this.#wake(), { once: true })
    while (this.#lines.length === 0 && !this.#hasEnded) {
      if (deadline.aborted) throw new Error(`nothing came within ${waitMs / 1000} s`)
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
    return this.#lines.shift()
  }

  close(): void {
    this.#end.abort()
  }

  async #read(body: AsyncIterable<Buffer>): Promise<void> {
    try {
      for await (const piece of body) {
        const lines = (this.#rest + String(piece)).split('\n')
        this.#rest = lines.pop() ?? ''
        this.#lines.push(...lines)
        this.#wake()
      }
    } catch (error) {
      if (!this.#end.signal.aborted) this.#lines.push(JSON.stringify({ type: 'CUT', object: String(error) }))
    } finally {
      if (this.#rest !== '') this.#lines.push(this.#rest)
      this.#hasEnded = true
      this.#wake()
    }
  }
}
