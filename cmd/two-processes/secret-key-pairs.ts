import type { KeyPair } from '../../apiserver/certificates/authority.ts'
import type { KeyPairs } from '../../apiserver/certificates/key-pairs.ts'
import type { Secret } from '../../kinds/core/secret/v1.ts'
import type { ObjectName, ResourceClient } from '../../machinery/client.ts'
import { isStatusReason } from '../../machinery/status.ts'
import { handedOf, secretOf } from './tls-secret.ts'

interface SecretKeyPairsOptions {
  readonly secrets: ResourceClient<Secret>
  /** Which pairs lie in which Secret. */
  readonly places: Readonly<Record<string, Required<ObjectName>>>
}

/** In Secrets by their names, so that a pod needs no volume for them. A pair without a place ends with the process. */
export function secretKeyPairs({ secrets, places }: SecretKeyPairsOptions): KeyPairs {
  const unplaced = new Map<string, KeyPair>()
  return {
    read: async (name) => {
      const at = places[name]
      return at === undefined ? unplaced.get(name) : handedOf(await readSecret(secrets, at))?.pair
    },
    keep: async (name, pair) => {
      const at = places[name]
      if (at !== undefined) return put(secrets, at, pair)
      unplaced.set(name, pair)
      return pair
    },
  }
}

/** Undefined where there is none. */
export async function readSecret(
  secrets: ResourceClient<Secret>,
  at: Required<ObjectName>,
  signal?: AbortSignal,
): Promise<Secret | undefined> {
  try {
    return await secrets.get(at, { ...(signal && { signal }) })
  } catch (error) {
    if (isStatusReason(error, 'NotFound')) return undefined
    throw error
  }
}

/** Whoever was faster has made one that is as good, and others may trust it already. */
async function put(secrets: ResourceClient<Secret>, at: Required<ObjectName>, pair: KeyPair): Promise<KeyPair> {
  const found = await readSecret(secrets, at)
  const wanted = secretOf(at, pair)
  try {
    if (found === undefined) await secrets.create(wanted, manager)
    else await secrets.update({ ...found, data: { ...found.data, ...wanted.data } }, manager)
    return pair
  } catch (error) {
    if (!isStatusReason(error, 'AlreadyExists') && !isStatusReason(error, 'Conflict')) throw error
    const theirs = handedOf(await readSecret(secrets, at))
    if (theirs === undefined) throw error
    return theirs.pair
  }
}

const manager = { fieldManager: 'external-secrets' }
