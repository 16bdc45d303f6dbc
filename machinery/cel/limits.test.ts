import t from 'tap'
import { CelCostError, CelEvaluationError } from './errors.ts'
import { Meter } from './meter.ts'
import { compileProgram } from './program.ts'
import { declaredType } from './declaration.ts'
import { readerOf } from './values/json-value.ts'
import type { Schema } from '../schema/schema.ts'
import { simple } from './type.ts'

const list: Schema = { type: 'array', items: { type: 'integer' } }
/** Less than the limit of Kubernetes, for the sake of the test's time. */
const limit = 200_000

function evaluated(text: string, schema: Schema, json: unknown): { readonly result: unknown; readonly cost: number } {
  const program = compileProgram(text, [{ name: 'self', type: declaredType(schema, false) ?? simple('bool') }])
  const meter = new Meter(limit)
  try {
    return { result: program.evaluate([readerOf(schema, false)(json)], meter), cost: meter.cost }
  } catch (error) {
    if (!(error instanceof CelEvaluationError || error instanceof CelCostError)) throw error
    return { result: error.message, cost: meter.cost }
  }
}

t.test('costs are those of cel-go', (t) => {
  const object: Schema = {
    type: 'object',
    properties: {
      s: { type: 'string' },
      l: { type: 'array', items: { type: 'object', properties: { n: { type: 'string' }, v: { type: 'integer' } } } },
      m: { type: 'object', additionalProperties: { type: 'integer' } },
    },
  }
  const json = {
    s: 'bcdefghijklmno',
    l: [
      { n: 'a', v: 1 },
      { n: 'b', v: 2 },
    ],
    m: { a: 1, b: 2 },
  }
  const rows: readonly (readonly [string, number])[] = [
    ['1 + 1 == 2', 2],
    ['[1, 2, 3].all(x, x > 0)', 16],
    ['[1, 2, 3].map(x, x * 2)', 43],
    ['[1, 2, 3].filter(x, x > 1)', 33],
    ['[1, 2, 3].exists_one(x, x > 2)', 10],
    ['has(self.s) != has(self.l)', 3],
    ['self.l.map(x, x.n)', 31],
    ['self.l[0].v + self.l[1].v', 9],
    ["self.s in ['a', 'b', 'c']", 2],
    ["self.s.matches('^[a-z]+$')", 6],
    ["'a' in self.m && self.m.a == 1", 7],
  ]
  for (const [text, cost] of rows) t.equal(evaluated(text, object, json).cost, cost, text)
  t.end()
})

t.test('what costs too much is stopped, however the work is hidden', (t) => {
  const numbers = Array.from({ length: 5000 }, (_, index) => index)
  const texts: readonly string[] = [
    'self.all(x, self.all(y, self.all(z, z >= 0)))',
    'self.all(x, self == self)',
    'self.map(x, self.map(y, x + y)).size() > 0',
    'self.all(x, (self + self).exists(y, y == -1) || true)',
    'self.all(x, sets.contains(self, self))',
    'self.all(x, self.sort().size() > 0)',
    'self.all(x, self.sum() >= 0)',
    'self.all(x, [self, self].flatten().size() > 0)',
    'self.all(x, lists.range(9223372036854775807).size() > 0)',
    "self.all(x, 'ab'.matches('(a|b|ab)*c') || self.exists(y, y == -1) || true)",
    'lists.range(2000000).size() > 0',
    'self.all(x, self.all(y, 1 / 0 > 0) || true)',
    "self.all(x, self.all(y, timestamp(y).getHours('Europe/Berlin') >= 0))",
    'self.distinct().size() > 0',
    '!(self.exists(x, self.exists(y, x + y < 0)) || true)',
  ]
  for (const text of texts) {
    t.equal(evaluated(text, list, numbers).result, 'operation cancelled: actual cost limit exceeded', text)
  }
  t.end()
})

t.test('a text does not grow without end', (t) => {
  const rows = [
    "self.replace('', self).replace('', self).replace('', self).size()",
    "self.split('').map(x, self).map(x, self).join(self.replace('x', 'xxxxxxxxxx')).size()",
  ]
  const text: Schema = { type: 'string' }
  for (const row of rows) t.match(evaluated(row, text, 'x'.repeat(1000)).result, /too long|cost limit exceeded/, row)
  t.end()
})

t.test('patterns are RE2: none of them runs away', (t) => {
  const text: Schema = { type: 'string' }
  const json = `${'a'.repeat(2000)}!`
  for (const pattern of ['^(a|aa)+$', '^(a+)+$', '(a*)*b', '(.*a){20}$']) {
    t.equal(evaluated(`self.matches('${pattern}')`, text, json).result, false, pattern)
    t.equal(evaluated(`self.find('${pattern}') == ''`, text, json).result, true, pattern)
    t.equal(evaluated(`self.matches(self + '${pattern}')`, text, 'b').result, false, pattern)
  }
  t.equal(evaluated('self.matches(self)', text, '(').result, 'error parsing regexp')
  t.equal(evaluated('self.matches(self)', text, '(?=a)').result, 'error parsing regexp')
  t.equal(evaluated('"a".matches(self)', text, 'a'.repeat(5000)).result, 'the regular expression is too long')
  t.end()
})

t.test('an expression is neither too long nor too deep', (t) => {
  const refused = (text: string, message: RegExp): void => {
    t.throws(() => compileProgram(text, []), { name: 'CelCompileError', message })
  }
  refused('('.repeat(300) + ')'.repeat(300), /^1:\d+: expression nests deeper than 250/)
  refused(`${'['.repeat(10_000)}1`, /nests deeper/)
  refused(`${'true ? 1 : '.repeat(5000)}1`, /nests deeper/)
  refused(`1${' + 1'.repeat(5000)}`, /too many operators/)
  refused(`a${'.a'.repeat(5000)}`, /too many members/)
  refused(`"${'x'.repeat(100_001)}"`, /^1:1: longer than 100000 characters/)
  t.doesNotThrow(() => compileProgram(`${'!'.repeat(50_000)}true`, []))
  t.doesNotThrow(() => compileProgram(`true${' && true'.repeat(5000)}`, []))
  t.end()
})

t.test('a mistake is told with its line and column', (t) => {
  const rows: readonly (readonly [string, string])[] = [
    ['self.a ==\n  self.b', "2:7: undefined field 'b'"],
    ['// the size\nself.a > "x"', "2:8: found no matching overload for '_>_' applied to '(int, string)'"],
    ['self.a.b', "1:7: type 'int' does not support field selection"],
    ['self.all(x, true)', /^1:1: expression of type 'self' cannot be range of a comprehension/.source],
    ['oldself.a', "1:1: undeclared reference to 'oldself' (in container '')"],
    ['self.a == 1 &&', "1:15: Syntax error: unexpected '<EOF>'"],
    ['self.a ? 1 : 2', "1:5: expected type 'bool' but found 'int'"],
  ]
  const type = declaredType({ type: 'object', properties: { a: { type: 'integer' } } }, false) ?? simple('bool')
  for (const [text, message] of rows) {
    t.throws(() => compileProgram(text, [{ name: 'self', type }]), { name: 'CelCompileError' }, text)
    try {
      compileProgram(text, [{ name: 'self', type }])
    } catch (error) {
      t.match(error instanceof Error ? error.message : '', message.startsWith('^') ? new RegExp(message) : message)
    }
  }
  t.end()
})
