import { bytesOf, byteStringOf, unicodeText } from '../byte-string.ts'
import { jsonText } from '../format/json.ts'
import { FunctionFailure, type FunctionTable, takes } from './definition.ts'
import { jsonValue } from './json-value.ts'

const toJson = takes(['any'], ([value], { budget }) => jsonText(value, { escapesHtml: true, indent: '' }, budget))
const toRawJson = takes(['any'], ([value], { budget }) => jsonText(value, { escapesHtml: false, indent: '' }, budget))
const toPrettyJson = takes(['any'], ([value], { budget }) =>
  jsonText(value, { escapesHtml: true, indent: '  ' }, budget),
)

/** Decoders never fail: they answer Go's words for what is wrong, which hold a position and no value. */
export const encodingFunctions: FunctionTable = {
  b64enc: takes(['string'], ([text]) => bytesOf(text).toString('base64')),
  b64dec: takes(['string'], ([text]) => base64Decoded(text)),
  b32enc: takes(['string'], ([text], { budget }) => {
    budget.reserve(8 * text.length)
    return base32Encoded(text)
  }),
  b32dec: takes(['string'], ([text], { budget }) => {
    budget.reserve(8 * text.length)
    return base32Decoded(text)
  }),
  hexdec: takes(['string'], ([text]) => hexDecoded(text)),
  fromJson: takes(['string'], ([text], { budget }) => jsonValue(unicodeText(text), budget) ?? null),
  mustFromJson: takes(['string'], ([text], { budget }) => {
    const value = jsonValue(unicodeText(text), budget)
    if (value === undefined) throw new FunctionFailure('the text is not JSON')
    return value
  }),
  toJson,
  mustToJson: toJson,
  toRawJson,
  mustToRawJson: toRawJson,
  toPrettyJson,
  mustToPrettyJson: toPrettyJson,
}

/** Line ends between the characters do not count, and padding is required, as in Go. */
function base64Decoded(text: string): string {
  const offset = base64Fault(text)
  if (offset !== undefined) return `illegal base64 data at input byte ${offset}`
  return byteStringOf(Buffer.from(text, 'base64'))
}

/** Where Go's decoder gives up. */
function base64Fault(text: string): number | undefined {
  let count = 0
  let padding = 0
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index] ?? ''
    if (character === '\n' || character === '\r') continue
    if (character === '=') {
      padding += 1
      const isPlaced = padding === 1 ? count % 4 >= 2 : padding === 2 && count % 4 === 2
      if (!isPlaced) return index
      continue
    }
    // With one of two paddings missing Go points at the first.
    if (padding > 0) return padding === 1 && count % 4 === 2 ? index - 1 : index
    if (!/[A-Za-z0-9+/]/.test(character)) return index
    count += 1
  }
  const isWhole = padding === 0 ? count % 4 === 0 : (count + padding) % 4 === 0
  return isWhole ? undefined : lengthFault(text, { count, padding })
}

function lengthFault(text: string, { count, padding }: { readonly count: number; readonly padding: number }): number {
  return padding > 0 ? text.length : text.length - (count % 4)
}

const base32Alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

function base32Encoded(text: string): string {
  let result = ''
  for (let index = 0; index < text.length; index += 5) {
    const group = text.slice(index, index + 5)
    const bits = [...group].map((byte) => byte.charCodeAt(0).toString(2).padStart(8, '0')).join('')
    const characters = bits.match(/.{1,5}/g) ?? []
    result += characters
      .map((five) => base32Alphabet[Number.parseInt(five.padEnd(5, '0'), 2)])
      .join('')
      .padEnd(8, '=')
  }
  return result
}

function base32Decoded(text: string): string {
  const body = text.replace(/[\r\n]/g, '')
  const data = body.replace(/=+$/, '')
  const fault = /[^A-Z2-7]/.exec(data)
  if (fault) return `illegal base32 data at input byte ${fault.index}`
  const isWhole = body.length % 8 === 0 && [0, 2, 4, 5, 7].includes(data.length % 8) && body.length - data.length < 8
  const isPadded = body.length > data.length
  if (!isWhole) return `illegal base32 data at input byte ${isPadded ? body.length : data.length - (data.length % 8)}`
  const bits = [...data].map((character) => base32Alphabet.indexOf(character).toString(2).padStart(5, '0')).join('')
  return (bits.match(/.{8}/g) ?? []).map((byte) => String.fromCharCode(Number.parseInt(byte, 2))).join('')
}

/** Of a wrong byte Go's message would quote the value; ours says where it stands. */
function hexDecoded(text: string): string {
  const fault = /[^0-9a-fA-F]/.exec(text)
  if (fault) return `encoding/hex: invalid byte at ${fault.index}`
  if (text.length % 2 === 1) return 'encoding/hex: odd length hex string'
  return byteStringOf(Buffer.from(text, 'hex'))
}
