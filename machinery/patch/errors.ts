/** not-a-patch is a 400; failed (a missing path, a test that does not hold) a 422; too-many-operations a 413. */
export type PatchErrorCode = 'not-a-patch' | 'failed' | 'too-many-operations'

/** Why a patch was not applied; the message quotes no value. */
export class PatchError extends Error {
  override readonly name = 'PatchError'
  readonly code: PatchErrorCode

  constructor(code: PatchErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
