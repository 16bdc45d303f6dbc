import t from 'tap'
import { array, integer, intOrString, map, object, string } from '../builder.ts'
import type { Schema, ValidationRule } from '../schema.ts'
import { validateSchema } from '../validate.ts'
import { compileRules, judgeByRules } from './rules.ts'

function rule(text: string, options: Omit<ValidationRule, 'rule'> = {}): Pick<Schema, 'x-kubernetes-validations'> {
  return { 'x-kubernetes-validations': [{ rule: text, ...options }] }
}

function judged(spec: Schema, value: unknown, previous?: unknown): readonly string[] {
  const schema: Schema = { type: 'object', properties: { spec } }
  const verdict = judgeByRules(schema, {
    path: '',
    structureErrors: [],
    judged: () => ({ value: { spec: value }, ...(previous !== undefined && { previous: { spec: previous } }) }),
  })
  const texts = verdict.errors.map(({ type, field, message }) => `${type} ${field}: ${message}`)
  return [...texts, ...verdict.warnings.map((text) => `warning ${text}`)]
}

const invalid = 'FieldValueInvalid'

t.test('the messages are those of apiextensions-apiserver 1.36', (t) => {
  const size = { size: integer(''), least: integer(''), port: intOrString('') }
  const cases: readonly (readonly [Schema, unknown, ...string[]])[] = [
    [object('', size, rule('self.size > 3')), { size: 4 }],
    [
      object('', size, rule('self.size > 3')),
      { size: 1 },
      `${invalid} spec: Invalid value: failed rule: self.size > 3`,
    ],
    [
      object('', size, rule('self.size > 3', { message: ' small ' })),
      { size: 1 },
      `${invalid} spec: Invalid value: small`,
    ],
    [
      object('', size, rule('self.size > 3', { message: 'small', reason: 'FieldValueForbidden', fieldPath: '.size' })),
      { size: 1 },
      'FieldValueForbidden spec.size: Forbidden: small',
    ],
    [
      object('', size, rule('self.size > 3', { message: 'small', reason: 'FieldValueRequired' })),
      { size: 1 },
      'FieldValueRequired spec: Required value: small',
    ],
    [
      object('', size, rule('self.size > 3', { reason: 'FieldValueDuplicate' })),
      { size: 1 },
      'FieldValueDuplicate spec: Duplicate value',
    ],
    [
      object('', { size: { ...integer(''), ...rule('self > 3', { messageExpression: "'at most ' + string(self)" }) } }),
      { size: 1 },
      `${invalid} spec.size: Invalid value: 1: at most 1`,
    ],
    [
      object('', { size: { ...integer(''), ...rule('self > 3', { messageExpression: "' '", message: 'small' }) } }),
      { size: 1 },
      `${invalid} spec.size: Invalid value: 1: small`,
    ],
    [
      object('', { size: { ...integer(''), ...rule('self > 3', { messageExpression: 'string(1 / (self - 1))' }) } }),
      { size: 1 },
      `${invalid} spec.size: Invalid value: 1: failed rule: self > 3`,
    ],
    [
      object('', size, rule('self.size / self.least > 0')),
      { size: 1, least: 0 },
      `${invalid} spec: Invalid value: "object": division by zero evaluating rule: self.size / self.least > 0`,
    ],
    [
      object('', size, rule('self.size > self.least', { message: 'too small' })),
      { size: 1 },
      `${invalid} spec: Invalid value: "object": no such key: least evaluating rule: too small`,
    ],
    [
      object('', size, rule('self.port > 5')),
      { port: 'http' },
      `${invalid} spec: Invalid value: "object": 'no such overload': call arguments did not match a supported ` +
        'operator, function or macro signature for rule: self.port > 5',
    ],
    [
      map('', { ...integer(''), ...rule('self > 1') }),
      { 'a.b': 1, c: 2 },
      `${invalid} spec[a.b]: Invalid value: 1: failed rule: self > 1`,
    ],
    [
      array('', { ...string('', { format: 'byte' }), ...rule("self == b'a'") }),
      ['Y2FuYXJ5'],
      `${invalid} spec[0]: Invalid value: "": failed rule: self == b'a'`,
    ],
  ]
  for (const [schema, value, ...expected] of cases)
    t.strictSame(judged(schema, value), expected, JSON.stringify(schema))
  t.end()
})

t.test('rules about a change run where the old value is known, and only there', (t) => {
  const fixed = { ...string(''), ...rule('self == oldSelf', { messageExpression: "'was ' + oldSelf" }) }
  const refused = (path: string) => `${invalid} ${path}: Invalid value: "b": was a`
  const named = object('', { name: string(''), value: fixed })
  const keyed = { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] } as const
  t.strictSame(judged(object('', { color: fixed }), { color: 'b' }), [])
  t.strictSame(judged(object('', { color: fixed }), { color: 'b' }, { color: 'b' }), [])
  t.strictSame(judged(object('', { color: fixed }), { color: 'b' }, {}), [])
  t.strictSame(judged(object('', { color: fixed }), { color: 'b' }, { color: 'a' }), [refused('spec.color')])
  t.strictSame(judged(map('', fixed), { x: 'b', y: 'b' }, { x: 'a' }), [refused('spec[x]')])
  const [after, before] = [
    [
      { name: 'y', value: 'b' },
      { name: 'x', value: 'b' },
    ],
    [
      { name: 'x', value: 'a' },
      { name: 'y', value: 'b' },
    ],
  ]
  t.strictSame(judged(array('', named, keyed), after, before), [refused('spec[1].value')])
  t.strictSame(judged(array('', named), after, before), [], 'an atomic list does not say which item was which')
  t.end()
})

t.test('with optionalOldSelf a rule about a change also runs without an old value', (t) => {
  const grows = rule('!oldSelf.hasValue() || oldSelf.value().size <= self.size', {
    optionalOldSelf: true,
    message: 'shrinks',
  })
  const schema = object('', { size: integer('') }, grows)
  t.strictSame(judged(schema, { size: 1 }), [])
  t.strictSame(judged(schema, { size: 1 }, { size: 2 }), [`${invalid} spec: Invalid value: shrinks`])
  const first = object('', { size: integer('') }, rule('oldSelf.hasValue()', { optionalOldSelf: true, message: 'new' }))
  t.strictSame(judged(first, { size: 1 }), [`${invalid} spec: Invalid value: new`])
  t.end()
})

t.test('what a write did not touch only warns', (t) => {
  const schema = object('', { part: object('', { size: integer('') }, rule('self.size > 3')), other: integer('') })
  const text = 'spec.part: Invalid value: failed rule: self.size > 3'
  t.strictSame(judged(schema, { part: { size: 1 }, other: 2 }, { part: { size: 1 }, other: 1 }), [`warning ${text}`])
  t.strictSame(judged(schema, { part: { size: 1 } }, { part: { size: 2 } }), [`${invalid} ${text}`])
  t.strictSame(judged(schema, { part: { size: 1 } }, {}), [`${invalid} ${text}`])
  t.end()
})

t.test('rules know values by their types, names and absence as Kubernetes does', (t) => {
  const cases: readonly (readonly [string, Schema, unknown])[] = [
    [
      'self.a__dash__b + self.x__slash__y + self.c__dot__d + self.__namespace__ + self.a__underscores__b == 5',
      object('', {
        'a-b': integer(''),
        'x/y': integer(''),
        'c.d': integer(''),
        namespace: integer(''),
        a__b: integer(''),
      }),
      { 'a-b': 1, 'x/y': 1, 'c.d': 1, namespace: 1, a__b: 1 },
    ],
    ["self.set == ['b', 'a'] && self.set + ['a', 'c'] == ['c', 'a', 'b']", setOf('set'), { set: ['a', 'b'] }],
    ["self.list != ['b', 'a']", setOf(undefined), { list: ['a', 'b'] }],
    ['self.at < timestamp("2021-01-01T00:00:00Z")', text('at', 'date-time'), { at: '2020-01-01T00:00:00+02:00' }],
    ['self.day.getDate() == 2', text('day', 'date'), { day: '2020-01-02' }],
    ["self.wait == duration('1h30m')", text('wait', 'duration'), { wait: '90m' }],
    ["self.data == b'abc'", text('data', 'byte'), { data: 'YWJj' }],
    ['!has(self.part) && self.?part.size.orValue(3) == 3', object('', { part: object('', { size: integer('') }) }), {}],
    ['!has(self.part)', object('', { part: object('', {}, { nullable: true }) }), { part: null }],
    ["self.port == 5 || self.port == '5'", object('', { port: intOrString('') }), { port: 5 }],
    ['self.ratio == 1.0 && self.ratio < 2', object('', { ratio: { type: 'number' } }), { ratio: 1 }],
  ]
  for (const [text, schema, value] of cases) t.strictSame(judged({ ...schema, ...rule(text) }, value), [], text)
  t.end()
})

function setOf(name: 'set' | undefined): Schema {
  const items = string('')
  return object('', name ? { set: array('', items, { 'x-kubernetes-list-type': 'set' }) } : { list: array('', items) })
}

function text(name: string, format: string): Schema {
  return object('', { [name]: string('', { format }) })
}

t.test('rules of a whole object know its kind and name, and no more of its metadata', (t) => {
  const root = object('', { spec: object('', {}) }, rule("self.kind + '/' + self.metadata.name == 'Widget/a'"))
  const named = (name: string) => ({ apiVersion: 'v1', kind: 'Widget', metadata: { name } })
  t.strictSame(validateSchema(root, named('a'), ''), [])
  t.equal(validateSchema(root, named('b'), '').length, 1)
  t.throws(() => compileRules(object('', {}, rule('has(self.metadata.labels)'))), {
    message: /undefined field 'labels'/,
  })
  const nested: Schema = object('', {
    spec: { ...object('', {}), 'x-kubernetes-embedded-resource': true, ...rule("self.metadata.name != ''") },
  })
  t.strictSame(validateSchema(nested, { spec: named('a') }, ''), [])
  t.end()
})

t.test('a rule that cannot work fails when it is compiled, with its place', (t) => {
  const fails = (schema: Schema, message: string): void => {
    t.throws(
      () => compileRules({ type: 'object', properties: { spec: schema } }),
      { name: 'RuleError', message },
      message,
    )
  }
  const size = { size: integer('') }
  const at = (text: string) => `spec: rule ${JSON.stringify(text)}:`
  fails(object('', size, rule('self.sise > 3')), `${at('self.sise > 3')} 1:5: undefined field 'sise'`)
  fails(object('', size, rule('self.size')), `${at('self.size')} cel expression must evaluate to a bool`)
  fails(
    object('', size, rule('self.size > "3"')),
    `${at('self.size > "3"')} 1:11: found no matching overload for '_>_' applied to '(int, string)'`,
  )
  fails(
    object('', size, rule('true', { messageExpression: '1' })),
    `${at('true')} messageExpression must evaluate to a string`,
  )
  fails(
    object('', size, rule('true', { fieldPath: '.sise' })),
    `${at('true')} fieldPath does not refer to a valid field`,
  )
  fails({ ...rule('true') }, 'spec: a value of an unknown type cannot have rules')
  t.doesNotThrow(() => compileRules(object('', size, rule('true', { fieldPath: '.size' }))))
  t.end()
})

t.test('the budget of an object ends its rules, not the process', (t) => {
  const walk = 'self.all(x, self.all(y, self.all(z, z >= 0)))'
  const numbers = Array.from({ length: 1000 }, (_, index) => index)
  const limit = `'operation cancelled: actual cost limit exceeded': no further validation rules will be run`
  t.strictSame(judged({ ...array('', integer('')), ...rule(walk) }, numbers), [
    `${invalid} spec: Invalid value: "array": ${limit} due to call cost exceeds limit for rule: ${walk}`,
  ])
  const costly = { ...array('', integer('')), ...rule('self.all(x, self.all(y, x + y >= 0))') }
  const lists = Array.from({ length: 30 }, () => Array.from({ length: 340 }, (_, index) => index))
  t.strictSame(judged(array('', costly), lists), [
    `${invalid} spec[12]: Invalid value: "array": validation failed due to running out of cost budget, ` +
      'no further validation rules will be run',
  ])
  t.end()
})

t.test('a wrong structure keeps rules from being evaluated, and the answer says so', (t) => {
  const schema = object('', { size: integer('', { maximum: 5 }) }, rule('self.size > 3'))
  const texts = (value: unknown) =>
    validateSchema(schema, value, 'spec').map(({ field, message }) => `${field}: ${message}`)
  t.match(texts({ size: 'x' }), [
    /^spec.size: Invalid value: "string"/,
    /^<nil>: Invalid value: null: some validation rules/,
  ])
  t.strictSame(texts({ size: 2 }), ['spec: Invalid value: failed rule: self.size > 3'])
  t.equal(texts({ size: 6 }).length, 1, 'a number out of range does not keep them from it')
  t.end()
})
