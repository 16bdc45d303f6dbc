import t from 'tap'
import { decodeJson, JsonDecodeError } from './decode.ts'
import { jsonEqual, jsonEqualBut } from './equal.ts'
import { withMembers, withoutMembers } from './member.ts'

const bytes = (text: string): Uint8Array => Buffer.from(text)
const duplicates = (text: string): readonly string[] => decodeJson(bytes(text)).duplicates

t.test('values come through as they are', (t) => {
  const text = '{"a":[1,-2.5e3,true,false,null,"x\\"\\\\y\\u00e9"],"b":{"":{}},"c":[]}'
  t.strictSame(decodeJson(bytes(text)).value, JSON.parse(text))
  t.strictSame(decodeJson(bytes(' \n\t7\r ')).value, 7)
  t.end()
})

t.test('a member given twice is named with its path, and the last one wins', (t) => {
  const text = '{"spec":{"foo":1,"list":[{},{"a":1,"a":2,"a":3}],"foo":{"x":1}},"ok":"\\"foo\\":"}'
  t.strictSame(duplicates(text), ['spec.list[1].a', 'spec.foo'])
  t.strictSame(decodeJson(bytes('{"a":1,"a":2}')).value, { a: 2 })
  t.strictSame(duplicates('{"a":{"x":1},"b":{"x":1}}'), [])
  t.strictSame(duplicates('{"a":1,"\\u0061":2}'), ['a'])
  t.end()
})

t.test('a member __proto__ is a member like any other', (t) => {
  const { value, duplicates } = decodeJson(bytes('{"__proto__":{"polluted":true},"constructor":1}'))
  t.strictSame(Object.keys(value ?? {}), ['__proto__', 'constructor'])
  t.equal(Object.getPrototypeOf(value), Object.prototype)
  t.strictSame(duplicates, [])
  t.notOk('polluted' in {})
  t.end()
})

t.test('what is not JSON is refused in our own words', (t) => {
  const cases = [
    ['', 'invalid JSON: unexpected end of JSON input'],
    ['{"a":', 'invalid JSON: unexpected end of JSON input'],
    ['{"a" 1}', 'invalid JSON: no colon after the name of a member at offset 5'],
    ['{a:1}', 'invalid JSON: no name of a member where one is due at offset 1'],
    ['{"a":1,}', 'invalid JSON: no name of a member where one is due at offset 7'],
    ['[1 2]', 'invalid JSON: neither a comma nor ] where one is due at offset 3'],
    ['[01]', 'invalid JSON: neither a comma nor ] where one is due at offset 2'],
    ['tru', 'invalid JSON: no value where one is due at offset 0'],
    ['{} {}', 'invalid JSON: a character after the end of the document at offset 3'],
    ['"a\nb"', 'invalid JSON: a malformed string'],
    ['"\\x"', 'invalid JSON: a malformed string'],
    ['{"canary', 'invalid JSON: a string without an end at offset 1'],
  ] as const
  for (const [text, message] of cases) t.throws(() => decodeJson(bytes(text)), new JsonDecodeError(message), text)
  t.end()
})

t.test('an integer that a double cannot keep is refused, a fraction is not', (t) => {
  t.strictSame(decodeJson(bytes('[9007199254740991,-9007199254740991,1e30,0.12345678901234567890]')).value, [
    Number.MAX_SAFE_INTEGER,
    Number.MIN_SAFE_INTEGER,
    1e30,
    0.12345678901234568,
  ])
  for (const text of ['9007199254740993', '{"a":-9223372036854775808}']) {
    t.throws(() => decodeJson(bytes(text)), { message: /an integer beyond 2\^53/ }, text)
  }
  for (const text of ['{"a":1e999}', `-${'9'.repeat(400)}.5`]) {
    t.throws(() => decodeJson(bytes(text)), { message: /a number beyond the range of a double/ }, text)
  }
  t.end()
})

t.test('nesting has an end', (t) => {
  const nested = (depth: number): Uint8Array => bytes('['.repeat(depth) + ']'.repeat(depth))
  t.doesNotThrow(() => decodeJson(nested(200)))
  t.throws(() => decodeJson(nested(201)), { message: /nesting deeper than 200/ })
  t.throws(() => decodeJson(bytes('{"a":'.repeat(1_000_000))), { message: /nesting deeper than 200/ })
  t.end()
})

t.test('equality knows neither order nor undefined members', (t) => {
  t.ok(jsonEqual({ a: 1, b: [{ c: null }] }, { b: [{ c: null }], a: 1, d: undefined }))
  t.notOk(jsonEqual({ a: 1 }, { a: 1, b: null }))
  t.notOk(jsonEqual([1, 2], [2, 1]))
  t.notOk(jsonEqual([], {}))
  t.notOk(jsonEqual({ a: undefined, b: 1 }, { a: 1 }))
  t.notOk(jsonEqual(JSON.parse('{"__proto__":1}'), {}))
  t.end()
})

t.test('a copy with members: old ones keep their place, new ones come last, undefined is no member', (t) => {
  const object: { a: number; b?: number; c?: number } = { a: 1, b: 2 }
  t.equal(JSON.stringify(withMembers(object, { c: 3, a: 4 })), '{"a":4,"b":2,"c":3}')
  t.strictSame(Object.keys(withMembers(object, { b: undefined, c: undefined })), ['a', 'b'])
  t.strictSame(object, { a: 1, b: 2 })
  const hostile = JSON.parse('{"__proto__":{"x":1}}') as { y?: number }
  t.equal(JSON.stringify(withMembers(hostile, { y: 2 })), '{"__proto__":{"x":1},"y":2}')
  t.equal(Object.getPrototypeOf(withMembers(hostile, { y: 2 })), Object.prototype)
  t.end()
})

t.test('two objects are the same but for what is left out', (t) => {
  const ignored = new Set(['a', 'b'])
  t.ok(jsonEqualBut(ignored, { a: 1, c: [1] }, { b: 2, c: [1] }))
  t.notOk(jsonEqualBut(ignored, { a: 1, c: [1] }, { a: 1, c: [2] }))
  t.notOk(jsonEqualBut(ignored, { a: 1 }, { a: 1, c: 1 }))
  t.notOk(jsonEqualBut(ignored, { c: { a: 1 } }, { c: { a: 2 } }), 'names count at the top only')
  t.end()
})

t.test('an object without members is a copy only where it has one of them', (t) => {
  const object: { a?: number; b?: number } = { a: 1, b: 2 }
  t.strictSame(withoutMembers(object, ['a']), { b: 2 })
  t.same(object, { a: 1, b: 2 })
  const other: { a?: number; b?: number } = { b: 2 }
  t.equal(withoutMembers(other, ['a']), other)
  t.end()
})
