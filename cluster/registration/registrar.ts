import { onAbort } from '../../base/waiting/on-abort.ts'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import type { Apply } from '../resource-client.ts'
import type { ResourceClient } from '../../machinery/client.ts'
import { isStatusReason, StatusError } from '../../machinery/status.ts'
import { type ApiService, apiServicesOf, isAsWanted, ownerOf, type Registration } from './api-service.ts'

interface RegistrarOptions {
  readonly apiServices: ResourceClient<ApiService>
  readonly apply: Apply<ApiService>
  /** As it should be now: the authority may be another one tomorrow. */
  readonly wanted: () => Registration
  readonly clock: Clock
  readonly log: Logger
  /** How often it is looked at although nothing has told of a change. */
  readonly periodMs: number
}

/**
 * Keeps the APIServices of our groups: made when the server is ready, put right when somebody changes them and when our
 * authority changes. One that is somebody else's is never taken over; then none is made.
 */
export class Registrar {
  readonly #options: RegistrarOptions
  #told = ''
  #turn = Promise.resolve()
  #next: Promise<void> | undefined
  /** Of calls that nobody waits for any more. */
  readonly #ended = new AbortController()

  constructor(options: RegistrarOptions) {
    this.#options = options
  }

  /** Until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    onAbort(signal, () => this.#ended.abort())
    const watches = this.#names().map((name) => this.#watch(name, signal))
    await Promise.all([...watches, this.#lookEverySoOften(signal)])
  }

  /** Removes those that are ours; answers their names. */
  async remove(): Promise<readonly string[]> {
    const { apiServices } = this.#options
    const { service } = this.#options.wanted()
    const found = await this.#found()
    const ours = found.filter((one) => ownerOf(one, service).owner === 'us')
    const names = ours.map(({ metadata }) => metadata.name ?? '')
    for (const { metadata } of ours) {
      const { name = '', uid = '' } = metadata
      await apiServices.delete({ name }, { uid })
    }
    return names
  }

  #names(): readonly string[] {
    return apiServicesOf(this.#options.wanted()).map(({ metadata: { name = '' } }) => name)
  }

  /** One by one: who may watch all of them knows every server behind the cluster's API. */
  async #watch(name: string, signal: AbortSignal): Promise<void> {
    const { apiServices, clock } = this.#options
    while (!signal.aborted) {
      try {
        for await (const _ of apiServices.watch({ fieldSelector: `metadata.name=${name}` }, signal)) await this.#keep()
      } catch (error) {
        this.#tell('the APIServices cannot be watched', { code: codeOf(error) })
      }
      await clock.sleep(retryMs, signal).catch(() => undefined)
    }
  }

  async #lookEverySoOften(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#keep()
      await this.#options.clock.sleep(this.#options.periodMs, signal).catch(() => undefined)
    }
  }

  /** One after the other, and one for all who ask before it begins: it looks at what the one before has done. */
  #keep(): Promise<void> {
    this.#next ??= this.#turn.then(() => {
      this.#next = undefined
      return this.#keepNow()
    })
    this.#turn = this.#next
    return this.#next
  }

  async #keepNow(): Promise<void> {
    try {
      const wanted = this.#options.wanted()
      const found = new Map((await this.#found()).map((one) => [one.metadata.name, one]))
      for (const one of found.values()) if (this.#isForeign(one, wanted)) return
      for (const one of apiServicesOf(wanted)) await this.#put(one, found.get(one.metadata.name))
      this.#told = ''
    } catch (error) {
      if (this.#ended.signal.aborted) return
      // Another process of ours may have been faster.
      if (!isStatusReason(error, 'Conflict') && !isStatusReason(error, 'AlreadyExists')) {
        this.#tell('the APIServices cannot be registered', { code: codeOf(error) })
      }
    }
  }

  async #found(): Promise<readonly ApiService[]> {
    const found = await Promise.all(this.#names().map((name) => this.#read(name)))
    return found.filter((one) => one !== undefined)
  }

  async #read(name: string): Promise<ApiService | undefined> {
    try {
      return await this.#options.apiServices.get({ name }, { signal: this.#ended.signal })
    } catch (error) {
      if (isStatusReason(error, 'NotFound')) return undefined
      throw error
    }
  }

  /** By server-side apply: a right to create by POST cannot be limited to our names. */
  async #put(wanted: ApiService, found: ApiService | undefined): Promise<void> {
    const { apply, log } = this.#options
    const { name = '' } = wanted.metadata
    if (found !== undefined && isAsWanted(found, wanted)) return
    await apply(seen(wanted, found), { ...manager, force: found !== undefined, signal: this.#ended.signal })
    log.info(found === undefined ? 'registered' : 'the registration was put right', { apiService: name })
  }

  #isForeign(found: ApiService, { service }: Registration): boolean {
    const owner = ownerOf(found, service)
    const { name = '' } = found.metadata
    if (owner.owner === 'kube-apiserver') {
      const words = 'not registered: a CustomResourceDefinition has this group, and kube-apiserver keeps its APIService'
      this.#tell(words, { apiService: name })
    } else if (owner.owner === 'another') {
      this.#tell('not registered: the APIService leads to another server', { apiService: name, service: owner.service })
    }
    return owner.owner !== 'us'
  }

  /** Once, until something else is to be told. */
  #tell(words: string, fields: Readonly<Record<string, string>>): void {
    const told = JSON.stringify([words, fields])
    if (told !== this.#told) this.#options.log.error(words, fields)
    this.#told = told
  }
}

const manager = { fieldManager: 'external-secrets' }
const retryMs = 10_000

/** A Conflict when it is no longer the one that was looked at. */
function seen(wanted: ApiService, found: ApiService | undefined): ApiService {
  if (found === undefined) return wanted
  const { uid = '', resourceVersion = '' } = found.metadata
  return { ...wanted, metadata: { ...wanted.metadata, uid, resourceVersion } }
}

function codeOf(error: unknown): string {
  return error instanceof StatusError ? error.reason : error instanceof Error ? error.name : 'unknown'
}
