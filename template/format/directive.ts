export type Flag = '#' | '+' | '-' | ' ' | '0'

/** What stands between a percent sign and its verb, with the verb. */
export interface Directive {
  readonly verb: string
  readonly flags: ReadonlySet<Flag>
  readonly width: number | undefined
  readonly precision: number | undefined
}
