import { fromRunes, runes, runeBytes } from '../../byte-string.ts'
import { type CallContext, type FunctionTable, takes } from '../definition.ts'
import { camelcase, kebabcase, snakecase } from './word-case.ts'

/** Functions that change letters and words. */
export const wordFunctions: FunctionTable = {
  upper: takes(['string'], ([text]) => mapped(text, upper)),
  lower: takes(['string'], ([text]) => mapped(text, lower)),
  title: takes(['string'], ([text]) => titled(text)),
  untitle: takes(['string'], ([text]) => untitled(text)),
  swapcase: takes(['string'], ([text]) => mapped(text, swapped)),
  nospace: takes(['string'], ([text]) => withoutSpace(text)),
  initials: takes(['string'], ([text]) => initials(text)),
  snakecase: takes(['string'], ([text]) => snakecase(text)),
  kebabcase: takes(['string'], ([text]) => kebabcase(text)),
  camelcase: takes(['string'], ([text]) => camelcase(text)),
  wrap: takes(['int', 'string'], ([width, text], context) =>
    wrapped(text, { width, newline: '\n', cuts: false }, context),
  ),
  wrapWith: takes(['int', 'string', 'string'], ([width, newline, text], context) =>
    wrapped(text, { width, newline: newline === '' ? '\n' : newline, cuts: true }, context),
  ),
}

function mapped(text: string, change: (code: number) => number): string {
  let result = ''
  for (const { code } of runes(text)) result += runeBytes(change(code))
  return result
}

/** Mappings to one character only, as Go has them: what JavaScript makes several characters of stays as it is. */
function upper(code: number): number {
  return single(String.fromCodePoint(code).toUpperCase()) ?? code
}

function lower(code: number): number {
  return code === 0x130 ? 0x69 : (single(String.fromCodePoint(code).toLowerCase()) ?? code)
}

function single(text: string): number | undefined {
  const code = text.codePointAt(0) ?? 0
  return text.length === String.fromCodePoint(code).length ? code : undefined
}

function swapped(code: number): number {
  const raised = upper(code)
  return raised === code ? lower(code) : raised
}

function isSpace(code: number): boolean {
  return /^[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/.test(String.fromCodePoint(code))
}

/** A letter behind anything but a letter, digit or underscore begins a word. */
function titled(text: string): string {
  let isStart = true
  return mapped(text, (code) => {
    const changed = isStart ? upper(code) : code
    const character = String.fromCodePoint(code)
    isStart = code < 0x80 ? !/\w/.test(character) : !/[\p{L}\p{Nd}]/u.test(character) && isSpace(code)
    return changed
  })
}

function untitled(text: string): string {
  let isStart = true
  return mapped(text, (code) => {
    const changed = isStart ? lower(code) : code
    isStart = isSpace(code)
    return changed
  })
}

/** Each byte taken for a character, if there is a space at all: what the original does, too. */
function withoutSpace(text: string): string {
  const codes = [...text].map((byte) => byte.charCodeAt(0))
  const kept = codes.filter((code) => !isSpace(code))
  return kept.length === codes.length ? text : fromRunes(kept)
}

/** The first byte of each word, taken for a character: what the original does, too. */
function initials(text: string): string {
  const first: number[] = []
  let isStart = true
  for (const byte of text) {
    const code = byte.charCodeAt(0)
    if (isSpace(code)) isStart = true
    else if (isStart) {
      first.push(code)
      isStart = false
    }
  }
  return fromRunes(first)
}

interface Wrapping {
  readonly width: number
  readonly newline: string
  /** Words that are too long are cut. */
  readonly cuts: boolean
}

function wrapped(text: string, { width, newline, cuts }: Wrapping, { budget }: CallContext): string {
  const most = Math.max(1, width)
  budget.reserve(text.length + Math.ceil(text.length / most) * newline.length)
  const lines: string[] = []
  let offset = 0
  while (text.length - offset > most) {
    if (text[offset] === ' ') {
      offset += 1
      continue
    }
    const lastBlank = offset + text.slice(offset, offset + most + 1).lastIndexOf(' ')
    const nextBlank = text.indexOf(' ', offset + most)
    const end = lastBlank >= offset ? lastBlank : cuts ? offset + most : nextBlank < 0 ? text.length : nextBlank
    lines.push(text.slice(offset, end))
    if (end === text.length) return lines.join(newline)
    offset = text[end] === ' ' && (lastBlank >= offset || !cuts) ? end + 1 : end
  }
  return [...lines, text.slice(offset)].join(newline)
}
