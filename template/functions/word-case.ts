import { fromRunes, runesOf } from '../byte-string.ts'

/** Conversions between forms of a name, word by word. */
export function snakecase(text: string): string {
  return joined(text, '_')
}

export function kebabcase(text: string): string {
  return joined(text, '-')
}

/** Every connected word capitalised: what connects them is dropped, but for what stands before the first word. */
export function camelcase(text: string): string {
  const characters = charactersOf(text)
  const first = characters.findIndex((one) => !isConnector(one))
  if (first < 0) return text
  let result = characters.slice(0, first).join('')
  let isStart = true
  for (const one of characters.slice(first)) {
    if (isConnector(one)) isStart = true
    else {
      result += isStart ? raised(one) : one
      isStart = false
    }
  }
  return fromRunes(runesOfText(result))
}

type Kind = 'upper' | 'lower' | 'digit' | 'connector' | 'punctuation'

function joined(text: string, connector: string): string {
  const words: string[] = []
  const characters = charactersOf(text)
  let word = ''
  for (const [index, one] of characters.entries()) {
    const kind = kindOf(one)
    const before = kindOf(characters[index - 1] ?? '_')
    const after = kindOf(characters[index + 1] ?? '_')
    if (kind === 'connector') {
      words.push(word)
      word = ''
      continue
    }
    const begins =
      (kind === 'upper' && (before === 'lower' || before === 'digit' || (before === 'upper' && after === 'lower'))) ||
      (kind === 'digit' && (before === 'lower' || before === 'upper'))
    if (begins && word !== '') {
      words.push(word)
      word = ''
    }
    word += lowered(one)
  }
  return fromRunes(runesOfText([...words, word].join(connector)))
}

function kindOf(character: string): Kind {
  if (/^[_\s-]$/u.test(character)) return 'connector'
  if (/^\p{Lu}$/u.test(character)) return 'upper'
  if (/^\p{Nd}$/u.test(character)) return 'digit'
  return /^\p{L}$/u.test(character) ? 'lower' : 'punctuation'
}

function isConnector(character: string): boolean {
  return kindOf(character) === 'connector'
}

function charactersOf(text: string): string[] {
  return runesOf(text).map((code) => String.fromCodePoint(code))
}

function runesOfText(text: string): number[] {
  return [...text].map((character) => character.codePointAt(0) ?? 0)
}

function raised(character: string): string {
  const upper = character.toUpperCase()
  return [...upper].length === 1 ? upper : character
}

function lowered(character: string): string {
  const lower = character.toLowerCase()
  return [...lower].length === 1 ? lower : character
}
