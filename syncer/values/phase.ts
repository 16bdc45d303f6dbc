import type { ExternalSecret } from '../../kinds/external-secret/v1.ts'
import { storeKey, storePlace } from '../stores/store-ref.ts'

type Spec = ExternalSecret['spec']
type Entry = NonNullable<Spec['data']>[number] | NonNullable<Spec['dataFrom']>[number]

/**
 * When in its interval an ExternalSecret is due: a number that follows from what it reads alone. All that read the same
 * are due at the same moment, one read serves them, nothing needs storing and a restart changes nothing. Of several
 * units the one with the smallest number counts: whatever their order, ExternalSecrets that share most of their units
 * most likely share it. Absent where something is generated: a password must not be replaced before its interval ends.
 */
export function phaseOf(externalSecret: ExternalSecret): number | undefined {
  const { data = [], dataFrom = [] } = externalSecret.spec
  const units = [...dataFrom, ...data].map((entry) => unitOf(entry, externalSecret))
  if (units.includes(undefined)) return undefined
  return units.length === 0 ? undefined : Math.min(...units.map((unit) => hash32(unit ?? '')))
}

/**
 * The first moment of that phase after `afterMs`. Moments of an interval are moments of every interval that divides it,
 * so that specs of several intervals meet; and they are whole seconds where they can be, as times in a status are.
 */
export function momentAfter(afterMs: number, { phase, intervalMs }: { phase: number; intervalMs: number }): number {
  const offsetMs = (intervalMs < 1000 ? phase : phase * 1000) % intervalMs
  const sinceLastMs = (((afterMs - offsetMs) % intervalMs) + intervalMs) % intervalMs
  return afterMs + intervalMs - sinceLastMs
}

/** What the entry reads, by name; undefined when it is generated. */
function unitOf(entry: Entry, { metadata, spec }: ExternalSecret): string | undefined {
  if (entry.sourceRef?.generatorRef !== undefined) return undefined
  const place = storePlace(entry.sourceRef?.storeRef ?? spec.secretStoreRef ?? {}, metadata.namespace ?? '')
  return `${storeKey(place)}\n${readOf(entry)}`
}

function readOf(entry: Entry): string {
  if ('remoteRef' in entry) return keyOf(entry.remoteRef)
  if (entry.find !== undefined) return `find ${JSON.stringify(entry.find)}`
  return entry.extract === undefined ? '' : keyOf(entry.extract)
}

function keyOf({ key, version, metadataPolicy = 'None' }: NonNullable<Spec['data']>[number]['remoteRef']): string {
  return JSON.stringify([key, version ?? null, metadataPolicy])
}

/** FNV-1a, then MurmurHash3's last step: neighbouring names lie far apart. */
function hash32(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
