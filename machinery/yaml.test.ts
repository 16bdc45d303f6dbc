import t from 'tap'
import { decodeYaml, encodeYaml, YamlDecodeError, yamlDuplicates } from './yaml.ts'

t.test('scalars are those of sigs.k8s.io/yaml', (t) => {
  const cases = [
    ['on', true],
    ['y', true],
    ['Yes', true],
    ['off', false],
    ['n', false],
    ['~', null],
    ['', null],
    ['0777', 511],
    ['0o777', 511],
    ['0x1F', 31],
    ['-0b11', -3],
    ['08', 8],
    ['1_000', 1000],
    ['1e3', 1000],
    ['.5', 0.5],
    ['1.', 1],
    ['-0', 0],
    ['1:30', '1:30'],
    ['2026-01-01', '2026-01-01'],
    ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'],
    ['"on"', 'on'],
    ['!!str 12', '12'],
    ['!!binary aGVsbG8=', 'hello'],
    ['1.2.3', '1.2.3'],
  ] as const
  for (const [text, value] of cases) t.strictSame(decodeYaml(text), value, text)
  t.end()
})

t.test('keys become text, merges and aliases are followed', (t) => {
  t.strictSame(decodeYaml('{on: 1, 2: 3}'), { true: 1, 2: 3 })
  t.strictSame(decodeYaml('base: &b {x: 1}\nuse:\n  <<: *b\n  z: 2\nsame: *b'), {
    base: { x: 1 },
    use: { x: 1, z: 2 },
    same: { x: 1 },
  })
  const value = decodeYaml('__proto__: {polluted: 1}')
  t.equal(Object.getPrototypeOf(value), Object.prototype)
  t.end()
})

t.test('JSON is YAML', (t) => {
  t.strictSame(decodeYaml(' {"a": {"b": [1]}}'), { a: { b: [1] } })
  t.strictSame(decodeYaml('{a: 1}'), { a: 1 })
  t.end()
})

t.test('a key given twice is named with its line, and the last one wins', (t) => {
  t.strictSame(decodeYaml('a: 1\na: 2'), { a: 2 })
  t.strictSame(yamlDuplicates('a: 1\nb:\n- x: {k: 1}\n  x: 2\na: 2'), [
    'line 4: key "x" already set in map',
    'line 5: key "a" already set in map',
  ])
  t.strictSame(yamlDuplicates('{"a":1,\n"a":2}'), ['line 2: key "a" already set in map'])
  t.strictSame(yamlDuplicates('{"a":1}'), [])
  t.end()
})

t.test('what is not one harmless document is refused in our own words', (t) => {
  const bomb = Array.from({ length: 9 }, (_, level) => {
    const items = Array(9)
      .fill(level === 0 ? 'lol' : `*a${level - 1}`)
      .join(',')
    return `a${level}: &a${level} [${items}]`
  }).join('\n')
  const cases = [
    ['a: [canary', 'invalid YAML near line 1'],
    ['a: b: c', 'invalid YAML near line 1'],
    ['a: 1\nb: *canary', 'invalid YAML near line 2'],
    ['a: 1\n---\nb: 1', 'invalid YAML'],
    ['? [1]\n: 2', 'invalid YAML near line 1'],
    ['a: .inf', 'invalid YAML: a number that JSON cannot say'],
    ['a: 9007199254740993', 'invalid YAML: an integer beyond 2^53, which this server cannot keep exactly'],
    [bomb, 'invalid YAML: aliases that grow too large'],
  ] as const
  for (const [text, message] of cases) t.throws(() => decodeYaml(text), new YamlDecodeError(message), text)
  t.throws(() => decodeYaml('['.repeat(5000)), YamlDecodeError)
  t.throws(() => decodeYaml('a: &a [*a]'), YamlDecodeError)
  t.end()
})

t.test('what is written is read back', (t) => {
  const value = {
    on: 'on',
    text: 'line\nline\n',
    list: [{ a: 1, b: null }],
    long: 'word '.repeat(50),
    time: '2026-01-01',
    beyond: ['1e999', '-1e999', '+1_0e999', '1e3', '0x1F', '.inf'],
  }
  t.strictSame(decodeYaml(encodeYaml(value)), value)
  t.equal(encodeYaml({ a: undefined, b: [] }), 'b: []\n')
  t.end()
})
