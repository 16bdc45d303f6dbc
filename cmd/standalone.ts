import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { mastersGroup } from '../apiserver/authorization/authorizer.ts'
import { writePrivately } from '../apiserver/certificates/certificate-files.ts'
import type { KeyPair } from '../apiserver/certificates/authority.ts'
import { systemClock } from '../base/clock.ts'
import { pinoLog } from '../base/pino-log.ts'
import { Shutdown } from '../base/shutdown.ts'
import { UsageError } from './errors.ts'
import { openDataDirectory } from './parts/data-directory.ts'
import { kubeconfig } from './parts/kubeconfig.ts'
import { listenAddress } from './parts/limits.ts'
import type { Options } from './options.ts'
import { wire } from './wire.ts'

export interface Standalone {
  readonly url: string
  readonly kubeconfigPath: string
  readonly authorityPem: string
  readonly admin: KeyPair
  /** Resolves with the name of a part that gave up. */
  readonly broken: Promise<string>
  /** In order, the way back from the beginning. */
  end(): Promise<void>
}

const standardError = 2

/** Starts the server; when this resolves it is ready, and the kubeconfig is written. */
export async function startStandalone(options: Options): Promise<Standalone> {
  if (!options.standalone) throw new UsageError('--standalone is the only mode for now')
  keepHeapSmall(options.heapGrowthPercent)
  const clock = systemClock
  const log = pinoLog({ level: options.loglevel, descriptor: standardError })
  const shutdown = new Shutdown({ clock, log, stepTimeoutMs: options.shutdownTimeout + options.shutdownDelayDuration })
  const { host, port } = listenAddress(options)
  await openDataDirectory(options.dataDir)
  try {
    const program = await wire({ options, clock, log, shutdown })
    const url = await program.server.listen(host, port)
    const opened = await program.open()
    const authorityPem = program.certificates.authorityCertificate
    const admin = await program.certificates.client('admin', [mastersGroup])
    const kubeconfigPath = options.kubeconfigOut === '' ? join(options.dataDir, 'kubeconfig') : options.kubeconfigOut
    await writePrivately(kubeconfigPath, kubeconfig({ server: url, authorityPem, client: admin }))
    log.info('serving', { url })
    opened.run()
    const end = async (): Promise<void> => {
      program.server.retire()
      await clock.sleep(options.shutdownDelayDuration)
      await shutdown.end()
    }
    return { url, kubeconfigPath, authorityPem, admin, broken: shutdown.broken, end }
  } catch (error) {
    await shutdown.end()
    throw error
  }
}

/** On a large machine V8 lets a heap grow to four times what lives, and it keeps what its worst minute took. */
function keepHeapSmall(growthPercent: number): void {
  if (growthPercent > 0) setFlagsFromString(`--heap-growing-percent=${growthPercent}`)
}
