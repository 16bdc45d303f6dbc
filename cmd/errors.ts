/** What was asked of the program cannot be done as it was asked: exit code 2 and the way to help. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The example did not come to its end; the message says where. */
export class QuickstartError extends Error {
  override readonly name = 'QuickstartError'
}
