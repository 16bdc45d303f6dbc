/** token-file: a line of the file with the bearer tokens is not `token,user,uid,"group,group"`. */
export type AuthenticationErrorCode = 'token-file'

export class AuthenticationError extends Error {
  override readonly name = 'AuthenticationError'
  readonly code: AuthenticationErrorCode

  /** `subject` is a place in a file, never what stands there. */
  constructor(code: AuthenticationErrorCode, subject: string) {
    super(`${code}: ${subject}`)
    this.code = code
  }
}
