import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Clock } from '../../../base/clock.ts'
import { onAbort } from '../../../base/waiting/on-abort.ts'
import { SyncError } from '../../errors.ts'
import type { RenderAnswer, RenderFailure, RenderJob, RenderTasks } from './render-job.ts'
import { Turns } from './turns.ts'

interface RenderThreadOptions {
  readonly clock: Clock
  /** How long one job may take; then the thread is ended, and with it what it does. */
  readonly budgetMs: number
  /** Without a job for so long, the thread ends. */
  readonly idleMs: number
  readonly heapMegabytesMax: number
  readonly signal: AbortSignal
}

/** Ten seconds make some dozen keys; one template may take 32 MiB, and a target has many, one after the other. */
export const renderThreadLimits = { budgetMs: 10_000, idleMs: 60_000, heapMegabytesMax: 256 }

/**
 * The thread for what keeps a processor busy for long: one job at a time, namespaces in turns. States:
 * - none: the first job begins a worker.
 * - at work: it keeps the process alive. An answer leads to rest; a job over its budget, out of memory or a fault ends
 *   the worker, and the next job begins another.
 * - at rest: the next job takes it to work, `idleMs` without one end it. The end of `signal` ends it in any state.
 * Values cross in memory, as copies, and are told nowhere.
 */
export class RenderThread {
  readonly #options: RenderThreadOptions
  #worker: Worker | undefined
  readonly #turns = new Turns()
  readonly #spent: RenderAnswer<never>
  #waiting = 0
  #rest: AbortController | undefined

  constructor(options: RenderThreadOptions) {
    this.#options = options
    const seconds = options.budgetMs / 1000
    this.#spent = failure(
      `templates took longer than ${seconds} s: make fewer keys and hashes in one target, or smaller ones`,
    )
    onAbort(options.signal, () => this.#end())
  }

  get isRunning(): boolean {
    return this.#worker !== undefined
  }

  /** For a namespace. Rejects with SyncError. */
  async run<T extends keyof RenderTasks>(
    task: T,
    input: RenderTasks[T]['needs'],
    namespace: string,
  ): Promise<Exclude<RenderAnswer<RenderTasks[T]['gives']>, { readonly failure: RenderFailure }>> {
    const { budgetMs, clock } = this.#options
    // One cast for both ways: the worker's program keeps to RenderTasks.
    const job = { task, input, nowMs: clock.now(), budgetMs } as RenderJob
    const answer = (await this.#inTurn(namespace, () => this.#ask(job))) as RenderAnswer<RenderTasks[T]['gives']>
    if ('failure' in answer) throw new SyncError(answer.failure.code, answer.failure.message)
    return answer
  }

  async #inTurn(namespace: string, ask: () => Promise<RenderAnswer<unknown>>): Promise<RenderAnswer<unknown>> {
    this.#waiting += 1
    this.#rest?.abort()
    try {
      return await this.#turns.take(namespace, async () => {
        const answer = await ask()
        this.#turns.ended(namespace, answer === this.#spent ? 'by force' : 'by itself')
        return answer
      })
    } finally {
      this.#waiting -= 1
      if (this.#waiting === 0) this.#takeRest()
    }
  }

  async #ask(job: RenderJob): Promise<RenderAnswer<unknown>> {
    const { budgetMs, clock, signal } = this.#options
    if (signal.aborted) return ending
    const worker = this.#worker ?? this.#begin()
    const answered = new AbortController()
    const spent = clock.sleep(budgetMs, AbortSignal.any([signal, answered.signal])).then(
      () => this.#giveUp(),
      () => ending,
    )
    worker.ref()
    try {
      return await Promise.race([answerOf(worker, job), spent])
    } finally {
      answered.abort()
      worker.unref()
    }
  }

  #giveUp(): RenderAnswer<never> {
    this.#end()
    return this.#spent
  }

  #begin(): Worker {
    const worker = new Worker(new URL('./render-worker.js', import.meta.url), {
      // What the process was started with (loaders, inspectors) is not for it.
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: this.#options.heapMegabytesMax },
    })
    const forget = (): void => {
      if (this.#worker === worker) this.#worker = undefined
    }
    this.#worker = worker.on('exit', forget).on('error', forget)
    return worker
  }

  #takeRest(): void {
    const rest = new AbortController()
    this.#rest = rest
    void this.#options.clock.sleep(this.#options.idleMs, rest.signal).then(
      () => this.#end(),
      () => undefined,
    )
  }

  #end(): void {
    this.#rest?.abort()
    void this.#worker?.terminate()
    this.#worker = undefined
  }
}

function failure(message: string): RenderAnswer<never> {
  return { failure: { code: 'invalid-value', message } }
}

const ending = failure('the server is ending')
const outOfMemory = failure('templates took more memory than those of one target may')

/** Rejects with what no job may throw: a fault of ours. */
async function answerOf(worker: Worker, job: RenderJob): Promise<RenderAnswer<unknown>> {
  worker.postMessage(job)
  try {
    // An error of the worker rejects it, too. There is no answer from outside of this program.
    const [answer] = (await once(worker, 'message')) as [RenderAnswer<unknown>]
    return answer
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY') return outOfMemory
    throw error
  }
}
