import type { ExternalSecret } from '../../kinds/external-secret/v1.ts'
import type { GeneratorState } from '../../kinds/generators/generator-state/v1alpha1.ts'
import { isStatusReason, StatusError } from '../../machinery/status.ts'
import { formatTime } from '../../machinery/time.ts'
import { SyncError } from '../errors.ts'
import type { SyncerParts } from '../syncer-parts.ts'
import { statusManager } from '../target/marks.ts'
import type { GeneratorRef, LastingThing } from '../values/generators.ts'
import { stateObject, withDeadline } from './state-object.ts'

type TransactionParts = Pick<
  SyncerParts,
  'clients' | 'clock' | 'generators' | 'generatorStates' | 'log' | 'options' | 'signal'
>

interface Made {
  readonly index: number
  readonly thing: LastingThing
  state?: GeneratorState
}

const writing = { fieldManager: statusManager }

/**
 * What generators make outside for one pass over one ExternalSecret, until it is known who keeps it. Invariants:
 * 1. A target is not written before everything that it may then carry is remembered (`commit`).
 * 2. What an earlier pass made gets its deadline only when the target carries what this one made (`carried`), so that
 *    no living Secret holds a token that is given back.
 * 3. What no target carries is given back (`end`); where that is not known (`doubted`), all stays as it is until a
 *    later pass is carried, or the ExternalSecret goes.
 */
export class StateTransaction {
  readonly #parts: TransactionParts
  readonly #owner: ExternalSecret
  readonly #made: Made[] = []
  #fate: 'unused' | 'carried' | 'doubted' = 'unused'

  constructor(parts: TransactionParts, owner: ExternalSecret) {
    this.#parts = parts
    this.#owner = owner
  }

  /** New values for an entry of `dataFrom`. Rejects with SyncError. */
  async generate(ref: GeneratorRef, index: number): Promise<ReadonlyMap<string, Uint8Array>> {
    const { generators, options } = this.#parts
    const namespace = this.#owner.metadata.namespace ?? ''
    const mayLast = () => this.#mayLast()
    const { values, lasting } = await generators.generate(ref, { namespace, mayLast })
    if (lasting !== undefined && options.keepsGeneratorState) this.#made.push({ index, thing: lasting })
    return values
  }

  /** All entries were fetched. Rejects with SyncError: what cannot be remembered must not be handed out. */
  async commit(): Promise<void> {
    try {
      for (const made of this.#made) made.state = await this.#create(made)
    } catch (error) {
      const why = error instanceof StatusError ? error.message : 'the request failed'
      throw new SyncError('fetch-failed', `unable to keep the state of what was generated: ${why}`)
    }
  }

  /** The target stands, with the new values. */
  carried(): void {
    this.#fate = 'carried'
  }

  /** It may or may not have been written. */
  doubted(): void {
    this.#fate = 'doubted'
  }

  /** The pass is over. Never rejects. */
  async end(): Promise<void> {
    if (this.#fate === 'carried') await this.#disposeOfFormer()
    if (this.#fate === 'unused') await Promise.all(this.#made.map((made) => this.#rollBack(made)))
  }

  /** A token that nobody will be able to find again is not made in the first place. */
  async #mayLast(): Promise<void> {
    const { clock, generatorStates, options, signal } = this.#parts
    if (!options.keepsGeneratorState || generatorStates.whole.isOpen) return
    const waiting = new AbortController()
    const over = AbortSignal.any([waiting.signal, signal])
    const late = clock.sleep(options.storeGraceMs, over).catch(() => undefined)
    await Promise.race([generatorStates.whole.opened, late])
    waiting.abort()
    if (generatorStates.whole.isOpen) return
    throw new SyncError('fetch-failed', 'nothing is generated while the GeneratorStates cannot be read')
  }

  async #create({ index, thing }: Made, deadline?: string): Promise<GeneratorState> {
    const { clients, generatorStates } = this.#parts
    const state = stateObject({ owner: this.#owner, index, thing, ...(deadline !== undefined && { deadline }) })
    const created = await clients.generatorStates.create(state, writing)
    generatorStates.written(created)
    return created
  }

  async #disposeOfFormer(): Promise<void> {
    const { clock, generatorStates, options } = this.#parts
    const kept = new Set(this.#made.map(({ state }) => state?.metadata.uid))
    const deadline = formatTime(clock.now() + options.generatorGraceMs)
    const former = generatorStates.of(this.#owner.metadata.uid ?? '').filter(({ metadata }) => !kept.has(metadata.uid))
    await Promise.all(former.map((state) => this.#flag(state, deadline)))
  }

  /** What is remembered already is left to the loop that gives back, which has the patience. */
  async #rollBack(made: Made): Promise<void> {
    const { clock, generators, log } = this.#parts
    const { namespace = '', name = '' } = this.#owner.metadata
    const now = formatTime(clock.now())
    if (made.state !== undefined) return this.#flag(made.state, now)
    try {
      await generators.giveBack(made.thing, namespace)
    } catch {
      await this.#create(made, now).catch(() =>
        log.error('what a generator made is left behind', { externalSecret: `${namespace}/${name}` }),
      )
    }
  }

  /** One that cannot be written now is found again by the next pass that is carried. */
  async #flag(state: GeneratorState, deadline: string): Promise<void> {
    const { clients, generatorStates, log } = this.#parts
    const { name = '', namespace = '' } = state.metadata
    try {
      await this.#write(state, deadline).catch(async (error: unknown) => {
        if (!isStatusReason(error, 'Conflict')) throw error
        await this.#write(await clients.generatorStates.get({ namespace, name }), deadline)
      })
    } catch (error) {
      const key = `${namespace}/${name}`
      if (isStatusReason(error, 'NotFound')) return generatorStates.remove(key)
      const code = error instanceof StatusError ? error.reason : 'unknown'
      log.warn('a GeneratorState did not get its deadline', { generatorState: key, code })
    }
  }

  async #write(state: GeneratorState, deadline: string): Promise<void> {
    const { clients, generatorStates } = this.#parts
    const { metadata, spec } = state
    if (metadata.deletionTimestamp !== undefined || spec.garbageCollectionDeadline !== undefined) return
    generatorStates.written(await clients.generatorStates.update(withDeadline(state, deadline), writing))
  }
}
