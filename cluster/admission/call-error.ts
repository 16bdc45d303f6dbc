/** A webhook cannot be called, or refused to answer. The message is ours and quotes no body. */
export class CallError extends Error {
  override readonly name = 'CallError'
  /** Of HTTP: what the webhook answered, or what stands for it in metrics; absent: no answer. */
  readonly code: number | undefined

  constructor(message: string, code?: number) {
    super(message)
    this.code = code
  }
}
