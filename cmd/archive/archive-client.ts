import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock as clock } from '../../base/clock.ts'
import { type ClusterClient, createClusterClient } from '../../cluster/client.ts'
import { type ClusterConfig, inClusterConfig } from '../../cluster/cluster-config.ts'
import { readKubeconfig } from '../../cluster/kubeconfig.ts'
import { StatusError } from '../../machinery/status.ts'
import { type Options, podEnvironment } from '../options.ts'
import { archivePlace } from '../parts/store-archive.ts'
import type { Terminal } from '../terminal.ts'

/** To the server, through the kube-apiserver where it is behind one: as everybody else who uses the API. */
export async function archiveClient(options: Options): Promise<ClusterClient> {
  const { requestTimeout: timeoutMs, clientMaxResponseBytes: responseBytesMax } = options
  const limits = { clock, timeoutMs, perSecond: 0, burst: 0, concurrencyMax: 1, responseBytesMax }
  return createClusterClient(await configOf(options), limits)
}

export const archivePath = `/apis/${archivePlace.group}/${archivePlace.version}/snapshots/current`

/** What the server refuses is said in a sentence; exit code 1 then. */
export async function unlessRefused(terminal: Terminal, work: () => Promise<string>): Promise<number> {
  try {
    terminal.print(`${await work()}\n`)
    return 0
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    terminal.tell(`${explained(error)}\n`)
    return 1
  }
}

function explained({ code, details, message }: StatusError): string {
  if (code === 403)
    return 'it takes rights to snapshots.external-secrets.io and to the path /snapshot (docs/operations.md)'
  const others = (details?.causes ?? []).flatMap(({ field }) => field ?? [])
  if (others.length === 0) return message
  return (
    `nothing was restored: what is there and not in the snapshot, or is another of the same name: ` +
    `${others.join(', ')}\n--others=keep leaves it as it is, --others=remove deletes it`
  )
}

/** A standalone server writes an administrator's kubeconfig into its data directory. */
async function configOf({ kubeconfig, dataDir }: Options): Promise<ClusterConfig> {
  if (kubeconfig !== '') return readKubeconfig(kubeconfig)
  const own = join(dataDir, 'kubeconfig')
  return existsSync(own) ? readKubeconfig(own) : inClusterConfig(podEnvironment())
}
