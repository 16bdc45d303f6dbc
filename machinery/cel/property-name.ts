const reserved: ReadonlySet<string> = new Set(
  (
    'true false null in as break const continue else for function if import let loop package namespace return ' +
    'var void while'
  ).split(' '),
)

const escapes: Readonly<Record<string, string>> = {
  __: '__underscores__',
  '.': '__dot__',
  '-': '__dash__',
  '/': '__slash__',
}

/** The identifier by which an expression knows a property; undefined when it cannot know it. */
export function escapedName(property: string): string | undefined {
  if (reserved.has(property)) return `__${property}__`
  if (!/^[A-Za-z_./-][A-Za-z0-9_./-]*$/.test(property)) return undefined
  return property.replaceAll(/__|[./-]/g, (part) => escapes[part] ?? part)
}

/** The property that an identifier stands for. */
export function propertyName(identifier: string): string {
  const inner = /^__(.+)__$/.exec(identifier)?.[1]
  if (inner !== undefined && reserved.has(inner)) return inner
  return identifier.replaceAll(/__(?:underscores|dot|dash|slash)__/g, (part) => unescapes.get(part) ?? part)
}

const unescapes: ReadonlyMap<string, string> = new Map(Object.entries(escapes).map(([text, escape]) => [escape, text]))
