import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { awsValue } from './aws/value.ts'
import { ProviderError } from './errors.ts'
import { fakeValue } from './fake/value.ts'
import { encodeAgain, encodeTexts } from '../base/json/go-json.ts'
import { rawEntries } from './json/raw-entries.ts'
import { documentOf } from '../base/json/json-scan.ts'
import { typedText } from '../base/json/typed-text.ts'
import { dataValue, metadataValue } from './kubernetes/value.ts'
import { propertyByNameOrPath, propertyByPath } from './property.ts'
import type { RemoteSecret } from './provider.ts'
import { vaultValue } from './vault/value.ts'

const text = (bytes: Uint8Array | undefined) => (bytes === undefined ? undefined : Buffer.from(bytes).toString())
const path = (json: string, property: string) => text(propertyByPath(json, property))

t.test('data vectors', async (t) => {
  const { vectors } = JSON.parse(readFileSync(join('test', 'vectors', 'data-vectors.json'), 'utf8')) as {
    vectors: Vector[]
  }
  for (const vector of vectors) {
    const secret = vector.op === 'property' || vector.op === 'extract' ? secretOf(vector) : undefined
    if (secret === undefined || vector.id === 'vault-string-slice') continue
    t.test(`${vector.op} ${vector.id}`, async (t) => {
      if (vector.op === 'property') expectation(t, vector, () => text(secret.value(vector.property)))
      else expectation(t, vector, () => texts(secret.entries(vector.property)))
    })
  }
  for (const vector of vectors.filter(({ op }) => op === 'jsonToSecretMap')) {
    expectation(t, vector, () => texts(rawEntries(String(vector.input))))
  }
  for (const vector of vectors.filter(({ op }) => op === 'valueToBytes')) {
    const found = documentOf(JSON.stringify(vector.input))
    expectation(t, vector, () => (found === undefined ? undefined : typedText(found)))
  }
})

t.test('paths', async (t) => {
  const json =
    '{"name":{"first":"Tom","last":"Anderson"},"age":37,"children":["Sara","Alex","Jack"],"fav.movie":"Deer Hunter",' +
    '"friends":[{"first":"Dale","last":"Murphy","age":44,"nets":["ig","fb","tw"]},' +
    '{"first":"Roger","last":"Craig","age":68,"nets":["fb","tw"]},' +
    '{"first":"Jane","last":"Murphy","age":47,"nets":["ig","tw"]}],' +
    '"vals":[{"a":1,"b":true},{"a":2,"b":true},{"a":3,"b":false},{"a":4,"b":"0"},{"a":5,"b":0},{"a":6,"b":"1"},' +
    '{"a":7,"b":1},{"a":8,"b":"true"},{"a":9,"b":false},{"a":10,"b":null},{"a":11}],' +
    '"we*ird":{"a|b":"pipe"},"1":"one","n":1e3,"neg":-0.50}'
  const table: readonly (readonly [string, string | undefined])[] = [
    ['name.last', 'Anderson'],
    ['age', '37'],
    ['name', '{"first":"Tom","last":"Anderson"}'],
    ['children', '["Sara","Alex","Jack"]'],
    ['children.1', 'Alex'],
    ['children.9', undefined],
    ['children.x', undefined],
    ['child*.2', 'Jack'],
    ['c?ildren.0', 'Sara'],
    ['*.first', 'Tom'],
    ['fav\\.movie', 'Deer Hunter'],
    ['fav.movie', undefined],
    ['we\\*ird.a\\|b', 'pipe'],
    ['1', 'one'],
    ['n', '1000'],
    ['neg', '-0.5'],
    ['friends.#.first', '["Dale","Roger","Jane"]'],
    ['friends.1.last', 'Craig'],
    ['friends.#', '3'],
    ['friends.#(last=="Murphy").first', 'Dale'],
    ['friends.#(last=="Murphy")#.first', '["Dale","Jane"]'],
    ['friends.#(age>45)#.last', '["Craig","Murphy"]'],
    ['friends.#(age<=44).first', 'Dale'],
    ['friends.#(first%"D*").last', 'Murphy'],
    ['friends.#(first!%"D*").last', 'Craig'],
    ['friends.#(first!="Dale")#.first', '["Roger","Jane"]'],
    ['friends.#(nets.#(=="fb"))#.first', '["Dale","Roger"]'],
    ['friends.#(nope)#', '[]'],
    ['friends.#(nope).first', undefined],
    ['friends.#(first=="Dale"', undefined],
    ['children.#(%"*a*")#', '["Sara","Jack"]'],
    ['vals.#(b==~true)#.a', '[1,2,6,7,8]'],
    ['vals.#(b==~false)#.a', '[3,4,5,9,10,11]'],
    ['vals.#(b==~null)#.a', '[10,11]'],
    ['vals.#(b!=~null)#.a', '[1,2,3,4,5,6,7,8,9]'],
    ['vals.#(b==~*)#.a', '[1,2,3,4,5,6,7,8,9,10]'],
    ['name|first', 'Tom'],
    ['friends.#.first|0', 'Dale'],
    ['friends.#(last=="Murphy")#|0.first', 'Dale'],
    ['friends.#(last=="Murphy")#|#', '2'],
    ['children|@reverse', '["Jack","Alex","Sara"]'],
    ['children.@reverse.0', 'Jack'],
    ['name.@keys', '["first","last"]'],
    ['name|@values|1', 'Anderson'],
    ['@this.age', '37'],
    ['name.@tostr', '{"first":"Tom","last":"Anderson"}'],
    ['friends.0.@dig:fb', '[]'],
    ['@dig:first|@flatten', '["Tom","Dale","Roger","Jane"]'],
    ['friends.#.nets|@flatten', '["ig","fb","tw","fb","tw","ig","tw"]'],
    ['[name.first,age]', '["Tom",37]'],
    ['{name.first,"years":age}', '{"first":"Tom","years":37}'],
    ['friends.#.{first,age}|0', '{"first":"Dale","age":44}'],
    ['name.{last}', '{"last":"Anderson"}'],
    ['!"fixed"', 'fixed'],
    ['{age,"kind":!"person"}', '{"age":37,"kind":"person"}'],
    ['name.first.x', undefined],
    ['', undefined],
  ]
  for (const [property, expected] of table) t.equal(path(json, property), expected, property)

  t.test('JSON lines are an array', async (t) => {
    const lines = '{"name":"Gilbert","age":61}\n{"name":"Alexa","age":34}\n'
    t.equal(path(lines, '..#'), '2')
    t.equal(path(lines, '..1.name'), 'Alexa')
    t.equal(path(lines, '..#.name'), '["Gilbert","Alexa"]')
    t.equal(path(lines, '..#(name="Alexa").age'), '34')
  })

  t.test('modifiers', async (t) => {
    t.equal(path('{"a":[1,[2,[3]]]}', 'a.@flatten'), '[1,2,[3]]')
    t.equal(path('{"a":[1,[2,[3]]]}', 'a.@flatten:{"deep":true}'), '[1,2,3]')
    t.equal(path('[{"a":1,"b":1},{"b":2}]', '@join'), '{"a":1,"b":2}')
    t.equal(path('{"a":"{\\"b\\":5}"}', 'a.@fromstr.b'), '5')
    t.equal(path('{"id":["1","2"],"v":[3,4]}', '@group'), '[{"id":"1","v":3},{"id":"2","v":4}]')
    t.equal(path('{ "a" : [ 1, " x " ] }', '@ugly'), '{"a":[1," x "]}')
    t.equal(path('{"a":1', '@valid'), undefined)
    t.equal(path('{"@nope":1}', '@nope'), '1', 'an unknown modifier is a key')
  })

  t.test('what stands behind the value is never judged, deep and strange text ends', async (t) => {
    t.equal(path('{"a":1,"b":', 'a'), '1')
    t.equal(path('{"a":"x\\u00e9\\n\\ud83d\\ude00"}', 'a'), 'xé\n😀')
    t.equal(path('no json', 'a'), undefined)
    t.equal(path('', 'a'), undefined)
    t.equal(path('{"__proto__":"own","constructor":2}', '__proto__'), 'own')
    const deep = '['.repeat(100_000)
    t.equal(path(deep, '0.0.0.x'), undefined)
    t.equal(path(`{"a":${deep}`, '@dig:zz') === undefined, false)
    const stars = `{"${'a'.repeat(5000)}":1}`
    t.equal(path(stars, `${'*a'.repeat(200)}b`), undefined)
  })

  t.test('nesting without end is not JSON, and paths have a length', async (t) => {
    const nested = (open: string, close: string) => `{"a":${open.repeat(20_000)}1${close.repeat(20_000)}}`
    t.throws(() => rawEntries(nested('[', ']')), { code: 'invalid-value' })
    t.equal(path(nested('[', ']'), 'a.@flatten:{"deep":true}|@pretty')?.length, 40_001)
    t.throws(() => path('{}', 'a.'.repeat(600)), { code: 'invalid-ref' })
  })

  t.test('a dotted name is a literal before it is a path', async (t) => {
    t.equal(text(propertyByNameOrPath('{"a.b":"flat","a":{"b":"nested"}}', 'a.b')), 'flat')
    t.equal(text(propertyByNameOrPath('{"a":{"b":"nested"}}', 'a.b')), 'nested')
  })
})

t.test('values as ESO writes them (recorded)', async (t) => {
  const data =
    '{"o":{"z":1,"a":"<&>"},"list":[1,"x","<"],"n":5432,"big":12345678901234568,"f":1.50,"nul":null,"t":true,' +
    '"dot.ted":"literal"}'

  t.test('vault', async (t) => {
    const secret = vaultValue(data)
    t.equal(text(secret.value('o')), '{"a":"\\u003c\\u0026\\u003e","z":1}')
    t.equal(text(secret.value('list')), '[1,"x","\\u003c"]')
    t.equal(text(secret.value('big')), '12345678901234568')
    t.equal(text(secret.value('f')), '1.50', 'a number keeps its digits')
    t.equal(text(secret.value('nul')), '')
    t.equal(text(secret.value('dot.ted')), 'literal')
    t.equal(text(secret.value('o.a')), '<&>')
    t.equal(text(secret.entries(undefined).get('f')), '1.5', 'entries read numbers as float64')
    t.equal(text(vaultValue('{"s":"{\\"a\\":\\"b\\",\\"n\\":1.50}"}').entries('s').get('n')), '1.5')
    t.throws(() => secret.entries('t.x'), { code: 'invalid-ref', message: 'cannot find secret data for key: "t.x"' })
    t.throws(() => vaultValue('{"u":"admin"}').entries('u'), { code: 'invalid-value' })
  })

  t.test('kubernetes', async (t) => {
    const json = '{"a":{"b":"c"},"n":1.50,"l":[1,2]}'
    const bytes = (entries: Record<string, string>) =>
      new Map(Object.entries(entries).map(([k, v]) => [k, Buffer.from(v)]))
    const object = {
      name: 'src',
      data: bytes({ user: 'admin', html: 'a<b>&c', json, 'dot.ted': 'literal' }),
      labels: new Map([['app', 'x']]),
      annotations: new Map([
        ['example.org/x', 'y'],
        ['note', '{"deep":"z"}'],
      ]),
    }
    const secret = dataValue(object)
    const whole = `{"dot.ted":"literal","html":"a<b>&c","json":${JSON.stringify(json)},"user":"admin"}`
    t.equal(text(secret.value(undefined)), whole)
    t.equal(text(secret.value('json.n')), '1.5')
    t.equal(text(secret.value('json.a')), '{"b":"c"}')
    t.same(texts(secret.entries('json')), { a: '{"b":"c"}', n: '1.5', l: '[1,2]' })
    t.same(texts(dataValue({ ...object, data: bytes({ 'a.b': '{"s":"text"}' }) }).entries('a.b')), { s: '"text"' })
    const metadata = metadataValue(object)
    const annotations = '{"example.org/x":"y","note":"{\\"deep\\":\\"z\\"}"}'
    t.equal(text(metadata.value(undefined)), `{"annotations":${annotations},"labels":{"app":"x"}}`)
    t.equal(text(metadata.value('annotations.example.org/x')), 'y', 'a key with dots is reachable')
    t.equal(text(metadata.value('annotations.example\\.org/x')), 'y')
    t.equal(text(metadata.value('annotations.note.deep')), 'z')
    t.throws(() => metadata.value('labels.nope'), {
      message: 'property labels.nope does not exist in metadata of secret "src"',
    })
    t.equal(text(metadataValue({ ...object, labels: undefined }).value('labels')), 'null')
  })

  t.test('fake and aws', async (t) => {
    t.throws(() => fakeValue('{"a":1} x').entries(undefined), { code: 'invalid-value' })
    t.throws(() => fakeValue('{"a":1}').value('b'), { code: 'secret-missing', message: 'Secret does not exist' })
    const aws = awsValue(
      'app/x',
      Buffer.from('{"n":1.50,"dot.ted":"literal","dot":{"ted":"path"},"l":[1, "<"],"nul":null}'),
    )
    t.same(texts(aws.entries(undefined)), {
      n: '1.50',
      'dot.ted': 'literal',
      dot: '{"ted":"path"}',
      l: '[1, "<"]',
      nul: '',
    })
    t.equal(text(aws.value('n')), '1.5')
    t.throws(() => aws.value('nope'), { code: 'invalid-ref', message: 'key nope does not exist in secret app/x' })
  })

  t.test('Go writes JSON in its own way', async (t) => {
    const style = { escaping: 'html', numbers: 'float' } as const
    t.equal(
      encodeAgain('{"b":1e21,"a":1e-7,"c":-0.0,"d":100000000000000000000}', style),
      '{"a":1e-7,"b":1e+21,"c":-0,"d":100000000000000000000}',
    )
    t.equal(encodeAgain('["\\u2028\\b\\f\\u0001\\u007f/"]', style), '["\\u2028\\b\\f\\u0001\u007f/"]')
    t.equal(encodeAgain('{"k":1,"k":2}', style), '{"k":2}')
    t.equal(
      encodeTexts(new Map([['b', Buffer.from([0xff, 0x61, 0xc3, 0xa9, 0xe2, 0x82])]]), 'plain'),
      '{"b":"\\ufffdaé\\ufffd\\ufffd"}',
    )
  })
})

t.test('no error carries a value', async (t) => {
  const canary = 'canary-7f3a'
  const secrets: readonly RemoteSecret[] = [
    fakeValue(`{"a":"${canary}"`),
    awsValue('k', Buffer.from(`x${canary}`)),
    vaultValue(`{"a":"${canary}"}`),
    dataValue({ name: 's', data: new Map([['a', Buffer.from(canary)]]), labels: undefined, annotations: undefined }),
  ]
  for (const secret of secrets) {
    for (const attempt of [
      () => secret.value('zz'),
      () => secret.entries('a'),
      () => secret.entries('zz'),
      () => secret.entries(undefined),
    ]) {
      try {
        attempt()
      } catch (error) {
        t.ok(error instanceof ProviderError)
        t.notMatch(String(error instanceof Error ? error.stack : error), canary)
      }
    }
  }
})

interface Vector {
  readonly op: string
  readonly id: string
  readonly input: unknown
  readonly provider?: string
  readonly property?: string
  readonly metadataPolicy?: string
  readonly expect: { value?: unknown; noSecret?: true; error?: true; errorContains?: string }
}

function expectation(t: Test, { id, expect }: Vector, actual: () => unknown): void {
  if ('value' in expect) return void t.same(actual(), expect.value, id)
  if (expect.noSecret === true) return void t.throws(actual, { code: 'secret-missing' }, id)
  t.throws(actual, { message: new RegExp(escaped(expect.errorContains ?? '')) }, id)
}

function escaped(literal: string): string {
  return literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

function texts(entries: ReadonlyMap<string, Uint8Array>): Record<string, string> {
  return Object.fromEntries([...entries].map(([key, value]) => [key, Buffer.from(value).toString()]))
}

/** `undefined` for a provider that is not there yet. */
function secretOf({ provider, input, metadataPolicy }: Vector): RemoteSecret | undefined {
  if (provider === 'fake' || provider === 'any gjson provider') return fakeValue(String(input))
  if (provider === 'aws-secretsmanager') return awsValue('k', Buffer.from(String(input)))
  if (provider === 'vault') return input === null ? undefined : vaultValue(JSON.stringify(input))
  return provider === 'kubernetes' ? kubernetesSecret(input, metadataPolicy) : undefined
}

function kubernetesSecret(input: unknown, metadataPolicy: string | undefined): RemoteSecret {
  const { _labels, _annotations, ...data } = input as Record<string, string> &
    Record<'_labels' | '_annotations', Record<string, string>>
  const object = {
    name: 's',
    data: new Map(Object.entries(data).map(([key, value]) => [key, Buffer.from(value)])),
    labels: new Map(Object.entries(_labels ?? {})),
    annotations: new Map(Object.entries(_annotations ?? {})),
  }
  return metadataPolicy === 'Fetch' ? metadataValue(object) : dataValue(object)
}
