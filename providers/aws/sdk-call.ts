import { ProviderError } from '../errors.ts'
import { providerErrorOf } from '../aws-identity/sdk-error.ts'

export interface SendOptions {
  readonly abortSignal: AbortSignal
}

/** A call of a client of the SDK, with errors that are ours; `what` says what was tried. Rejects with ProviderError. */
export async function told<T>(
  what: string,
  signal: AbortSignal,
  send: (options: SendOptions) => Promise<T>,
): Promise<T> {
  try {
    return await send({ abortSignal: signal })
  } catch (error) {
    throw providerErrorOf(error, what, signal)
  }
}

/** An answer without what it must have is none. */
export function incomplete(what: string): ProviderError {
  return new ProviderError('unavailable', `${what}: the answer is not complete`)
}
