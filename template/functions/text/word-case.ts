import { fromRunes, runesOf } from '../../byte-string.ts'

/** Conversions between forms of a name, word by word. */
export function snakecase(text: string): string {
  return joined(text, '_')
}

export function kebabcase(text: string): string {
  return joined(text, '-')
}

/**
 * Every word begins with a capital. Of connectors in a row the last is dropped, but those at the ends stay; capitals
 * that follow the first one are a spelled-out word like any other.
 */
export function camelcase(text: string): string {
  if (text === '') return ''
  const characters = charactersOf(text)
  const first = characters.findIndex((one) => !isConnector(one))
  if (first < 0) return text + text.slice(-1)
  const last = characters.findLastIndex((one) => !isConnector(one))
  const words = characters
    .slice(first, last + 1)
    .join('')
    .split(/(?<=[_\s-])(?=[^_\s-])|(?<=[^_\s-])(?=[_\s-])/u)
  const inner = words.map((word) => (isConnector([...word][0] ?? '') ? word.slice(0, -1) : capitalised(word)))
  const whole = [...characters.slice(0, first), ...inner, ...characters.slice(last + 1)].join('')
  return fromRunes(runesOfText(whole))
}

function capitalised(word: string): string {
  const [, capitals = ''] = /^(\p{Lu}*)/u.exec(word) ?? []
  const [first = '', ...others] = [...word]
  const run = Math.max(0, [...capitals].length - 1)
  return raised(first) + others.map((one, index) => (index < run ? lowered(one) : one)).join('')
}

type Kind = 'upper' | 'lower' | 'digit' | 'symbol' | 'connector' | 'punctuation'

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
    const begins = beginsWord(kind, { before, after, isSmallNext: () => isBeforeSmallLetter(characters, index), word })
    if (begins && word !== '') {
      words.push(word)
      word = ''
    }
    word += kind === 'upper' ? lowered(one) : one
  }
  return fromRunes(runesOfText([...words, word].join(connector)))
}

interface Surroundings {
  readonly before: Kind
  readonly after: Kind
  /** Of digits: whether they run into a small letter. */
  readonly isSmallNext: () => boolean
  readonly word: string
}

function beginsWord(kind: Kind, { before, after, isSmallNext, word }: Surroundings): boolean {
  switch (kind) {
    case 'upper':
      return (
        before === 'lower' || before === 'digit' || before === 'symbol' || (before === 'upper' && after === 'lower')
      )
    case 'lower':
      return before === 'symbol'
    case 'digit':
      return (isLetter(before) || before === 'symbol') && !/^\d/.test(word) && isSmallNext()
    case 'symbol':
      return before !== 'symbol' && before !== 'punctuation'
    default:
      return false
  }
}

function isLetter(kind: Kind): boolean {
  return kind === 'lower' || kind === 'upper'
}

/** Whether the digits that begin here run into a small letter: `2xx` is a word of its own. */
function isBeforeSmallLetter(characters: readonly string[], index: number): boolean {
  const end = characters.findIndex((one, at) => at > index && kindOf(one) !== 'digit')
  return end >= 0 && kindOf(characters[end] ?? '') === 'lower'
}

function kindOf(character: string): Kind {
  if (/^[_\s-]$/u.test(character)) return 'connector'
  if (/^\p{P}$/u.test(character)) return 'punctuation'
  if (/^\p{Lu}$/u.test(character)) return 'upper'
  if (/^\p{N}$/u.test(character)) return 'digit'
  return /^\p{L}$/u.test(character) && !chinese.test(character) ? 'lower' : 'symbol'
}

/** Letters that huandu/xstrings counts as none (isAlphabet in count.go). */
const chinese = /[\u3400-\u4D85\u4E00-\u9FCC\u{20000}-\u{2B81D}]/u

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
