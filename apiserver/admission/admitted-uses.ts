import { LRUCache } from 'lru-cache'
import { isJsonObject } from '../../machinery/json/member.ts'
import type { JsonValue } from '../../machinery/object.ts'
import type { Reference } from '../registry/kind.ts'
import type { Stored } from '../registry/stored.ts'
import type { UserInfo } from '../request-context.ts'
import type { RequestInfo } from '../request-info.ts'

/** Who was admitted with an object, and each right that he had for it. */
export interface AdmittedUse {
  readonly user: UserInfo
  /** The accounts of its namespace, all of them: they will do, too. */
  readonly accounts: UserInfo
  readonly group: string
  readonly rights: readonly { readonly reference: Reference; readonly info: RequestInfo }[]
}

/** Of uses that many objects share. */
const sharedMax = 1024

/**
 * What is asked about an object again and again, at each refresh, follows from its stored state alone. It is read once
 * for each state that is stored; objects of one writer with the same references share it.
 */
export class AdmittedUses {
  readonly #referencesOf: (stored: Stored) => readonly Reference[]
  readonly #known = new WeakMap<Stored, AdmittedUse | 'nobody'>()
  readonly #shared = new LRUCache<string, AdmittedUse>({ max: sharedMax })

  constructor(referencesOf: (stored: Stored) => readonly Reference[]) {
    this.#referencesOf = referencesOf
  }

  /** Undefined where nobody was admitted. */
  of(stored: Stored): AdmittedUse | undefined {
    const known = this.#known.get(stored) ?? this.#read(stored)
    this.#known.set(stored, known)
    return known === 'nobody' ? undefined : known
  }

  #read(stored: Stored): AdmittedUse | 'nobody' {
    const record = stored.hidden?.['admitted']
    if (record === undefined) return 'nobody'
    const { namespace = '' } = stored.object.metadata
    const references = this.#referencesOf(stored)
    const key = JSON.stringify([record, namespace, references])
    const use = this.#shared.get(key) ?? useOf(record, namespace, references)
    this.#shared.set(key, use)
    return use
  }
}

function useOf(record: JsonValue, namespace: string, references: readonly Reference[]): AdmittedUse {
  const group = `system:serviceaccounts:${namespace}`
  return {
    user: userOf(record),
    accounts: { name: '', groups: [group], extra: {} },
    group,
    rights: references.map((reference) => ({ reference, info: requestOf(reference) })),
  }
}

export function requestOf(reference: Reference): RequestInfo {
  const { verb, group, resource, subresource = '', namespace = '', name = '' } = reference
  return { isResourceRequest: true, path: '', verb, group, version: 'v1', resource, subresource, namespace, name }
}

/** Of a record that this server has written; of anything else, nobody. */
function userOf(record: JsonValue): UserInfo {
  const user = isJsonObject(record) && isJsonObject(record['user']) ? record['user'] : {}
  const { name, uid, groups, extra } = user
  const extras = Object.entries(isJsonObject(extra) ? extra : {})
  return {
    name: typeof name === 'string' ? name : '',
    ...(typeof uid === 'string' && { uid }),
    groups: textsOf(groups),
    extra: Object.fromEntries(extras.map(([key, values]) => [key, textsOf(values)])),
  }
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
}
