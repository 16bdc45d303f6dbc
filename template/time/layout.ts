import type { CivilTime, Moment } from './moment.ts'

export const monthNames = 'January February March April May June July August September October November December'.split(
  ' ',
)
export const weekdayNames = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ')

/** Pieces of a Go layout, which is the reference time written in the wanted form; all else is literal text. */
const pieces = [
  'January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|2006|__2|_2(?!006)|002|0[1-6]|15|[1-5]|PM|pm',
  '[-Z]07(?:0000|:00:00|00|:00)?',
  '[.,](?:0+|9+)(?![0-9])',
]
const piecePattern = new RegExp(pieces.join('|'), 'g')

export interface LayoutPart {
  /** Empty at the end of the layout. */
  readonly piece: string
  /** Literal text before the piece. */
  readonly prefix: string
}

export function layoutParts(layout: string): readonly LayoutPart[] {
  const parts: LayoutPart[] = []
  let end = 0
  for (const match of layout.matchAll(piecePattern)) {
    parts.push({ prefix: layout.slice(end, match.index), piece: match[0] })
    end = match.index + match[0].length
  }
  return [...parts, { prefix: layout.slice(end), piece: '' }]
}

export const stringLayout = '2006-01-02 15:04:05.999999999 -0700 MST'

export function formatMoment(moment: Moment, layout: string): string {
  const civil = moment.civil()
  return layoutParts(layout)
    .map(({ prefix, piece }) => prefix + pieceText(piece, civil))
    .join('')
}

const texts: Readonly<Record<string, (time: CivilTime) => string>> = {
  '': () => '',
  January: ({ month }) => monthNames[month - 1] ?? '',
  Jan: ({ month }) => (monthNames[month - 1] ?? '').slice(0, 3),
  '01': ({ month }) => padded(month, 2),
  '1': ({ month }) => `${month}`,
  Monday: ({ weekday }) => weekdayNames[weekday] ?? '',
  Mon: ({ weekday }) => (weekdayNames[weekday] ?? '').slice(0, 3),
  '2006': ({ year }) => padded(year, 4),
  '06': ({ year }) => padded(Math.abs(year) % 100, 2),
  '02': ({ day }) => padded(day, 2),
  _2: ({ day }) => `${day}`.padStart(2),
  '2': ({ day }) => `${day}`,
  '002': ({ yearDay }) => padded(yearDay, 3),
  __2: ({ yearDay }) => `${yearDay}`.padStart(3),
  '15': ({ hour }) => padded(hour, 2),
  '03': ({ hour }) => padded(hour % 12 || 12, 2),
  '3': ({ hour }) => `${hour % 12 || 12}`,
  '04': ({ minute }) => padded(minute, 2),
  '4': ({ minute }) => `${minute}`,
  '05': ({ second }) => padded(second, 2),
  '5': ({ second }) => `${second}`,
  PM: ({ hour }) => (hour >= 12 ? 'PM' : 'AM'),
  pm: ({ hour }) => (hour >= 12 ? 'pm' : 'am'),
  MST: ({ abbreviation, offsetSeconds }) =>
    abbreviation !== '' ? abbreviation : offsetText(offsetSeconds, { separator: '', withSeconds: false }),
}

function pieceText(piece: string, civil: CivilTime): string {
  const text = texts[piece]
  if (text) return text(civil)
  if (piece.startsWith('.') || piece.startsWith(',')) return fraction(piece, civil.nanosecond)
  if (piece.startsWith('Z') && civil.offsetSeconds === 0) return 'Z'
  if (piece.length === 3) return offsetText(civil.offsetSeconds, { separator: '', withSeconds: false }).slice(0, 3)
  const separator = piece.includes(':') ? ':' : ''
  return offsetText(civil.offsetSeconds, { separator, withSeconds: piece.length > 6 })
}

/** Zeros keep their places, nines drop zeros at the end. */
function fraction(piece: string, nanosecond: number): string {
  const digits = padded(nanosecond, 9)
    .slice(0, piece.length - 1)
    .padEnd(piece.length - 1, '0')
  if (piece[1] === '0') return `${piece[0]}${digits}`
  const kept = digits.replace(/0+$/, '')
  return kept === '' ? '' : `${piece[0]}${kept}`
}

function offsetText(seconds: number, form: { readonly separator: string; readonly withSeconds: boolean }): string {
  const magnitude = Math.abs(seconds)
  const parts = [Math.floor(magnitude / 3600), Math.floor(magnitude / 60) % 60, magnitude % 60]
  const shown = parts.slice(0, form.withSeconds ? 3 : 2).map((part) => padded(part, 2))
  return `${seconds < 0 ? '-' : '+'}${shown.join(form.separator)}`
}

function padded(value: number, width: number): string {
  return `${value < 0 ? '-' : ''}${`${Math.abs(value)}`.padStart(width, '0')}`
}
