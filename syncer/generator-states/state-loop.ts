import { WorkLoop, type WorkNext } from '../../base/queues/work-loop.ts'
import type { Work } from '../../base/queues/work-queue.ts'
import type { GeneratorState } from '../../kinds/generators/generator-state/v1alpha1.ts'
import type { WatchNotice } from '../../machinery/client.ts'
import { isStatusReason } from '../../machinery/status.ts'
import { parseTime } from '../../machinery/time.ts'
import { ProviderError } from '../../providers/errors.ts'
import { follow } from '../known/watching.ts'
import type { SyncerParts } from '../syncer-parts.ts'
import { statusManager } from '../target/marks.ts'
import { stateFinalizer } from './state-object.ts'

/** Of one namespace at most half of them wait for an API that does not answer. */
const workers = 8

const writing = { fieldManager: statusManager }

/**
 * Gives back what generators made outside (eso-behaviour.md 2.5). A GeneratorState is deleted at its deadline, or by
 * whoever collects what its owner leaves behind; its finalizer holds it until what it names is given back.
 */
export class GeneratorStateLoop {
  readonly #parts: SyncerParts
  readonly #loop: WorkLoop

  constructor(parts: SyncerParts) {
    const { clock, log, options } = parts
    this.#parts = parts
    this.#loop = new WorkLoop({
      clock,
      lanes: 2,
      dueLane: 0,
      retryLane: 1,
      workers,
      shardWorkersMax: workers / 2,
      retryFirstMs: options.retryFirstMs,
      retryMaxMs: options.retryMaxMs,
      sharedAgeMaxMs: 0,
      work: (work) => this.#work(work),
      failed: ({ key }, error) =>
        log.error('a GeneratorState could not be looked after', {
          generatorState: key,
          error: error instanceof Error ? error.name : 'unknown',
        }),
    })
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#loop.run(signal)
  }

  follow(): Promise<void> {
    const { clients, clock, generatorStates, log, signal } = this.#parts
    const watched = { what: 'GeneratorState', client: clients.generatorStates, scope: {}, clock, log, signal }
    return follow(watched, (notice) => {
      if (notice.type === 'synced') generatorStates.whole.open()
      else this.#notice(notice)
    })
  }

  #notice({ type, object }: Exclude<WatchNotice<GeneratorState>, { type: 'synced' }>): void {
    const { generatorStates } = this.#parts
    const { namespace = '', name = '' } = object.metadata
    const key = `${namespace}/${name}`
    if (type === 'set') {
      generatorStates.set(object)
      this.#loop.add({ key, lane: 0, shard: namespace, group: namespace })
    } else {
      generatorStates.remove(key)
      this.#loop.forget(key)
    }
  }

  async #work({ key }: Work): Promise<WorkNext> {
    const { clock, generatorStates } = this.#parts
    const state = generatorStates.get(key)
    if (state === undefined) return { next: 'nothing' }
    const isHeld = state.metadata.finalizers?.includes(stateFinalizer) ?? false
    if (state.metadata.deletionTimestamp !== undefined) return isHeld ? this.#giveBack(key, state) : { next: 'nothing' }
    // One that ESO or a user made.
    if (!isHeld) return this.#hold(state)
    const deadlineMs = parseTime(state.spec.garbageCollectionDeadline ?? '')
    if (deadlineMs === undefined) return { next: 'nothing' }
    return deadlineMs > clock.now() ? { next: 'later', atMs: deadlineMs } : this.#delete(state)
  }

  #hold(state: GeneratorState): Promise<WorkNext> {
    const finalizers = [...(state.metadata.finalizers ?? []), stateFinalizer]
    return this.#writing(() => this.#withFinalizers(state, finalizers))
  }

  /** As it was seen: whoever takes its deadline back is heard. */
  #delete({ metadata }: GeneratorState): Promise<WorkNext> {
    const { name = '', namespace = '', uid, resourceVersion } = metadata
    const seen = { ...(uid !== undefined && { uid }), ...(resourceVersion !== undefined && { resourceVersion }) }
    return this.#writing(() => this.#parts.clients.generatorStates.delete({ namespace, name }, seen))
  }

  async #giveBack(key: string, state: GeneratorState): Promise<WorkNext> {
    const { events, generators, log, namespaces } = this.#parts
    const { namespace = '' } = state.metadata
    try {
      await generators.giveBack(state.spec, namespace)
    } catch (error) {
      const { code, message } = error instanceof ProviderError ? error : lost
      log.warn('what a generator made could not be given back', { generatorState: key, code })
      events.tell({ component: 'external-secrets', object: state, type: 'Warning', reason: 'CleanupFailed', message })
      // With the namespace its credentials go, and may be gone: what no time can heal must not keep it for ever.
      if (!namespaces.isGoing(namespace) || code === 'unavailable' || code === 'throttled') return { next: 'retry' }
    }
    const finalizers = (state.metadata.finalizers ?? []).filter((name) => name !== stateFinalizer)
    return this.#writing(() => this.#withFinalizers(state, finalizers))
  }

  #withFinalizers(state: GeneratorState, finalizers: readonly string[]): Promise<unknown> {
    const metadata = { ...state.metadata, finalizers }
    return this.#parts.clients.generatorStates.update({ ...state, metadata }, writing)
  }

  /** The watch tells what came of it. */
  async #writing(write: () => Promise<unknown>): Promise<WorkNext> {
    try {
      await write()
      return { next: 'nothing' }
    } catch (error) {
      if (isStatusReason(error, 'NotFound')) return { next: 'nothing' }
      return isStatusReason(error, 'Conflict') ? { next: 'again' } : { next: 'retry' }
    }
  }
}

const lost = { code: 'unavailable', message: 'the generator failed' } as const
