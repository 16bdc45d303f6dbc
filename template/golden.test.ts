import { readFileSync } from 'node:fs'
import t from 'tap'
import { systemClock } from '../base/clock.ts'
import { randomBytes } from 'node:crypto'
import { TemplateError } from './errors.ts'
import { execute, parse } from './template.ts'

/** What the real controller made of these templates, and which of them it refused. */
interface GoldenCase {
  readonly name: string
  readonly area: string
  readonly steps: readonly Step[]
}

interface Step {
  readonly do: readonly { readonly create: Manifest }[]
  readonly state: {
    readonly secrets?: Readonly<Record<string, { readonly data?: Readonly<Record<string, Expected>> }>>
  }
}

type Expected = string | { readonly pattern: string }

interface Manifest {
  readonly kind: string
  readonly spec: {
    readonly provider?: { readonly fake: { readonly data: readonly { readonly value: string }[] } }
    readonly target?: { readonly template?: { readonly data?: Readonly<Record<string, string>> } }
  }
}

const { cases } = JSON.parse(readFileSync('test/vectors/eso-golden.json', 'utf8')) as {
  readonly cases: readonly GoldenCase[]
}

t.test('templates render as the real controller rendered them', async (t) => {
  const played = cases.filter(({ area }) => area === 'template' || area === 'template-certificates')
  t.ok(played.length > 80, 'there are cases')
  for (const { name, steps } of played) {
    const [step] = steps
    const manifests = step?.do.map(({ create }) => create) ?? []
    const remote = manifests.find(({ kind }) => kind === 'SecretStore')?.spec.provider?.fake.data[0]?.value ?? '{}'
    const templates = manifests.find(({ kind }) => kind === 'ExternalSecret')?.spec.target?.template?.data ?? {}
    const [secret] = Object.values(step?.state.secrets ?? {})
    if (secret === undefined) t.throws(() => rendered(templates, remote), TemplateError, `${name} is refused`)
    else compare(name, { actual: rendered(templates, remote), expected: secret.data ?? {} }, t)
  }
})

function rendered(templates: Readonly<Record<string, string>>, remote: string): Readonly<Record<string, string>> {
  const fetched = Object.entries(JSON.parse(remote) as Readonly<Record<string, unknown>>)
  const data = new Map(
    fetched.map(([key, value]) => [key, Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))]),
  )
  const options = { clock: systemClock, random: randomBytes, limits: { durationMsMax: 60_000 } }
  const entries = Object.entries(templates).map(([name, source]) => {
    return [name, Buffer.from(execute(parse(source, { name }), data, options)).toString('base64')] as const
  })
  return Object.fromEntries(entries)
}

function compare(
  name: string,
  {
    actual,
    expected,
  }: { readonly actual: Readonly<Record<string, string>>; readonly expected: Readonly<Record<string, Expected>> },
): void {
  t.same(Object.keys(actual).sort(), Object.keys(expected).sort(), `${name}: keys`)
  for (const [key, wanted] of Object.entries(expected)) {
    if (typeof wanted === 'string') t.equal(text(actual[key]), text(wanted), `${name}: ${key}`)
    else t.match(text(actual[key]), new RegExp(wanted.pattern, 's'), `${name}: ${key}`)
  }
}

function text(base64 = ''): string {
  return Buffer.from(base64, 'base64').toString('latin1')
}
