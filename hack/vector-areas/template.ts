import { generateKeyPairSync } from 'node:crypto'
import { systemClock } from '../../base/clock.ts'
import { type JsonObject } from '../../machinery/object.ts'
import { TemplateError } from '../../template/errors.ts'
import { execute, parse } from '../../template/template.ts'
import type { VectorArea, VectorOutcome } from './area.ts'
import { caseList } from './case-list.ts'

interface Execution {
  readonly id: string
  readonly scope: string
  readonly target: string
  readonly valuesDecodingStrategy: string
  readonly objectKind?: string
  readonly delimiters?: readonly [string, string]
  readonly templates: Templates
  readonly annotationTemplates?: Templates
  readonly data: Readonly<Record<string, string>> | null
  readonly expect: Expectation
}

type Templates = Readonly<Record<string, string>>

interface Expectation {
  readonly data?: unknown
  readonly annotations?: unknown
  readonly labels?: unknown
  readonly object?: unknown
  readonly noError?: true
  readonly errorContains?: string
}

interface FunctionCall {
  readonly function: string
  readonly args: readonly string[]
  readonly expect: {
    readonly value?: unknown
    readonly error?: true
    readonly errorContains?: string
    readonly errorEquals?: string
  }
}

/** What the engine answers to one source at a time. Where a rendered text goes is the syncer's, and not served yet. */
export const templateAreas: readonly VectorArea[] = [
  {
    name: 'template.execute',
    cases: (file) =>
      caseList<Execution>(file, 'execute').map((one) => ({ name: one.id, run: () => executed(one, file) })),
  },
  {
    name: 'template.functions',
    cases: (file) =>
      caseList<FunctionCall>(file, 'functions').map((one, index) => ({
        name: `${one.function} ${index}`,
        run: () => called(one, file),
      })),
  },
  skipped('secretTemplates', "putting rendered texts into a Secret is the syncer's and not served yet"),
  skipped('yamlScalarParsing', 'targets that are paths are not served yet', 'cases'),
]

function skipped(name: string, reason: string, ...path: readonly string[]): VectorArea {
  return {
    name: `template.${name}`,
    cases: (file: JsonObject) =>
      caseList<{ readonly id?: string }>(file, name, ...path).map((one, index) => ({
        name: one.id ?? `${index}`,
        run: () => ({ skipped: reason }),
      })),
  }
}

/** Where our words are others on purpose: they hold nothing of the arguments. */
const ownWords: Readonly<Record<string, string>> = {
  'error calling substr: runtime error: slice bounds out of range [2:1]': 'runtime error: slice bounds out of range',
  'decryption scheme Unsupported is not supported': 'that decryption scheme is not supported',
}

function executed(one: Execution, file: JsonObject): VectorOutcome {
  const { expect } = one
  const reason = skipReason(one)
  if (reason !== undefined) return { skipped: reason }
  try {
    const texts = rendered(one, one.templates, file)
    if (expect.errorContains !== undefined) return { expected: expect.errorContains, actual: texts }
    if (expect.noError) return { expected: true, actual: true }
    if (one.annotationTemplates === undefined) {
      return {
        expected: filled(expect[one.target.toLowerCase() as 'data' | 'annotations' | 'labels'], file),
        actual: texts,
      }
    }
    const annotations = rendered(one, one.annotationTemplates, file)
    return { expected: filled([expect.data, expect.annotations], file), actual: [texts, annotations] }
  } catch (error) {
    return refused(error, expect.errorContains)
  }
}

function skipReason({ scope, target, valuesDecodingStrategy, objectKind, expect }: Execution): string | undefined {
  if (scope === 'KeysAndValues')
    return "reading a rendered document as keys and values is the syncer's and not served yet"
  if (scope !== 'Values') return 'scopes are checked where templates are put together, which is not served yet'
  if (valuesDecodingStrategy !== 'None') return "decoding rendered values is the syncer's and not served yet"
  if (expect.object !== undefined || (objectKind ?? '').startsWith('unstructured'))
    return 'targets that are paths are not served yet'
  return /^(data|annotations|labels)$/i.test(target) ? undefined : 'targets that are paths are not served yet'
}

function rendered(one: Execution, templates: Templates, file: JsonObject): Readonly<Record<string, string>> {
  const data = new Map(Object.entries(one.data ?? {}).map(([key, value]) => [key, Buffer.from(fixture(value, file))]))
  const delimiters = one.delimiters && { left: one.delimiters[0], right: one.delimiters[1] }
  return Object.fromEntries(
    Object.entries(templates).map(([name, source]) => {
      const template = parse(source, { name, ...(delimiters && { delimiters }) })
      return [name, Buffer.from(execute(template, data, surroundings)).toString()]
    }),
  )
}

const surroundings = { clock: systemClock, random: (byteCount: number) => Buffer.alloc(byteCount, 7) }

function called(one: FunctionCall, file: JsonObject): VectorOutcome {
  const data = new Map(one.args.map((arg, index) => [`a${index}`, Buffer.from(fixture(arg, file))]))
  const args = one.args.map((_, index) => ` .a${index}`).join('')
  const isList = Array.isArray(one.expect.value)
  try {
    const source = `{{ ${one.function}${args} ${isList ? '| toJson ' : ''}}}`
    const text = Buffer.from(execute(parse(source, { name: 't' }), data, surroundings)).toString()
    return { expected: filled(one.expect.value, file), actual: isList ? JSON.parse(text) : text }
  } catch (error) {
    const { errorContains, errorEquals, error: fails } = one.expect
    return refused(error, errorContains ?? errorEquals ?? (fails ? '' : undefined))
  }
}

/** Passed if ours says what is expected, behind the words that the syncer will put before it. */
function refused(error: unknown, contained: string | undefined): VectorOutcome {
  if (!(error instanceof TemplateError) || contained === undefined) throw error
  const { template } = error.place
  const isSyntax = error.code === 'syntax' || error.code === 'unknown-function'
  const text = `unable to ${isSyntax ? 'parse template' : 'execute template'} at key ${template}: ${error.message}`
  return { expected: true, actual: text.includes(ownWords[contained] ?? contained) || text }
}

/** The expectation with its placeholders filled in. */
function filled(expected: unknown, file: JsonObject): unknown {
  return JSON.parse(JSON.stringify(expected ?? null), (_, value: unknown) =>
    typeof value === 'string' ? fixture(value, file) : value,
  )
}

function fixture(text: string, file: JsonObject): string {
  if (text === '<any valid RSA key>') {
    return generateKeyPairSync('rsa', { modulusLength: 2048 })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString()
  }
  const [, kind, names] = /^@(fixture|concat):(.*)$/s.exec(text) ?? []
  if (kind === undefined || names === undefined) return text
  const fixtures = file['fixtures'] as Readonly<Record<string, string>>
  return names
    .split(',')
    .map((name) => fixtures[name] ?? '')
    .join('')
}
