/**
 * token-file: a line of the file with the bearer tokens is not `token,user,uid,"group,group"`. authority: a bundle of
 * certificates of authorities cannot be read.
 */
export type AuthenticationErrorCode = 'token-file' | 'authority'

export class AuthenticationError extends Error {
  override readonly name = 'AuthenticationError'
  readonly code: AuthenticationErrorCode

  /** `subject` is a place or what is wrong there, never what stands there. */
  constructor(code: AuthenticationErrorCode, subject: string) {
    super(`${code}: ${subject}`)
    this.code = code
  }
}
