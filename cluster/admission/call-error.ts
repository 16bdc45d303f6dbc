/** A webhook cannot be called, or refused to answer. The message is ours and quotes no body. */
export class CallError extends Error {
  override readonly name = 'CallError'
}
