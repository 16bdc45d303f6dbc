import type { KubeObject } from '../../machinery/object.ts'
import type { Item } from '../../storage/storage.ts'
import { isStatusReason } from '../../machinery/status.ts'
import { parseTime } from '../../machinery/time.ts'
import type { KindDeclaration } from '../registry/kind.ts'
import type { Registry } from '../registry/registry.ts'
import type { Stored } from '../registry/stored.ts'
import { type Controller, type ControllerOptions, controllerUser } from './controller.ts'

export interface ExpiryOptions extends ControllerOptions {
  /** How long objects of such kinds live after their last write. */
  readonly lifetimesMs: Readonly<Record<NonNullable<KindDeclaration['expires']>, number>>
}

const sweepsPerLifetime = 10
const sweepPeriodMsMax = 60_000

/** Removes objects of kinds that expire, in sweeps: one may stay for a sweep's period longer than its lifetime. */
export function expiry({ registries, clock, lifetimesMs }: ExpiryOptions): Controller {
  return {
    run: async (signal) => {
      await Promise.all(
        registries.all.flatMap((registry) => {
          const { expires } = registry.kind
          return expires === undefined ? [] : sweepAll(registry, lifetimesMs[expires], signal)
        }),
      )
    },
  }

  async function sweepAll(registry: Registry, lifetimeMs: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sweep(registry, clock.now() - lifetimeMs, signal).catch(() => undefined)
      await clock.sleep(Math.min(sweepPeriodMsMax, lifetimeMs / sweepsPerLifetime), signal).catch(() => undefined)
    }
  }
}

async function sweep(registry: Registry, beforeMs: number, signal: AbortSignal): Promise<void> {
  const { items } = await registry.list({ selection: registry.select({}), at: { kind: 'any' } })
  for (const item of items) {
    if (signal.aborted) return
    if (lastWriteMs(item.value.object) < beforeMs) await remove(registry, item, signal)
  }
}

/** Whoever writes to the object leaves a time in its managedFields. */
function lastWriteMs({ metadata }: KubeObject): number {
  const times = [metadata.creationTimestamp, ...(metadata.managedFields ?? []).map(({ time }) => time)]
  return Math.max(...times.map((time) => parseTime(time ?? '') ?? 0))
}

/** Only as it was seen: what was written meanwhile lives on. */
async function remove(registry: Registry, { value, revision }: Item<Stored>, signal: AbortSignal): Promise<void> {
  const { name = '', namespace } = value.object.metadata
  try {
    await registry.remove(
      { name, ...(namespace !== undefined && { namespace }) },
      {
        version: registry.kind.storageVersion,
        user: controllerUser('expiry-controller'),
        propagation: { policy: 'Background' },
        preconditions: { resourceVersion: String(revision) },
        isDryRun: false,
        isAborted: () => signal.aborted,
        warn: () => undefined,
      },
    )
  } catch (error) {
    if (!isStatusReason(error, 'NotFound') && !isStatusReason(error, 'Conflict')) throw error
  }
}
