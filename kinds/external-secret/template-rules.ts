import type { FieldError } from '../../machinery/field-error.ts'
import { TemplateError } from '../../template/errors.ts'
import { parse } from '../../template/template.ts'
import type { ExternalSecretSpec } from './v1.ts'

/** A write is not made to wait: what is beyond these is judged when it is rendered. */
const bytesMax = 256 * 1024
const errorsMax = 10

interface Source {
  readonly field: string
  readonly text: string
}

/**
 * The templates that stand in the spec itself and cannot be parsed: what is wrong in them is known before anything is
 * fetched. Templates in ConfigMaps and Secrets are judged when they are rendered.
 */
export function templateErrors(spec: ExternalSecretSpec): readonly FieldError[] {
  if (spec.target?.template === undefined && spec.dataFrom === undefined) return []
  const errors: FieldError[] = []
  let bytes = 0
  for (const source of sourcesOf(spec)) {
    bytes += Buffer.byteLength(source.text)
    if (bytes > bytesMax || errors.length >= errorsMax) break
    errors.push(...parseErrors(source))
  }
  return errors
}

function* sourcesOf({ dataFrom = [], target }: ExternalSecretSpec): Generator<Source> {
  const at = 'spec.target.template'
  const { data, metadata, templateFrom = [] } = target?.template ?? {}
  yield* entriesOf(`${at}.data`, data)
  yield* entriesOf(`${at}.metadata.labels`, metadata?.labels)
  yield* entriesOf(`${at}.metadata.annotations`, metadata?.annotations)
  for (const [index, { literal }] of templateFrom.entries()) {
    if (literal !== undefined) yield { field: `${at}.templateFrom[${index}].literal`, text: literal }
  }
  for (const [index, { rewrite = [] }] of dataFrom.entries()) {
    for (const [step, { transform }] of rewrite.entries()) {
      const field = `spec.dataFrom[${index}].rewrite[${step}].transform.template`
      if (transform !== undefined) yield { field, text: transform.template }
    }
  }
}

function* entriesOf(field: string, texts: Readonly<Record<string, string>> = {}): Generator<Source> {
  for (const [key, text] of Object.entries(texts)) yield { field: `${field}[${key}]`, text }
}

/** The text is not quoted: it is the client's own, and may be long. */
function parseErrors({ field, text }: Source): readonly FieldError[] {
  try {
    parse(text, { name: field })
    return []
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    const { line, column } = error.place
    const message = `Invalid value: the template, line ${line}, column ${column}: ${error.detail}`
    return [{ type: 'FieldValueInvalid', field, message }]
  }
}
