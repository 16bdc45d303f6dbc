import { byBytes } from '../../base/byte-order.ts'
import { SyncError } from '../errors.ts'

/** Throws SyncError when the policy is Fail and a value holds a null byte. */
export function checkNullBytes(values: ReadonlyMap<string, Uint8Array>, policy: string | undefined): void {
  if (policy !== 'Fail') return
  const found = [...values.keys()].sort(byBytes).find((key) => values.get(key)?.includes(0))
  if (found === undefined) return
  const advice = 'use a text-safe format such as PEM/base64 or leave nullBytePolicy unset for intentional binary data'
  throw new SyncError('invalid-value', `fetched secret value for key "${found}" contains null bytes; ${advice}`)
}
