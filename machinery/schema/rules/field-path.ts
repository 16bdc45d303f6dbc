import type { Schema } from '../schema.ts'

const step = /\.([^.[\]]+)|\['((?:[^'\\]|\\.)*)'\]/y

const escapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  "'": "'",
  '\\': '\\',
}

/** The path of a rule's `fieldPath`, `.parts['a.b'].name`, as errors write it; undefined when the schema has none. */
export function ruleFieldPath(fieldPath: string, schema: Schema): string | undefined {
  let path = ''
  let at: Schema | undefined = schema
  step.lastIndex = 0
  while (step.lastIndex < fieldPath.length) {
    const [, name, quoted] = step.exec(fieldPath) ?? []
    const key = name ?? quoted?.replaceAll(/\\(.)/g, (all, letter: string) => escapes[letter] ?? all)
    if (key === undefined || at === undefined) return undefined
    const { properties, additionalProperties }: Schema = at
    path += properties === undefined ? `[${key}]` : `.${key}`
    at = properties === undefined ? additionalProperties : properties[key]
  }
  return at === undefined ? undefined : path.replace(/^\./, '')
}
