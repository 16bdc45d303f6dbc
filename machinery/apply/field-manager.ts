import { jsonEqual } from '../json/equal.ts'
import { withMembers } from '../json/member.ts'
import type { KubeObject } from '../object.ts'
import { StatusError } from '../status.ts'
import { badRequest } from '../status-errors.ts'
import { ConflictsError, conflictStatus } from './conflicts.ts'
import { ApplyError } from './errors.ts'
import type { FieldManagerConfig, FieldWrite } from './field-write.ts'
import { kindText } from './kind-text.ts'
import { withLastApplied, withoutLastApplied } from './last-applied.ts'
import {
  decodeManagedFields,
  noOwnership,
  type Ownership,
  withManagedFields,
  withoutManagedFields,
} from './managed-fields.ts'
import { type TrackedApply, Tracker } from './tracker.ts'

/** Who owns which field of the objects of one kind: metadata.managedFields, in server-side apply and in every write. */
export interface FieldManager {
  /**
   * `next` with the managedFields that follow from a create (`live` undefined), an update or a patch. Never fails: what
   * cannot be tracked keeps the managedFields of `live`.
   */
  update(live: KubeObject | undefined, next: KubeObject, write: FieldWrite): KubeObject
  /**
   * `live` merged with an applied configuration, in `write.apiVersion`; nulls may stand in it where the last entry of a
   * map went. Throws StatusError: 409 with the conflicts, 400 for an object of another kind or one with managedFields,
   * 500 without a reason for what cannot be typed.
   */
  apply(live: KubeObject | undefined, config: KubeObject, write: FieldWrite & { readonly force: boolean }): KubeObject
}

export function createFieldManager(config: FieldManagerConfig): FieldManager {
  return {
    update: (live, next, write) => updated(config, { live, next, write }),
    apply: (live, applied, write) => {
      try {
        return appliedTo(config, { live, config: applied, write })
      } catch (error) {
        throw answerOf(error)
      }
    },
  }
}

interface Update {
  readonly live: KubeObject | undefined
  readonly next: KubeObject
  readonly write: FieldWrite
}

function updated(config: FieldManagerConfig, { live, next, write }: Update): KubeObject {
  const bare = withoutManagedFields(next)
  const before = startingPoint(live, next, write)
  const isCreated = (live?.metadata.uid ?? '') === ''
  if (before.managers.size === 0 && !isCreated) return bare
  try {
    const after = new Tracker(config, write).update({ live: liveOrEmpty(live, next), next: bare, before })
    return withManagedFields(bare, after)
  } catch (error) {
    config.onUntracked?.(error)
    const { managedFields } = live?.metadata ?? {}
    return { ...bare, metadata: withMembers(bare.metadata, { managedFields }) }
  }
}

/**
 * A client may rewrite managedFields and may reset them, but leaving them out or spoiling them changes nothing. Through
 * a subresource they cannot be changed.
 */
function startingPoint(live: KubeObject | undefined, next: KubeObject, { subresource }: FieldWrite): Ownership {
  const { managedFields: sent } = next.metadata
  const { managedFields: stored } = live?.metadata ?? {}
  const isOwn = subresource === '' && sent !== undefined && sent !== null
  if (isOwn && isReset(sent)) return noOwnership
  // Most clients send back what they read: what is stored has been decoded before.
  const rewritten = isOwn && !jsonEqual(sent, stored) ? decodedOrUndefined(sent) : undefined
  return rewritten ?? decodedOrUndefined(stored) ?? noOwnership
}

function isReset(entries: NonNullable<KubeObject['metadata']['managedFields']>): boolean {
  return entries.length === 0 || (entries.length === 1 && jsonEqual(entries[0], {}))
}

function decodedOrUndefined(entries: KubeObject['metadata']['managedFields']): Ownership | undefined {
  try {
    return decodeManagedFields(entries)
  } catch (error) {
    if (error instanceof ApplyError) return undefined
    throw error
  }
}

interface Apply {
  readonly live: KubeObject | undefined
  readonly config: KubeObject
  readonly write: FieldWrite & { readonly force: boolean }
}

function appliedTo(config: FieldManagerConfig, apply: Apply): KubeObject {
  const { live, write } = apply
  const before = decodedLive(live)
  checkKind(config.kind, apply.config, write)
  const tracker = new Tracker(config, write)
  const bare = liveOrEmpty(live, apply.config)
  const state = { live: bare, config: apply.config, before: tracker.withFirst(bare, before) }
  if (write.manager !== 'kubectl') return resultOf(live, tracker.apply(state, { force: write.force }))
  const { object, ownership } = appliedByKubectl(tracker, state, write.force)
  return resultOf(live, { object: withLastApplied(object, apply.config), ownership })
}

/** kubectl, going over from client-side apply, takes by force what it had applied itself and nobody changed since. */
function appliedByKubectl(tracker: Tracker, state: Parameters<Tracker['apply']>[0], force: boolean): TrackedApply {
  try {
    return tracker.apply(state, { force })
  } catch (error) {
    if (!(error instanceof ConflictsError)) throw error
    const remaining = withoutLastApplied(error, tracker.typedLive(state.live))
    if (remaining !== undefined) throw remaining
    return tracker.apply(state, { force: true })
  }
}

/** The live object itself where an apply changes neither the object nor its owners. */
function resultOf(live: KubeObject | undefined, { object, ownership }: TrackedApply): KubeObject {
  const result = withManagedFields(object, ownership)
  return live !== undefined && jsonEqual(result, live) ? live : result
}

function decodedLive(live: KubeObject | undefined): Ownership {
  try {
    return decodeManagedFields(live?.metadata.managedFields)
  } catch (error) {
    if (!(error instanceof ApplyError)) throw error
    throw new ApplyError(`failed to decode managed fields: ${error.message}`)
  }
}

function checkKind(kind: string, config: KubeObject, { apiVersion }: FieldWrite): void {
  if (config.apiVersion === apiVersion && config.kind === kind) return
  throw badRequest(`invalid object type: ${kindText(config.apiVersion, config.kind)}`)
}

/** What a first write is compared with: nothing but the type. */
function liveOrEmpty(live: KubeObject | undefined, next: KubeObject): KubeObject {
  return live === undefined
    ? { apiVersion: next.apiVersion, kind: next.kind, metadata: {} }
    : withoutManagedFields(live)
}

/** Errors of typing have no Status in the reference either: a plain 500, whose text deployment tools look into. */
function answerOf(error: unknown): unknown {
  if (error instanceof ConflictsError) return conflictStatus(error)
  return error instanceof ApplyError ? new StatusError({ code: 500, reason: '', message: error.message }) : error
}
