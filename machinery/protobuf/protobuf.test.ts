import t from 'tap'
import { decodeEnvelope } from './envelope.ts'
import { ProtobufDecodeError } from './errors.ts'
import * as read from './fields.ts'
import { decodeMessage, type Message } from './message.ts'
import * as write from './writer.ts'

const inner: Message = { name: read.text(1), size: read.optionalInteger(2) }

const message: Message = {
  text: read.text(1),
  optionalText: read.optionalText(2),
  integer: read.integer(3),
  optionalInteger: read.optionalInteger(4),
  flag: read.optionalFlag(5),
  message: read.message(6, inner),
  messages: read.messages(7, inner),
  texts: read.texts(8),
  textMap: read.textMap(9),
  bytesMap: read.bytesMap(10),
  time: read.time(11),
  microTime: read.microTime(12),
  json: read.json(13),
}

/** Messages as they are written: `text`, `number` and so on as the writer makes them, one after the other. */
const text = (number: number, value: string): string => write.text(number)(value)
const integer = (number: number, value: number): string => write.integer(number)(value)
const nested = (number: number, content = ''): string => write.message(number, () => content)(undefined)
const minusOne = '\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01'

function decoded(bytes: string): unknown {
  return decodeMessage(message, write.bytesOf(bytes))
}

t.test('messages become the JSON objects that Go makes of them', async (t) => {
  const cases: readonly (readonly [what: string, bytes: string, object: object])[] = [
    ['nothing', '', {}],
    ['a text', text(1, 'grüße'), { text: 'grüße' }],
    ['an empty text', text(1, ''), {}],
    ['an empty text that was set', text(2, ''), { optionalText: '' }],
    ['an integer', integer(3, 300), { integer: 300 }],
    ['a great integer', integer(3, 2 ** 52 + 1), { integer: 2 ** 52 + 1 }],
    ['a negative integer', `\x18${minusOne}`, { integer: -1 }],
    ['a zero', integer(3, 0), {}],
    ['a zero that was set', integer(4, 0), { optionalInteger: 0 }],
    ['no', integer(5, 0), { flag: false }],
    ['yes', integer(5, 1), { flag: true }],
    ['an empty message', nested(6), { message: {} }],
    ['a message', nested(6, text(1, 'a') + integer(2, 5)), { message: { name: 'a', size: 5 } }],
    ['a message in pieces', nested(6, text(1, 'a')) + nested(6, integer(2, 5)), { message: { name: 'a', size: 5 } }],
    ['a list of messages', nested(7, text(1, 'a')) + nested(7), { messages: [{ name: 'a' }, {}] }],
    ['a list of texts', text(8, 'a') + text(8, ''), { texts: ['a', ''] }],
    ['a map of texts', nested(9, text(1, 'k') + text(2, 'v')), { textMap: { k: 'v' } }],
    ['a map of nothing', nested(9), { textMap: { '': '' } }],
    ['a map of bytes', nested(10, text(1, 'k') + text(2, '\0þ')), { bytesMap: { k: 'AMO+' } }],
    ['a map of no bytes', nested(10, text(1, 'k') + nested(2)), { bytesMap: { k: '' } }],
    ['no time', nested(11), { time: null }],
    ['the first second', nested(11, integer(1, 0) + integer(2, 0)), { time: '1970-01-01T00:00:00Z' }],
    ['a time', nested(11, integer(1, 1_700_000_000)), { time: '2023-11-14T22:13:20Z' }],
    ['before 1970', nested(11, `\x08${minusOne}`), { time: '1969-12-31T23:59:59Z' }],
    ['micros', nested(12, integer(1, 1) + integer(2, 1_234_567)), { microTime: '1970-01-01T00:00:01.001234Z' }],
    ['JSON', nested(13, text(1, '{"f:a":{}}')), { json: { 'f:a': {} } }],
    ['JSON that is not there', nested(13), {}],
    ['the same field twice', text(1, 'a') + text(1, 'b'), { text: 'b' }],
    ['unknown fields', `${text(99, 'a')}${integer(98, 1)}\xb9\x06${'\0'.repeat(8)}\xbd\x06${'\0'.repeat(4)}`, {}],
    ['an unknown number that no double keeps', `\xb0\x06${'\xff'.repeat(8)}\x7f`, {}],
  ]
  for (const [what, bytes, object] of cases) t.same(decoded(bytes), object, what)
})

t.test('a key may be any text', async (t) => {
  const { textMap } = decodeMessage(message, write.bytesOf(nested(9, text(1, '__proto__') + text(2, 'v'))))
  t.equal(JSON.stringify(textMap), '{"__proto__":"v"}')
})

t.test('bytes that are no message are refused in words of our own', async (t) => {
  const cases: readonly (readonly [what: string, bytes: string, message: RegExp])[] = [
    ['a tag without a field', '\x0a', /an unfinished number/],
    ['half a number', '\x18\x80', /an unfinished number/],
    ['a number of eleven bytes', `\x18${'\x80'.repeat(10)}\x01`, /more than 64 bits/],
    ['a number that no double keeps', `\x18${'\xff'.repeat(8)}\x7f`, /too great to keep/],
    ['a text longer than the rest', '\x0a\x05abc', /longer than what is there/],
    ['a text of negative length', `\x0a${minusOne}`, /longer than what is there/],
    ['the rest of a number of fixed length', '\xb9\x06\0\0', /longer than what is there/],
    ['field 0', '\x02\x00', /without a number/],
    ['a group', '\x0b\x0c', /no known wire type/],
    ['a number for a text', integer(1, 1), /field 1 has another wire type/],
    ['a text for a number', text(3, 'hidden'), /field 3 has another wire type/],
    ['a time after the last year', nested(11, integer(1, 253_402_300_800)), /a time before the first or after/],
    ['a second of more than a second', nested(12, integer(2, 1e9)), /a time before the first or after/],
    ['fields without end', text(8, '').repeat(100_001), /more than 100000 fields/],
    ['JSON that is none', nested(13, text(1, '{hidden')), /invalid JSON/],
  ]
  for (const [what, bytes, expected] of cases) {
    const error = t.throws(() => decoded(bytes), { name: 'ProtobufDecodeError', message: expected }, what)
    if (error instanceof ProtobufDecodeError) t.notMatch(error.message, /hidden/, what)
  }
})

t.test('an object comes in an envelope that names its type', async (t) => {
  const type = nested(1, text(1, 'v1') + text(2, 'Widget'))
  const raw = nested(2, text(1, 'a'))
  const open = (bytes: string): unknown => decodeEnvelope(inner, write.bytesOf(bytes))
  t.same(open(`k8s\0${type}${raw}${text(3, '')}${text(4, '')}`), { apiVersion: 'v1', kind: 'Widget', name: 'a' })
  t.same(open(`k8s\0${raw}`), { name: 'a' })
  t.same(open('k8s\0'), {})
  for (const bytes of ['', 'k8s', '{"kind":"Widget"}']) t.throws(() => open(bytes), /first bytes are not k8s/, bytes)
})
