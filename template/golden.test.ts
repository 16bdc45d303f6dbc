import { readFileSync } from 'node:fs'
import { join } from 'node:path'
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

const { cases } = JSON.parse(readFileSync(join(import.meta.dirname, '../../test/vectors/eso-golden.json'), 'utf8')) as {
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
    else
      for (const one of compared(rendered(templates, remote), secret.data ?? {}))
        t.match(one.actual, one.expected, `${name}: ${one.key}`)
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

interface Comparison {
  readonly key: string
  readonly actual: string | undefined
  readonly expected: string | RegExp
}

/** Key by key; what is expected of a key that was not rendered is never met. */
function compared(
  actual: Readonly<Record<string, string>>,
  expected: Readonly<Record<string, Expected>>,
): readonly Comparison[] {
  const keys = {
    key: 'keys',
    actual: Object.keys(actual).sort().join(),
    expected: new RegExp(`^${escaped(Object.keys(expected).sort().join())}$`),
  }
  const values = Object.entries(expected).map(([key, wanted]) => ({
    key,
    actual: text(actual[key]),
    expected: typeof wanted === 'string' ? new RegExp(`^${escaped(text(wanted))}$`) : new RegExp(wanted.pattern, 's'),
  }))
  return [keys, ...values]
}

/** tap's match takes a string for a part of the whole. */
function escaped(value: string): string {
  return value.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}

function text(base64 = ''): string {
  return Buffer.from(base64, 'base64').toString('latin1')
}
