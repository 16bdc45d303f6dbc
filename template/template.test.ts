import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { vectorResults } from '../hack/vector-areas/outcome.ts'
import { templateAreas } from '../hack/vector-areas/template.ts'
import type { JsonObject } from '../machinery/object.ts'
import { randomTemplates } from '../test/support/random-template.ts'
import { TemplateError } from './errors.ts'
import { execute, parse, type TemplateData } from './template.ts'

const surroundings = { clock: { now: () => 0, monotonic: () => 0 }, random: (count: number) => Buffer.alloc(count, 7) }

function data(values: Readonly<Record<string, string>>): TemplateData {
  return new Map(Object.entries(values).map(([key, value]) => [key, Buffer.from(value)]))
}

function rendered(source: string, values: Readonly<Record<string, string>> = {}, limits = {}): string {
  return Buffer.from(execute(parse(source, { name: 't' }), data(values), { ...surroundings, limits })).toString()
}

/** The error of a source that does not parse or render. */
function refusal(source: string, values: Readonly<Record<string, string>> = {}, limits = {}): TemplateError {
  try {
    const text = rendered(source, values, limits)
    throw new Error(`it rendered ${text.length} bytes: ${source}`)
  } catch (error) {
    if (error instanceof TemplateError) return error
    throw error
  }
}

t.test("vectors answer as the reference, but for those that are the syncer's", async (t) => {
  const file = readFileSync(join(import.meta.dirname, '../../test/vectors/template-vectors.json'), 'utf8')
  const results = vectorResults(templateAreas, JSON.parse(file) as JsonObject)
  t.equal(results.filter(({ result }) => result === 'passed').length, 58)
  t.strictSame(
    results.filter(({ result }) => result === 'failed'),
    [],
  )
})

t.test('admission is told line, column and the nearest name', async (t) => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['a\n{{ uper .a }}', 'unknown-function', 'template: t:2:3: there is no function uper; is upper meant?'],
    ['{{ b64decode .a }}', 'unknown-function', 'template: t:1:3: there is no function b64decode; is b64dec meant?'],
    ['{{ zzzzzzzz }}', 'unknown-function', 'template: t:1:3: there is no function zzzzzzzz'],
    ['é{{ #x }}', 'syntax', 'template: t:1:5: unexpected character'],
    ['{{ if .a }}x', 'syntax', 'template: t:1:9: the block that begins here has no {{end}}'],
    ['{{ .a ', 'syntax', 'template: t:1:6: unclosed action'],
    ['{{ "a }}', 'syntax', 'template: t:1:3: unterminated quoted text'],
    ['{{ $x }}', 'syntax', 'template: t:1:3: there is no variable $x'],
    ['{{ 1i }}', 'syntax', 'template: t:1:3: malformed number'],
    ['{{ env "HOME" }}', 'unknown-function', 'template: t:1:3: there is no function env'],
    [`${'{{ if 1 }}'.repeat(101)}`, 'syntax', 'template: t:1:1008: blocks nested over 100 deep'],
    [`{{ ${'('.repeat(101)}1`, 'syntax', 'template: t:1:103: parentheses over 100 deep'],
  ]
  for (const [source, code, message] of cases) {
    const error = refusal(source)
    t.equal(error.code, code, source)
    t.equal(error.message, message, source)
  }
})

t.test('functions that do I/O do not exist, and heavy ones are named', async (t) => {
  for (const name of ['env', 'expandenv', 'getHostByName'])
    t.equal(refusal(`{{ ${name} "x" }}`).code, 'unknown-function')
  t.strictSame(
    parse('{{ if .a }}{{ genCA "a" 1 }}{{ bcrypt "x" }}{{ upper "a" }}{{ end }}', { name: 't' }).heavyFunctions,
    ['bcrypt', 'genCA'],
  )
})

t.test('limits end what runs away', async (t) => {
  const cases: readonly (readonly [string, object?])[] = [
    ['{{ range 1000000000 }}{{ end }}'],
    ['{{ until 1000000000 }}'],
    ['{{ repeat 1000000000 "ab" }}'],
    ['{{ define "a" }}{{ template "a" }}{{ end }}{{ template "a" }}'],
    ['{{ $x := repeat 1000000 "a" }}{{ replace "a" $x $x }}'],
    ['{{ $x := repeat 100000 "a" }}{{ regexReplaceAll "a" $x $x }}'],
    ['{{ $x := repeat 1000 "$1" }}{{ regexReplaceAll "(.*)" (repeat 100000 "a") $x }}'],
    ['{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ $d }}'],
    ['{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ toJson $d }}'],
    ['{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ toYaml $d }}'],
    ['{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ deepCopy $d }}'],
    ['{{ fromJson .deep }}'],
    ['{{ range 2000000 }}aaaaaaaaaa{{ end }}', { stepsMax: 1e9 }],
    ['{{ printf "%1000000d%1000000d%1000000d" 1 1 1 }}', { memoryBytesMax: 1 << 20 }],
  ]
  for (const [source, limits] of cases) {
    t.equal(refusal(source, { deep: '['.repeat(5000) + ']'.repeat(5000) }, limits).code, 'over-budget', source)
  }
  let now = 0
  const clock = { now: () => 0, monotonic: () => (now += 1000) }
  t.throws(() => execute(parse('{{ range 100000 }}{{ end }}', { name: 't' }), new Map(), { ...surroundings, clock }), {
    code: 'over-budget',
    message: 'template: t:1:9: it took longer than 2000 ms',
  })
})

t.test('values are bytes: what is no text survives', async (t) => {
  const bytes = Buffer.from([0, 0xff, 0xfe, 0x80, 10])
  const options = { ...surroundings }
  for (const source of [
    '{{ .k }}',
    '{{ .k | b64enc | b64dec }}',
    '{{ printf "%s" .k }}',
    '{{ regexReplaceAll "x" .k "y" }}',
  ]) {
    t.same(execute(parse(source, { name: 't' }), new Map([['k', bytes]]), options), bytes, source)
  }
  const nested = new Map([['remoteRef', new Map([['key', Buffer.from('é')]])]])
  t.equal(Buffer.from(execute(parse('{{ .remoteRef.key }}', { name: 't' }), nested, options)).toString(), 'é')
})

t.test('errors hold no values, no constants and no text of libraries', async (t) => {
  const canary = 'cAnArY9731'
  const values = {
    v: canary,
    n: '97319731',
    j: `{"${canary}": "${canary}"}`,
    pem: `-----BEGIN X-----\n${canary}\n-----END X-----`,
  }
  const sources = [
    '{{ .v.x }}',
    '{{ index (list 1) .v }}',
    '{{ fail .v }}',
    '{{ printf "%s" .v | fail }}',
    `{{ template "${canary}" }}`,
    `{{ "${canary}" | add1 | lt "a" }}`,
    `{{ upper "${canary}" 1 }}`,
    '{{ mustFromJson .v }}',
    '{{ mustToDate .v .v }}',
    '{{ mustRegexFind (print "(" .v) .v }}',
    '{{ semver .v }}',
    '{{ semverCompare .v "1" }}',
    '{{ urlParse (print "%z" .v) }}',
    '{{ decryptAES .v .v }}',
    '{{ certSANs .pem }}',
    '{{ jwkPrivateKeyPem .j }}',
    '{{ rsaDecrypt .v .v .v .v }}',
    '{{ rsaDecrypt "RSA-OAEP" .v .v .pem }}',
    '{{ pkcs12key .v }}',
    '{{ pkcs12keyPass .v .v }}',
    '{{ pemToPkcs12 .pem .pem }}',
    '{{ genCAWithKey .v 1 .v }}',
    '{{ genSelfSignedCertWithKey .v (list .v) nil 1 .v }}',
    '{{ buildCustomCert .v .v }}',
    '{{ div (atoi .n) 0 }}',
    '{{ substr (atoi .n) 1 .v }}',
    '{{ slice (list) (atoi .n) | first | lt .v }}',
    '{{ dig .v .v .v (dict .v 1) }}',
    '{{ (dict .v 1).x }}',
    '{{ mustDateModify .v now }}',
    '{{ htpasswd .v .v .v }}',
  ]
  for (const source of sources) {
    const { message, stack } = refusal(source, values)
    t.notMatch(`${message} ${stack}`, /cAnArY|9731/, source)
  }
  t.match(refusal('{{ fail "say so" }}').message, 'error calling fail: say so', 'a constant is said')
  const confidential = parse(`{{ fail "${canary}" }}`, { name: 't', isConfidential: true })
  t.throws(
    () => execute(confidential, new Map(), surroundings),
    { message: /the template gave up/ },
    'but not of a Secret',
  )
})

t.test('random templates throw TemplateErrors only and stay within their limits', async (t) => {
  const canary = 'cAnArY9731'
  const values = { a: canary, user: canary, uni: `é${canary}`, empty: '', csv: `${canary},${canary}` }
  const limits = { stepsMax: 20_000, outputBytesMax: 10_000, memoryBytesMax: 1 << 20, depthMax: 10 }
  let count = 0
  for (const source of randomTemplates(11, 3_000)) {
    try {
      const text = rendered(source, values, limits)
      if (Buffer.byteLength(text) > 3 * 10_000) t.fail(`${source} wrote too much`)
      count += 1
    } catch (error) {
      if (!(error instanceof TemplateError)) t.error(error, source)
      else if (/cAnArY|9731/.test(error.message)) t.fail(`${source}: ${error.message}`)
    }
  }
  t.ok(count > 300, `${count} rendered`)
  for (const bytes of randomTemplates(13, 1_000)) {
    const broken = bytes.slice(0, -3)
    try {
      parse(broken, { name: 't' })
    } catch (error) {
      if (!(error instanceof TemplateError)) t.error(error, broken)
    }
  }
})

t.test('fixed bugs', async (t) => {
  t.equal(rendered('{{ printf "%+v" 1.5 }}'), '1.5', 'the plus of %+v was taken for a sign')
  t.equal(rendered('{{ printf "%08.2f" "abc" }}'), '%!f(string=000000ab)', 'a wrong verb had lost its flags')
  t.equal(
    rendered('{{ wrapWith 1 "-" .v | len }}', { v: 'a'.repeat(20_000) }),
    '39999',
    'each line looked back to the start',
  )
})
