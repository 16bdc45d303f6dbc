import { parseGoDuration } from '../machinery/duration.ts'

/** One flag: how its text becomes a value, and what `--help` and docs/flags.md say of it. */
export interface Flag<T> {
  readonly group: string
  /** What stands behind the name in `--help`; absent for switches. */
  readonly placeholder?: string
  readonly fallback: string
  readonly doc: string
  readonly short?: string
  /** Undefined when the text means nothing. */
  parse(text: string): T | undefined
}

/** What one group of flags shares. */
export interface FlagMakers {
  text(fallback: string, placeholder: string, doc: string): Flag<string>
  /** Off unless told otherwise. */
  toggle(doc: string, fallback?: 'true'): Flag<boolean>
  integer(fallback: number, doc: string): Flag<number>
  /** Go's form; the value is in milliseconds. */
  duration(fallback: string, doc: string): Flag<number>
  list(fallback: string, placeholder: string, doc: string): Flag<readonly string[]>
  choice<const T extends string>(choices: readonly T[], fallback: NoInfer<T>, doc: string): Flag<T>
}

export function flagGroup(group: string): FlagMakers {
  return {
    text: (fallback, placeholder, doc) => ({ group, placeholder, fallback, doc, parse: (text) => text }),
    toggle: (doc, fallback) => ({ group, fallback: fallback ?? 'false', doc, parse: parseToggle }),
    integer: (fallback, doc) => ({ group, placeholder: 'N', fallback: String(fallback), doc, parse: parseInteger }),
    duration: (fallback, doc) => ({ group, placeholder: 'DURATION', fallback, doc, parse: parseDuration }),
    list: (fallback, placeholder, doc) => ({ group, placeholder, fallback, doc, parse: parseList }),
    choice: (choices, fallback, doc) => ({
      group,
      placeholder: choices.join('|'),
      fallback,
      doc,
      parse: (text) => choices.find((choice) => choice === text),
    }),
  }
}

function parseToggle(text: string): boolean | undefined {
  return text === 'true' ? true : text === 'false' ? false : undefined
}

function parseInteger(text: string): number | undefined {
  const value = Number(text)
  return /^\d+$/.test(text) && Number.isSafeInteger(value) ? value : undefined
}

function parseDuration(text: string): number | undefined {
  const value = parseGoDuration(text)
  return value !== undefined && value >= 0 ? value : undefined
}

function parseList(text: string): readonly string[] {
  return text.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]))
}
