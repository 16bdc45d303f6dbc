import { SelectorError } from './errors.ts'

export interface FieldRequirement {
  readonly path: string
  readonly operator: '=' | '!='
  readonly value: string
}

/** `a=b,c!=d` as k8s.io/apimachinery/pkg/fields reads it: all must hold. Throws SelectorError. */
export function parseFieldSelector(text: string): readonly FieldRequirement[] {
  return terms(text)
    .filter((term) => term !== '')
    .map((term) => requirementOf(term, text))
}

/** Split at commas that no backslash escapes. */
function terms(text: string): readonly string[] {
  const parts: string[] = []
  let start = 0
  for (let index = 0; index < text.length; index += 1) {
    if (text[index] === '\\') index += 1
    else if (text[index] === ',') {
      parts.push(text.slice(start, index))
      start = index + 1
    }
  }
  return [...parts, text.slice(start)]
}

function requirementOf(term: string, selector: string): FieldRequirement {
  const match = /!=|==|=/.exec(term)
  if (match === null) throw new SelectorError(`invalid selector: '${selector}'; can't understand '${term}'`)
  const value = unescaped(term.slice(match.index + match[0].length))
  return { path: term.slice(0, match.index), operator: match[0] === '!=' ? '!=' : '=', value }
}

function unescaped(value: string): string {
  let plain = ''
  for (let index = 0; index < value.length; index += 1) {
    const character = value.charAt(index)
    if (character === '=' || character === ',') {
      throw new SelectorError(`invalid field selector: unescaped character in value: ${character.charCodeAt(0)}`)
    }
    if (character !== '\\') {
      plain += character
      continue
    }
    index += 1
    const escaped = value.charAt(index)
    if (escaped !== '\\' && escaped !== ',' && escaped !== '=') {
      throw new SelectorError(`invalid field selector: invalid escape sequence: \\${escaped}`)
    }
    plain += escaped
  }
  return plain
}
