/** A file that is written by `npm run generate` and by nobody else. */
export interface GeneratedFile {
  /** Relative to the checkout. */
  readonly path: string
  readonly text: string
}
