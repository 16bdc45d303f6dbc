import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse, execute } from '../../template/template.ts'
import { TemplateError } from '../../template/errors.ts'
import { goTemplates } from '../support/go-templates.ts'
import { randomTemplates } from '../support/random-template.ts'

interface Recording {
  readonly data: Readonly<Record<string, string>>
  readonly cases: readonly { readonly template: string; readonly output?: string; readonly refused?: true }[]
}

const { data, cases } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../test/vectors/go-templates.json'), 'utf8'),
) as Recording

const fetched = new Map(Object.entries(data).map(([key, value]) => [key, Buffer.from(value)]))
const options = { clock: { now: () => 0, monotonic: () => 0 }, random: (count: number) => new Uint8Array(count) }

/** The output as base64, or undefined if it is refused. */
function answered(source: string): string | undefined {
  try {
    return Buffer.from(execute(parse(source, { name: 't' }), fetched, options)).toString('base64')
  } catch (error) {
    if (error instanceof TemplateError) return undefined
    throw error
  }
}

t.test('templates render as Go renders them', async (t) => {
  t.ok(cases.length > 300)
  for (const { template, output } of cases) t.equal(answered(template), output, template)
})

const go = goTemplates()

t.test('Go itself answers as recorded', { skip: 'reason' in go ? go.reason : false }, async (t) => {
  if ('reason' in go) return
  const answers = go.answers(cases.map(({ template }) => ({ template, data })))
  for (const [index, { template, output }] of cases.entries()) {
    t.equal(answers[index]?.error === undefined ? (answers[index]?.output ?? '') : undefined, output, template)
  }
})

t.test('random templates render as Go renders them', { skip: 'reason' in go ? go.reason : false }, async (t) => {
  if ('reason' in go) return
  const sources = randomTemplates(7, 20_000)
  const answers = go.answers(sources.map((template) => ({ template, data })))
  let rendered = 0
  for (const [index, source] of sources.entries()) {
    const answer = answers[index]
    const expected = answer?.error === undefined ? (answer?.output ?? '') : undefined
    const actual = answered(source)
    if (expected !== undefined) rendered += 1
    if (actual !== expected) t.equal(actual, expected, source)
  }
  t.ok(rendered > sources.length / 10, `${rendered} of ${sources.length} render`)
})
