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
  if (!/^(GMT|UTC)[+-]/.test(short) && !zone.startsWith('Europe/')) return short
  const known = names.find(([, zones]) => zones.split(' ').includes(zone))?.[0].split(' ')
  const winter = known && winterSeconds[known[0] ?? '']
  if (known && winter !== undefined) return (offsetSeconds === winter ? known[0] : known[1]) ?? short
  if (!/^(GMT|UTC)[+-]/.test(short)) return short
  const hours = `${Math.floor(Math.abs(offsetSeconds) / 3600)}`.padStart(2, '0')
  const minutes = Math.floor(Math.abs(offsetSeconds) / 60) % 60
  return `${offsetSeconds < 0 ? '-' : '+'}${hours}${minutes === 0 ? '' : `${minutes}`.padStart(2, '0')}`
}

/** Where the runtime's English locale knows no name but Go's database does: winter and summer time, and the zones. */
const names: readonly (readonly [string, string])[] = [
  ['GMT BST', 'Europe/London'],
  ['GMT IST', 'Europe/Dublin'],
  ['WET WEST', 'Europe/Lisbon'],
  [
    'CET CEST',
    'Europe/Amsterdam Europe/Belgrade Europe/Berlin Europe/Brussels Europe/Budapest Europe/Copenhagen ' +
      'Europe/Luxembourg Europe/Madrid Europe/Malta Europe/Oslo Europe/Paris Europe/Prague Europe/Rome ' +
      'Europe/Stockholm Europe/Vienna Europe/Warsaw Europe/Zagreb Europe/Zurich',
  ],
  [
    'EET EEST',
    'Europe/Athens Europe/Bucharest Europe/Helsinki Europe/Kyiv Europe/Riga Europe/Sofia ' +
      'Europe/Tallinn Europe/Vilnius',
  ],
  ['MSK', 'Europe/Moscow'],
  ['IST', 'Asia/Kolkata Asia/Calcutta'],
  ['CST', 'Asia/Shanghai Asia/Taipei'],
  ['HKT', 'Asia/Hong_Kong'],
  ['KST', 'Asia/Seoul'],
  ['JST', 'Asia/Tokyo'],
  ['AEST AEDT', 'Australia/Sydney Australia/Melbourne'],
  ['NZST NZDT', 'Pacific/Auckland'],
  ['SAST', 'Africa/Johannesburg'],
]
const winterSeconds: Readonly<Record<string, number>> = {
  GMT: 0,
  WET: 0,
  CET: 3_600,
  EET: 7_200,
  MSK: 10_800,
  IST: 19_800,
  CST: 28_800,
  HKT: 28_800,
  KST: 32_400,
  JST: 32_400,
  AEST: 36_000,
  NZST: 43_200,
  SAST: 7_200,
}
