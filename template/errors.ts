/**
 * syntax: the source does not parse. unknown-function: it names a function that there is not. evaluation: a value is
 * missing or of the wrong type where it is used. function-failed: a function refused its arguments. over-budget: the
 * template asked for more steps, bytes, depth or time than it is given.
 */
export type TemplateErrorCode = 'syntax' | 'unknown-function' | 'evaluation' | 'function-failed' | 'over-budget'

/** Where in the source: lines count from 1, columns are bytes from 0, as Go's messages have them. */
export interface Position {
  readonly line: number
  readonly column: number
}

export interface TemplateErrorPlace extends Position {
  readonly template: string
}

/**
 * The message is ours: it names the template, a line and column, functions, fields and types, and never holds a value,
 * a string literal of the source or the text of a library. Sources too can come out of a Secret.
 */
export class TemplateError extends Error {
  override readonly name = 'TemplateError'
  readonly code: TemplateErrorCode
  readonly place: TemplateErrorPlace
  /** The message without the place. */
  readonly detail: string

  constructor(code: TemplateErrorCode, place: TemplateErrorPlace, detail: string) {
    super(`template: ${place.template}:${place.line}:${place.column}: ${detail}`)
    this.code = code
    this.place = place
    this.detail = detail
  }
}
