/** A place's clock: how far it is ahead of UTC at a moment, and what that is called there. */
export interface Zone {
  readonly name: string
  readonly at: (epochMs: number) => { readonly offsetSeconds: number; readonly abbreviation: string }
}

export const utc: Zone = { name: 'UTC', at: () => ({ offsetSeconds: 0, abbreviation: 'UTC' }) }

/** A zone that a parsed text named by its offset; it may have no name. */
export function fixedZone(offsetSeconds: number, abbreviation = ''): Zone {
  return { name: abbreviation, at: () => ({ offsetSeconds, abbreviation }) }
}

/** By its name in the IANA database. The process's own zone is UTC, as in a container. */
export function zoneNamed(name: string): Zone | undefined {
  if (name === '' || name === 'UTC' || name === 'Local') return utc
  if (!/^[A-Za-z]/.test(name)) return undefined
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' })
    const short = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'short' })
    return {
      name,
      at: (epochMs) => {
        const offsetSeconds = secondsOf(zonePart(format, epochMs))
        return { offsetSeconds, abbreviation: abbreviationOf(zonePart(short, epochMs), name, offsetSeconds) }
      },
    }
  } catch {
    return undefined
  }
}

function zonePart(format: Intl.DateTimeFormat, epochMs: number): string {
  return format.formatToParts(epochMs).find(({ type }) => type === 'timeZoneName')?.value ?? ''
}

function secondsOf(text: string): number {
  const [, sign, hours = '0', minutes = '0', seconds = '0'] = /([+-])(\d\d):(\d\d)(?::(\d\d))?/.exec(text) ?? []
  const magnitude = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
  return sign === '-' ? -magnitude : magnitude
}

function abbreviationOf(short: string, zone: string, offsetSeconds: number): string {
  if (!/^(GMT|UTC)[+-]/.test(short)) return short
  if (zone.startsWith('Europe/') && isCentral(zone)) return offsetSeconds === 3600 ? 'CET' : 'CEST'
  const hours = Math.floor(Math.abs(offsetSeconds) / 3600)
  const minutes = Math.floor(Math.abs(offsetSeconds) / 60) % 60
  const digits = `${hours}`.padStart(2, '0') + (minutes === 0 ? '' : `${minutes}`.padStart(2, '0'))
  return `${offsetSeconds < 0 ? '-' : '+'}${digits}`
}

/** Where the runtime's English locale knows no name for central European time, but Go does. */
const central =
  'Amsterdam Berlin Brussels Budapest Copenhagen Luxembourg Madrid Oslo Paris Prague Rome Stockholm Vienna Warsaw Zurich'

function isCentral(zone: string): boolean {
  return central.split(' ').includes(zone.slice('Europe/'.length))
}
