/** A selector that cannot be read: 400 with this message. */
export class SelectorError extends Error {
  override readonly name = 'SelectorError'
}
