import { systemRandomness } from '../../../apiserver/registry/randomness.ts'
import { Mutex } from '../../../base/waiting/mutex.ts'
import { clusterRevision } from '../../../cluster/store-identity/cluster-revision.ts'
import { storeProblems } from '../../../cluster/store-identity/store-diagnosis.ts'
import { StatusError } from '../../../machinery/status.ts'
import { conflict } from '../../../machinery/status-errors.ts'
import type { Backend } from '../../../storage/backend.ts'
import {
  type Admission,
  type AdmissionOptions,
  admitStore,
  putAndAccept,
} from '../../../storage/custody/admit-store.ts'
import { LeasedBackend } from '../../../storage/custody/leased-backend.ts'
import { StorageError } from '../../../storage/errors.ts'
import type { KeptStore, Surroundings } from '../../hosts/host.ts'
import type { Cluster } from './cluster.ts'
import { isRegistered } from './registration.ts'
import { storePage } from './store-page.ts'

/** A store that the cluster vouches for; one that it does not know is refused until an operator accepts it. */
export async function keptStore(around: Surroundings, cluster: Cluster, backend: Backend): Promise<KeptStore> {
  const { options, clock, log, shutdown } = around
  const ledger = storePage(options, cluster)
  const { revisionBlock: blockLength, revisionConfirmInterval: confirmIntervalMs } = options
  const admission: AdmissionOptions = {
    backend,
    ledger,
    blockLength,
    newUid: () => systemRandomness.uuid(),
    revisionAround: () => clusterRevision(cluster.reviewer.client),
    isUnknownAround: async () => !(await isRegistered(options, cluster)),
  }
  const leased = new LeasedBackend(backend, { ledger, blockLength, confirmIntervalMs, clock, log })
  const turn = new Mutex()
  let refusal: string | undefined = ''
  const look = async (): Promise<void> => {
    if (refusal === undefined) return
    const before = refusal
    const outcome = await outcomeOf(admission)
    refusal = refusalOf(outcome)
    if (refusal !== undefined && refusal !== before) log.error('the store is not served', { problem: refusal })
    if (outcome.type !== 'admitted') return
    leased.admit(outcome)
    log.info('store opened', { uid: outcome.identity.uid, epoch: outcome.identity.epoch })
  }
  await turn.run(look)
  shutdown.runs('store record', leased)
  return {
    backend: leased,
    checks: [{ name: 'store-identity', endpoints: ['readyz'], check: () => refusal }],
    refusal: () => refusal,
    admitted: async (signal) => {
      while (refusal !== undefined && !signal.aborted) {
        await clock.sleep(lookAgainMs, signal).catch(() => undefined)
        if (!signal.aborted) await turn.run(look)
      }
    },
    putRefused: (put) =>
      turn.run(async () => {
        if (refusal === undefined) throw conflict(snapshots, 'current', 'the store has been accepted meanwhile')
        const restored = await putAndAccept(admission, put)
        await look()
        return restored
      }),
  }
}

const lookAgainMs = 2000

const snapshots = { group: 'external-secrets.io', resource: 'snapshots' }

type Outcome = Admission | { readonly type: 'unknown'; readonly code: string }

/** What the cluster cannot answer now is asked again; what the store itself refuses ends the start. */
async function outcomeOf(admission: AdmissionOptions): Promise<Outcome> {
  try {
    return await admitStore(admission)
  } catch (error) {
    if (error instanceof StorageError) throw error
    const code = error instanceof StatusError ? error.reason : error instanceof Error ? error.name : 'unknown'
    return { type: 'unknown', code }
  }
}

function refusalOf(outcome: Outcome): string | undefined {
  if (outcome.type === 'admitted') return undefined
  if (outcome.type === 'unknown') return `the cluster does not say which store it knows (${outcome.code})`
  return `${storeProblems[outcome.refused.problem]}; an operator decides, and the subcommand doctor says how`
}
