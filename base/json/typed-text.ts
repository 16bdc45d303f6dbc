import { decimal, numberOf } from './found.ts'
import { encodeFound, type JsonStyle } from './go-json.ts'
import { type Found, unquoted } from './json-scan.ts'

/**
 * The typed rule (eso-behaviour.md 3.6, 2): texts as they are, null as nothing, objects and lists as sorted JSON with
 * HTML escaping, numbers without an exponent.
 */
export function typedText(value: Found, numbers: JsonStyle['numbers'] = 'float'): string {
  if (value.kind === 'string') return unquoted(value.raw)
  if (value.kind === 'null') return ''
  if (value.kind !== 'number') return encodeFound(value, { escaping: 'html', numbers })
  return numbers === 'literal' ? value.raw : decimal(numberOf(value.raw))
}
