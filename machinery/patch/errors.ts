/** not-a-patch: 400. failed: 422, a path is missing or a test failed. too-many-operations, too-large: 413. */
export type PatchErrorCode = 'not-a-patch' | 'failed' | 'too-many-operations' | 'too-large'

/** Why a patch was not applied; the message quotes no value. */
export class PatchError extends Error {
  override readonly name = 'PatchError'
  readonly code: PatchErrorCode

  constructor(code: PatchErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
