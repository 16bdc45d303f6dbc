import type { JsonObject, KubeObject } from '../object.ts'
import { badRequest } from '../status-errors.ts'
import { formatTime } from '../time.ts'
import { capManagers } from './cap-managers.ts'
import { ApplyError } from './errors.ts'
import type { FieldManagerConfig, FieldWrite } from './field-write.ts'
import { difference, type FieldSet, isEmptySet, union } from './fields/field-set.ts'
import { decodeFields } from './fields/fields-v1.ts'
import { kindText } from './kind-text.ts'
import type { Ownership } from './managed-fields.ts'
import { identifierOf } from './manager-identity.ts'
import { memoizedConvert, type TypedObject } from './typed-object.ts'
import { typeErrors, typeErrorText } from './typed/validate.ts'
import { applyConfig, updateManagers, type UpdaterConfig } from './updater.ts'
import type { Managers } from './versioned-set.ts'

export interface TrackedApply {
  /** Without managedFields. */
  readonly object: KubeObject
  readonly ownership: Ownership
}

interface Written {
  /** Without managedFields, like all objects here. */
  readonly live: KubeObject
  readonly before: Ownership
}

type Role = 'live' | 'new' | 'patch'

/** A temporary identifier: the entry that a writer has already is somebody else's while a write is judged. */
const currentOperation = 'current-operation'

/** Follows one request: who owns what after it, and since when. */
export class Tracker {
  readonly #config: FieldManagerConfig
  readonly #write: FieldWrite
  readonly #updater: UpdaterConfig

  constructor(config: FieldManagerConfig, write: FieldWrite) {
    this.#config = config
    this.#write = write
    this.#updater = {
      convert: memoizedConvert((object, apiVersion) => this.#converted(object, apiVersion)),
      ignored: (apiVersion) => resetSet(config.resetFields(write.subresource, apiVersion)),
    }
  }

  /** Removing fields is no change of one's own: the time stays when nothing was added or modified. */
  update({ live, next, before }: Written & { readonly next: KubeObject }, manager = this.#write.manager): Ownership {
    const id = this.#identifier(manager, 'Update')
    const state = { live: this.#typed(live, 'live'), managers: before.managers, self: currentOperation }
    const managers = updateManagers(this.#updater, state, this.#typed(next, 'new'))
    const current = managers.get(currentOperation)
    managers.delete(currentOperation)
    const set = current && difference(current.set, strippedFields)
    if (current === undefined || set === undefined || isEmptySet(set)) return capManagers({ ...before, managers })
    const { apiVersion, isApplied } = current
    managers.set(id, { set: union(set, managers.get(id)?.set ?? set), apiVersion, isApplied })
    return capManagers({ managers, times: new Map(before.times).set(id, this.#now()) })
  }

  /** An object that nobody was seen writing belongs to `before-first-apply` from its first apply on. */
  withFirst(live: KubeObject, before: Ownership): Ownership {
    if (before.managers.size > 0) return before
    const { metadata, ...members } = live
    const { managedFields: _, ...bare } = metadata
    const empty = { apiVersion: live.apiVersion, kind: live.kind, metadata: {} }
    return this.update({ live: empty, next: { ...members, metadata: bare }, before }, 'before-first-apply')
  }

  /** The time is that of the last change; who applies what is there already gets none. */
  apply(
    { live, config, before }: Written & { readonly config: KubeObject },
    { force }: { readonly force: boolean },
  ): TrackedApply {
    const { managedFields } = config.metadata
    if (managedFields !== undefined && managedFields !== null) throw badRequest('metadata.managedFields must be nil')
    const id = this.#identifier(this.#write.manager, 'Apply')
    const typedConfig = this.#typed(config, 'patch')
    const state = { live: this.#typed(live, 'live'), managers: before.managers, self: id }
    const { object, managers } = applyConfig(this.#updater, state, { config: typedConfig, force })
    const times = object === undefined ? before.times : new Map(before.times).set(id, this.#now())
    const ownership = { managers: stripped(managers, id), times }
    return { object: (object ?? state.live).value as KubeObject, ownership }
  }

  /** The live object in the version of the request. */
  typedLive(live: KubeObject): TypedObject {
    return this.#typed(live, 'live')
  }

  #identifier(manager: string, operation: 'Apply' | 'Update'): string {
    const { apiVersion, subresource } = this.#write
    return identifierOf({ manager: manager === '' ? 'unknown' : manager, operation, apiVersion, subresource })
  }

  #now(): string {
    return formatTime(this.#config.clock.now())
  }

  /** Only what an applier sends must be free of duplicates. */
  #typed(object: KubeObject, role: Role): TypedObject {
    const { apiVersion } = this.#write
    const value = object.apiVersion === apiVersion ? object : this.#write.convert(object, apiVersion)
    const type = this.#config.types.get(apiVersion)
    if (type === undefined) throw this.#untyped(object, role, `no corresponding type for ${this.#gvk}`)
    const errors = typeErrors(type, value, role === 'patch' ? 'refused' : 'allowed')
    if (errors.length > 0) throw this.#untyped(object, role, typeErrorText(errors))
    return { apiVersion, type, value }
  }

  #untyped({ metadata }: KubeObject, role: Role, why: string): ApplyError {
    const { name = '', namespace = '' } = metadata
    return new ApplyError(`failed to create typed ${role} object (${namespace}/${name}; ${this.#gvk}): ${why}`)
  }

  get #gvk(): string {
    return kindText(this.#write.apiVersion, this.#config.kind)
  }

  #converted({ value }: TypedObject, apiVersion: string): TypedObject | undefined {
    const type = this.#config.types.get(apiVersion)
    if (type === undefined) return undefined
    if (value === undefined) return { apiVersion, type, value }
    const converted = this.#write.convert(value as KubeObject, apiVersion)
    const errors = typeErrors(type, converted, 'refused')
    if (errors.length > 0) throw new ApplyError(`failed to create typed object: ${typeErrorText(errors)}`)
    return { apiVersion, type, value: converted }
  }
}

/** What an endpoint resets is the same few objects on every write. */
const resetSets = new WeakMap<JsonObject, FieldSet>()

function resetSet(fields: JsonObject): FieldSet {
  const known = resetSets.get(fields)
  if (known !== undefined) return known
  const set = decodeFields(fields)
  resetSets.set(fields, set)
  return set
}

/** What the server sets or the path of the request says: nobody owns it. */
const strippedFields: FieldSet = decodeFields({
  'f:apiVersion': {},
  'f:kind': {},
  'f:metadata': {
    '.': {},
    'f:clusterName': {},
    'f:creationTimestamp': {},
    'f:generation': {},
    'f:managedFields': {},
    'f:name': {},
    'f:namespace': {},
    'f:resourceVersion': {},
    'f:selfLink': {},
    'f:uid': {},
  },
})

function stripped(managers: Managers, id: string): Managers {
  const own = managers.get(id)
  const set = own && difference(own.set, strippedFields)
  if (own === undefined || set === undefined) return managers
  const result = new Map(managers)
  if (isEmptySet(set)) result.delete(id)
  else result.set(id, { ...own, set })
  return result
}
