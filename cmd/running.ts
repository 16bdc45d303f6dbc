import { systemClock } from '../base/clock.ts'
import { Metrics } from '../base/metrics.ts'
import { pinoLog } from '../base/pino-log.ts'
import { Shutdown } from '../base/shutdown.ts'
import { boundHeapGrowth } from './parts/heap-growth.ts'
import type { Surroundings } from './hosts/host.ts'
import type { Options } from './options.ts'
import { openDataDirectory } from './parts/data-directory.ts'
import { listenAddress } from './parts/limits.ts'
import { type Program, wire } from './wire.ts'

export interface Running {
  readonly url: string
  /** Resolves with the name of a part that gave up. */
  readonly broken: Promise<string>
  /** In order, the way back from the beginning. */
  end(): Promise<void>
}

const standardError = 2

/** What takes the whole time that it is given, and then cuts off what is left, ends in order. */
const cuttingOffMs = 5000

export interface Starting {
  readonly ready?: (url: string) => Promise<void>
  /** Asks it to give up while it starts. */
  readonly interrupted: AbortSignal
}

/** Starts the server; it is ready when `ready` has been called and has resolved. */
export async function startServer(options: Options, { ready, interrupted }: Starting): Promise<Running> {
  boundHeapGrowth(options.heapGrowthPercent)
  const clock = systemClock
  const log = pinoLog({ level: options.loglevel, descriptor: standardError })
  const stepTimeoutMs = options.shutdownTimeout + cuttingOffMs
  const shutdown = new Shutdown({ clock, log, stepTimeoutMs })
  const { host, port } = listenAddress(options)
  try {
    const program = await programOf({ options, clock, log, metrics: new Metrics(), shutdown, interrupted })
    const url = await program.server.listen(host, port)
    const opened = await program.open()
    await ready?.(url)
    log.info('serving', { url })
    opened.run()
    const end = async (): Promise<void> => {
      program.server.retire()
      await clock.sleep(options.shutdownDelayDuration)
      await shutdown.end()
    }
    return { url, broken: shutdown.broken, end }
  } catch (error) {
    await shutdown.end()
    throw error
  }
}

/** The process that only synchronizes keeps nothing on a disk. */
async function programOf(around: Surroundings): Promise<Program> {
  if (around.options.serve === 'sync') return (await import('./two-processes/sync-program.ts')).wireSync(around)
  await openDataDirectory(around.options.dataDir)
  return wire(around)
}
