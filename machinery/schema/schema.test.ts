import t from 'tap'
import {
  array,
  boolean,
  integer,
  intOrString,
  map,
  number,
  object,
  oneOf,
  opaque,
  required,
  string,
} from './builder.ts'
import { withDefaults } from './default.ts'
import { prune } from './prune.ts'
import type { Schema } from './schema.ts'
import { validateSchema } from './validate.ts'

const part = object('', { name: required(string('')), port: integer('', { default: 80 }) })
const schema = object('', {
  spec: object('', {
    size: integer('', { minimum: 1, maximum: 9, format: 'int32' }),
    ratio: number(''),
    mode: oneOf('', ['Auto', 'Manual'], { default: 'Auto' }),
    name: string('', { minLength: 1, maxLength: 3, pattern: '^[a-z]*$' }),
    since: string('', { format: 'date-time' }),
    cert: string('', { format: 'byte' }),
    locked: boolean('', { nullable: true }),
    port: intOrString(''),
    parts: array('', part, { maxItems: 2, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] }),
    tags: array('', string(''), { minItems: 1, 'x-kubernetes-list-type': 'set' }),
    labels: map('', string('')),
    one: object('', { a: string(''), b: string('') }, { minProperties: 1, maxProperties: 1 }),
    free: opaque(''),
  }),
})

function problems(spec: unknown, of: Schema = schema): readonly string[] {
  return validateSchema(of, { spec }, '').map(({ field, message }) => `${field}: ${message}`)
}

t.test('the messages are those of apiextensions-apiserver', (t) => {
  const cases: readonly (readonly [unknown, ...string[]])[] = [
    [{ size: 1, name: 'ab', locked: null, port: 'http', parts: [{ name: 'a' }], tags: ['x'], one: { a: '' } }],
    [{ size: 'x' }, 'spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"'],
    [{ size: null }, 'spec.size: Invalid value: "null": spec.size in body must be of type integer: "null"'],
    [{ ratio: {} }, 'spec.ratio: Invalid value: "object": spec.ratio in body must be of type number: "object"'],
    [{ locked: 'no' }, 'spec.locked: Invalid value: "string": spec.locked in body must be of type boolean: "string"'],
    [
      { port: true },
      'spec.port: Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean"',
    ],
    [{ size: 0 }, 'spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1'],
    [{ size: 10 }, 'spec.size: Invalid value: 10: spec.size in body should be less than or equal to 9'],
    [{ mode: 'No' }, 'spec.mode: Unsupported value: "No": supported values: "Auto", "Manual"'],
    [{ name: '' }, 'spec.name: Invalid value: "": spec.name in body should be at least 1 chars long'],
    [{ name: 'abcd' }, 'spec.name: Too long: may not be more than 3 bytes'],
    [{ name: 'A/b' }, `spec.name: Invalid value: "A/b": spec.name in body should match '^[a-z]*$'`],
    [{ since: 'now' }, 'spec.since: Invalid value: "now": spec.since in body must be of type date-time: "now"'],
    [{ parts: [{}] }, 'spec.parts[0].name: Required value'],
    [{ parts: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] }, 'spec.parts: Too many: 3: must have at most 2 items'],
    [{ parts: [{ name: 'a', port: 1 }, { name: 'a' }] }, 'spec.parts[1]: Duplicate value: {"name":"a"}'],
    [{ tags: [] }, 'spec.tags: Invalid value: 0: spec.tags in body should have at least 1 items'],
    [{ tags: ['a', 'b', 'a'] }, 'spec.tags[2]: Duplicate value: "a"'],
    [
      { labels: { a: 1 } },
      'spec.labels.a: Invalid value: "integer": spec.labels.a in body must be of type string: "integer"',
    ],
    [{ one: {} }, 'spec.one: Invalid value: 0: spec.one in body should have at least 1 properties'],
    [{ one: { a: '', b: '' } }, 'spec.one: Too many: 2: must have at most 1 item'],
    [[], 'spec: Invalid value: "array": spec in body must be of type object: "array"'],
  ]
  for (const [spec, ...expected] of cases) t.strictSame(problems(spec), expected, JSON.stringify(spec))
  t.end()
})

t.test('a value of base64 is not repeated in its error', (t) => {
  t.strictSame(problems({ cert: 'canary!' }), [
    'spec.cert: Invalid value: "": spec.cert in body must be of type byte: ""',
  ])
  t.strictSame(problems({ cert: 'Y2FuYXJ5' }), [])
  t.end()
})

t.test('errors that keep CEL rules from being evaluated say so', (t) => {
  const withRules: Schema = { ...schema, 'x-kubernetes-validations': [{ rule: 'true' }] }
  t.match(
    problems({ size: '1' }, withRules).at(-1),
    '<nil>: Invalid value: null: some validation rules were not checked',
  )
  t.equal(problems({ size: 0 }, withRules).length, 1)
  t.end()
})

t.test('alternatives name the object as a whole and what the nearest one lacks', (t) => {
  const alternatives = [{ required: ['a'] }, { required: ['b'] }]
  const of = (part: Schema): Schema => ({ properties: { spec: { type: 'object', ...part } } })
  const none = '<nil>: Invalid value: "": "spec" must validate'
  t.strictSame(problems({}, of({ oneOf: alternatives })), [
    `${none} one and only one schema (oneOf). Found none valid`,
    'spec.a: Required value',
  ])
  t.strictSame(problems({ a: 1, b: 1 }, of({ oneOf: alternatives })), [
    `${none} one and only one schema (oneOf). Found 2 valid alternatives`,
  ])
  t.strictSame(problems({}, of({ anyOf: alternatives })), [
    `${none} at least one schema (anyOf)`,
    'spec.a: Required value',
  ])
  t.strictSame(problems({ b: 1 }, of({ allOf: alternatives })), [
    'spec.a: Required value',
    `${none} all the schemas (allOf)`,
  ])
  t.strictSame(problems({ a: 1 }, of({ not: { required: ['a'] } })), [
    '<nil>: Invalid value: "": "spec" must not validate the schema (not)',
  ])
  t.end()
})

t.test('defaults fill in what is absent and share what is there', (t) => {
  const value = { spec: { parts: [{ name: 'a', port: 1 }, { name: 'b' }], free: { x: 1 } } }
  const filled = withDefaults(schema, value)
  t.strictSame(filled, {
    spec: {
      parts: [
        { name: 'a', port: 1 },
        { name: 'b', port: 80 },
      ],
      free: { x: 1 },
      mode: 'Auto',
    },
  })
  t.equal(filled.spec.free, value.spec.free)
  t.equal(withDefaults(schema, filled), filled)
  const bare = { status: {} }
  t.equal(withDefaults(schema, bare), bare)
  t.strictSame(withDefaults(schema, { spec: { mode: null } }), { spec: { mode: 'Auto' } })
  t.strictSame(withDefaults({ properties: { a: { properties: { b: { default: 1 } }, default: {} } } }, {}), {
    a: { b: 1 },
  })
  t.end()
})

t.test('pruning drops and names what the schema does not know', (t) => {
  const { value, unknown } = prune(schema, {
    extra: 1,
    spec: {
      size: 1,
      foo: {},
      parts: [{ name: 'a', x: 1 }],
      labels: { any: 'x' },
      free: { deep: { y: 1 } },
      one: { c: {} },
    },
  })
  t.strictSame(unknown, ['extra', 'spec.foo', 'spec.parts[0].x', 'spec.one.c'])
  t.strictSame(value, {
    spec: { size: 1, parts: [{ name: 'a' }], labels: { any: 'x' }, free: { deep: { y: 1 } }, one: {} },
  })
  t.equal(prune(schema, value).value, value)
  t.strictSame(prune(schema, { spec: { parts: { a: 'k' } } }).unknown, ['spec.parts.a'])
  t.end()
})

t.test('a null where none may stand counts as absent', (t) => {
  const { value, unknown } = prune(schema, { spec: { size: null, locked: null, free: null, labels: { a: null } } })
  t.strictSame(value, { spec: { locked: null, labels: { a: null } } })
  t.strictSame(unknown, [])
  t.end()
})

t.test('members named like those of every object are members', (t) => {
  const evil = JSON.parse(
    '{"spec":{"__proto__":{"x":1},"labels":{"__proto__":"v","constructor":"w"}},"toString":1}',
  ) as object
  const { value, unknown } = prune(schema, evil)
  t.strictSame(unknown, ['spec.__proto__', 'toString'])
  t.equal(JSON.stringify(value), '{"spec":{"labels":{"__proto__":"v","constructor":"w"}}}')
  t.equal(
    JSON.stringify(withDefaults(schema, value)),
    '{"spec":{"labels":{"__proto__":"v","constructor":"w"},"mode":"Auto"}}',
  )
  t.strictSame(problems(JSON.parse('{"labels":{"__proto__":1}}')).length, 1)
  t.notOk('x' in {})
  t.end()
})

t.test('a pattern is RE2: it takes what RE2 takes and cannot run away', (t) => {
  const of = (pattern: string): Schema => ({ properties: { spec: { type: 'string', pattern } } })
  t.strictSame(problems('ABC', of('(?i)^a\\z|bc$')), [])
  t.throws(() => problems('x', of('(?=x)')))
  t.equal(problems('a'.repeat(5000), of('^(a|aa)+$b')).length, 1)
  for (const text of ['a', '-._9Z', '', 'a\n', '\n', 'a b', 'é', '\u{1f511}']) {
    const plain = problems(text, of('^[-._a-zA-Z0-9]+$')).length
    t.equal(plain, problems(text, of('^(?:[-._a-zA-Z0-9])+$')).length)
  }
  t.end()
})
