import { Backoff } from '../../base/queues/backoff.ts'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import type { ListScope, ResourceClient, WatchNotice } from '../../machinery/client.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { StatusError } from '../../machinery/status.ts'

interface Follow<T extends KubeObject> {
  readonly what: string
  readonly client: ResourceClient<T>
  readonly scope: ListScope
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
}

const pauses = { firstMs: 1000, maxMs: 60_000 }

/** Hands on every notice until the signal aborts; a watch that is refused is tried again. */
export async function follow<T extends KubeObject>(
  { what, client, scope, clock, log, signal }: Follow<T>,
  notice: (notice: WatchNotice<T>) => void,
): Promise<void> {
  const backoff = new Backoff(pauses)
  while (!signal.aborted) {
    try {
      for await (const notices of client.watch(scope, signal)) {
        backoff.succeeded(what)
        for (const each of notices) notice(each)
      }
    } catch (error) {
      if (signal.aborted) return
      log.warn('a watch failed', { what, code: error instanceof StatusError ? error.reason : 'unknown' })
    }
    if (!signal.aborted) await clock.sleep(backoff.failed(what), signal).catch(() => undefined)
  }
}
