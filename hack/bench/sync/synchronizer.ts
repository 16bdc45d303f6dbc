import type { ApiClient } from '../../../test/support/api-client.ts'
import { ServerProcess } from '../../../test/support/server-process.ts'
import { expect } from '../expect.ts'
import { paths, storeBecomesOurs } from '../manifests.ts'

/** Who synchronizes: our server by itself, or External Secrets Operator with a cluster of its own. */
export interface Synchronizer extends AsyncDisposable {
  readonly name: string
  readonly api: ApiClient
  /** Of every process that a refresh makes work. */
  readonly pids: readonly number[]
  /** The process that holds the values. */
  readonly controllerPid: number
  readonly objects: number
  /** How many more come while these are refreshed. */
  readonly newcomers: Amount
  /** How many refreshes are forced. */
  readonly forced: Amount
  /** Whether one read of a unit serves everything that is made of it. */
  readonly sharesReads: boolean
  /** How often it is asked whether it has done all: asking is work for it, too. */
  readonly askEveryMs: number
  /** The store becomes its own: syncs begin. */
  begin(): Promise<void>
  /** Throws, with what it said, when it has ended. */
  expectRunning(): void
  /** Refreshes so far. */
  refreshes(): Promise<number>
}

interface Amount {
  readonly count: number
  /** So many at once. */
  readonly clients: number
}

/** Standalone: API server, store and syncer are one process. */
export async function startOurs(objects: number): Promise<Synchronizer> {
  const server = await ServerProcess.start()
  const api = server.client()
  return {
    name: 'ours',
    api,
    pids: [server.pid],
    controllerPid: server.pid,
    objects,
    newcomers: { count: 200, clients: 2 },
    forced: { count: Math.min(50, objects), clients: 1 },
    sharesReads: true,
    askEveryMs: 25,
    begin: () => giveStore(api),
    // It would not answer either.
    expectRunning: () => undefined,
    refreshes: () => passesOf(api),
    async [Symbol.asyncDispose]() {
      await api[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

/** Until then the store is of another controller. */
export async function giveStore(api: ApiClient): Promise<void> {
  const ours = { body: storeBecomesOurs, contentType: 'application/merge-patch+json' }
  expect((await api.call('PATCH', `${paths.stores}/store`, ours)).status, 200)
}

async function passesOf(api: ApiClient): Promise<number> {
  const { text } = await api.get('/metrics')
  const counts = [...text.matchAll(/^externalsecret_sync_calls_total\{.*\} (\d+)$/gm)]
  return counts.reduce((total, [, count]) => total + Number(count), 0)
}
