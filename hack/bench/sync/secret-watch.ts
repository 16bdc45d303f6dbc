import type { ApiClient, Json } from '../../../test/support/api-client.ts'
import { WatchStream } from '../../../test/support/watch-stream.ts'
import { paths } from '../manifests.ts'
import { revisionOf } from './observe.ts'

/** Longer than anything takes that is measured. */
const patienceMs = 1_800_000

/** Hears of Secrets when they are written: asking for them would be work for the servers that are measured. */
export class SecretWatch implements Disposable {
  readonly #stream: WatchStream
  readonly #waiting = new Map<string, (event: string) => void>()
  readonly #ended: Promise<never>

  private constructor(stream: WatchStream) {
    this.#stream = stream
    this.#ended = this.#follow()
    this.#ended.catch(() => undefined)
  }

  static async open(api: ApiClient): Promise<SecretWatch> {
    const path = `${paths.secrets}?watch=true&resourceVersion=${await revisionOf(api)}`
    return new SecretWatch(await WatchStream.open(api, path))
  }

  /** Resolves when the Secret is written with this text in it; called before what brings that about. */
  written(name: string, text: string): Promise<void> {
    const written = new Promise<void>((resolve) => {
      this.#waiting.set(name, (event) => {
        if (event.includes(text)) resolve()
      })
    })
    const heard = Promise.race([written, this.#ended])
    // Who does not wait for it in the end does not mind that the watch is over.
    heard.catch(() => undefined)
    return heard
  }

  [Symbol.dispose](): void {
    this.#stream.close()
  }

  async #follow(): Promise<never> {
    for (;;) {
      const line = await this.#stream.nextLine(patienceMs)
      if (line === undefined) throw new Error('the watch has ended')
      const { object } = JSON.parse(line) as { readonly object?: Json }
      this.#waiting.get(String(object?.['metadata']?.['name']))?.(line)
    }
  }
}
