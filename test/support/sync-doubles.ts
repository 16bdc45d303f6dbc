import type { Clock } from '../../base/clock.ts'
import { onAbort } from '../../base/waiting/on-abort.ts'
import type { ResourceClient } from '../../machinery/client.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { ProviderError } from '../../providers/errors.ts'
import type { ConnectContext, Provider, RemoteKey } from '../../providers/provider.ts'

/** A provider that says who asked for what. */
export class TestProvider {
  readonly reads: string[] = []
  /** When each read came, where there is a clock. */
  readonly readTimes: number[] = []
  readonly connects: string[] = []
  /** When anything was asked, and failed. */
  readonly tries: number[] = []
  checks = 0
  failure: Error | undefined
  /** Keys that the provider is sure it does not have. */
  readonly missing = new Set<string>()
  /** No check ends before this does. */
  checking: Promise<void> = Promise.resolve()
  /** It takes what it is asked, and answers nothing. */
  isSilent = false
  /** How often it was asked then. */
  unanswered = 0
  readonly #readsCredentials: boolean
  readonly #clock: Clock | undefined

  constructor({ readsCredentials = false, clock }: { readsCredentials?: boolean; clock?: Clock } = {}) {
    this.#readsCredentials = readsCredentials
    this.#clock = clock
  }

  get provider(): Provider<unknown> {
    return {
      spec: { name: 'fake', schema: {}, validate: () => [], statusCapabilities: 'ReadOnly' },
      capabilities: ['read'],
      connect: async (_, context) => this.#client(context),
    }
  }

  #failIfAsked(): void {
    if (this.failure === undefined) return
    this.tries.push(this.#clock?.now() ?? 0)
    throw this.failure
  }

  #silence(signal: AbortSignal): Promise<never> {
    this.unanswered += 1
    return new Promise((_, reject) => onAbort(signal, () => reject(signal.reason as Error)))
  }

  async #client({ references }: ConnectContext) {
    const token = this.#readsCredentials ? await references.secretKey({ name: 'credentials', key: 'token' }) : 'nobody'
    this.connects.push(token)
    return {
      check: async (signal: AbortSignal) => {
        this.checks += 1
        await this.checking
        if (this.isSilent) await this.#silence(signal)
        this.#failIfAsked()
        return 'ready' as const
      },
      read: async ({ key }: RemoteKey, signal: AbortSignal) => {
        if (this.isSilent) await this.#silence(signal)
        this.#failIfAsked()
        const text = `${key} as ${token}`
        this.reads.push(text)
        this.readTimes.push(this.#clock?.now() ?? 0)
        if (this.missing.has(key)) throw new ProviderError('secret-missing', 'Secret does not exist')
        return { value: () => Buffer.from(text), entries: () => new Map(), sizeBytes: text.length }
      },
      [Symbol.asyncDispose]: async () => undefined,
    }
  }
}

/** What the syncer asks of the API. */
export class Counter {
  readonly calls: string[] = []
  /** Namespaces whose Secrets are watched now. */
  readonly watched: string[] = []

  readonly between = <T extends KubeObject>(plural: string, client: ResourceClient<T>): ResourceClient<T> => {
    const counted = <A extends unknown[], R>(verb: string, call: (...args: A) => R) => {
      return (...args: A): R => {
        this.calls.push(`${verb} ${plural}`)
        return call(...args)
      }
    }
    const end = (name: string): void => void this.watched.splice(this.watched.indexOf(name), 1)
    return {
      get: counted('get', client.get.bind(client)),
      list: counted('list', client.list.bind(client)),
      watch: (scope, signal) => {
        if (plural === 'secrets') {
          const name = scope.namespace ?? '*'
          this.watched.push(name)
          signal.addEventListener('abort', () => end(name), { once: true })
        }
        return client.watch(scope, signal)
      },
      create: counted('create', client.create.bind(client)),
      update: counted('update', client.update.bind(client)),
      updateStatus: counted('updateStatus', client.updateStatus.bind(client)),
      delete: counted('delete', client.delete.bind(client)),
    }
  }
}
