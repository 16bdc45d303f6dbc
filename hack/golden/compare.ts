/** Where `actual` differs from `expected`, one line each; the patterns of the recordings match what they name. */
export function differencesOf(expected: unknown, actual: unknown, path = ''): string[] {
  if (isPattern(expected)) return matchesPattern(expected, actual) ? [] : [line(path, expected, actual)]
  if (isRecord(expected) && isRecord(actual)) {
    const keys = [...new Set([...Object.keys(expected), ...Object.keys(actual)])].sort()
    return keys.flatMap((key) => differencesOf(expected[key], actual[key], `${path}/${key}`))
  }
  if (Array.isArray(expected) && Array.isArray(actual) && expected.length === actual.length) {
    return expected.flatMap((value, index) => differencesOf(value, actual[index], `${path}/${index}`))
  }
  if (typeof expected === 'string' && typeof actual === 'string' && textMatches(expected, actual)) return []
  return JSON.stringify(expected) === JSON.stringify(actual) ? [] : [line(path, expected, actual)]
}

const placeholders: Readonly<Record<string, string>> = {
  rfc3339: '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ|<rfc3339>',
  uuid: '[0-9a-f-]{36}|<uuid>',
  pointer: '0x[0-9a-f]+',
  source: '[0-9.:\\[\\]]+',
  'data-hash': '[0-9a-f]{56}',
  // Not in the recordings: where differences.ts says that the words are ours.
  ours: '[^\\n]{1,400}',
}

function textMatches(expected: string, actual: string): boolean {
  if (!/<[a-z0-9-]+>/.test(expected)) return expected === actual
  const pattern = expected
    .split(/(<[a-z0-9-]+>)/)
    .map((part) => {
      const placeholder = placeholders[part.slice(1, -1)]
      return part.startsWith('<') && placeholder ? `(?:${placeholder})` : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    })
    .join('')
  return new RegExp(`^${pattern}$`, 's').test(actual)
}

interface Pattern {
  readonly pattern: string
}

/** `{pattern}` stands for base64 data whose decoded text matches. */
function isPattern(value: unknown): value is Pattern {
  return isRecord(value) && Object.keys(value).length === 1 && typeof value['pattern'] === 'string'
}

function matchesPattern({ pattern }: Pattern, actual: unknown): boolean {
  return typeof actual === 'string' && new RegExp(pattern, 's').test(Buffer.from(actual, 'base64').toString())
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function line(path: string, expected: unknown, actual: unknown): string {
  const text = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 600)
  return `${path || '/'}: expected ${text(expected)}, got ${text(actual)}`
}
