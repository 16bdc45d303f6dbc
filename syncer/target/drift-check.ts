import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import type { ExternalSecret } from '../../kinds/external-secret/v1.ts'
import { StatusError } from '../../machinery/status.ts'
import { targetNameOf } from './policy.ts'
import type { TargetKind } from './target-kind.ts'
import type { TargetKinds } from './target-kinds.ts'

interface DriftCheckOptions {
  readonly kinds: TargetKinds
  readonly externalSecrets: () => Iterable<ExternalSecret>
  readonly changed: (kind: TargetKind, object: ExternalSecret) => void
  readonly clock: Clock
  readonly log: Logger
  /** Every target is looked at once in this time; 0 never. */
  readonly intervalMs: number
}

/** The interval is cut into so many turns, and each object has its turn by its UID: no crowd forms. */
const turnCount = 60
/** So many reads at once. Who cannot keep up takes longer for a round, and piles nothing up. */
const readersMax = 8

/** Looks at the targets that no watch tells of, a few at a time. */
export async function checkDrift(options: DriftCheckOptions, signal: AbortSignal): Promise<void> {
  const { clock, intervalMs, kinds } = options
  if (intervalMs === 0) return
  for (let turn = 1; !signal.aborted; turn = (turn + 1) % turnCount) {
    await clock.sleep(intervalMs / turnCount, signal).catch(() => undefined)
    if (signal.aborted) return
    if (turn === 0) for (const { targets } of kinds.all()) await targets.review()
    const due = [...options.externalSecrets()].filter((object) => isSettled(object) && turnOf(object) === turn).values()
    await Promise.all(Array.from({ length: readersMax }, () => checkAll(due, options, signal)))
  }
}

/** One that was never poured, or is going, has no target to lose. */
function isSettled({ metadata, status }: ExternalSecret): boolean {
  return metadata.deletionTimestamp === undefined && status?.syncedResourceVersion !== undefined
}

function turnOf({ metadata: { uid = '' } }: ExternalSecret): number {
  const drawn = Number.parseInt(uid.slice(0, 8), 16)
  return Number.isNaN(drawn) ? 0 : drawn % turnCount
}

async function checkAll(due: Iterable<ExternalSecret>, options: DriftCheckOptions, signal: AbortSignal): Promise<void> {
  for (const object of due) {
    if (signal.aborted) return
    const { namespace = '' } = object.metadata
    const name = targetNameOf(object)
    const kind = options.kinds.of(object)
    if (kind === undefined) continue
    try {
      if (await kind.targets.look(namespace, name)) options.changed(kind, object)
    } catch (error) {
      const code = error instanceof StatusError ? error.reason : 'unknown'
      options.log.warn('a target could not be looked at', { namespace, name, code })
    }
  }
}
