import { isIPv4, isIPv6 } from 'node:net'
import { parseGoDuration } from '../duration.ts'
import { parseTime } from '../time.ts'

/** The formats of strings that apiextensions/v1 checks; others are names only, as there. */
export function formatTest(format: string | undefined): ((text: string) => boolean) | undefined {
  return format === undefined ? undefined : formats.get(format)
}

/** Formats whose text must not be repeated in an error. */
export function isHiddenFormat(format: string | undefined): boolean {
  return format === 'byte' || format === 'password'
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i
const hostname = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*\.?$/i

const formats: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ['byte', (text: string) => base64.test(text.replaceAll(/[\r\n]/g, ''))],
  ['date', (text: string) => /^\d{4}-\d\d-\d\d$/.test(text) && parseTime(`${text}T00:00:00Z`) !== undefined],
  ['date-time', (text: string) => parseTime(text) !== undefined],
  ['duration', (text: string) => parseGoDuration(text) !== undefined],
  ['uuid', (text: string) => uuid.test(text)],
  ['hostname', (text: string) => text.length <= 255 && hostname.test(text)],
  ['ipv4', (text: string) => isIPv4(text)],
  ['ipv6', (text: string) => isIPv6(text)],
  ['uri', (text: string) => URL.canParse(text)],
])
