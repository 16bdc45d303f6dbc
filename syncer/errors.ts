import type { MaybePromise } from '../base/waiting/maybe-promise.ts'

/**
 * fetch-failed: a provider, a store or a value was not as it must be; nothing was written. secret-missing: the provider
 * is sure that there is no such secret. invalid-value: a value or a key cannot be used as asked. not-served: this
 * release cannot do what is asked, and the condition says so.
 */
export type SyncErrorCode = 'fetch-failed' | 'secret-missing' | 'invalid-value' | 'not-served'

/** The message is ours, or that of a Status or a ProviderError: it goes into events and never holds a value. */
export class SyncError extends Error {
  override readonly name = 'SyncError'
  readonly code: SyncErrorCode

  constructor(code: SyncErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/** The step's own answer; a SyncError says first what was being done. */
export function explained<T>(what: string, step: () => T): T {
  try {
    return step()
  } catch (error) {
    throw explanationOf(what, error)
  }
}

/** The same of a step that may take its time. */
export async function explainedLater<T>(what: string, step: () => MaybePromise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    throw explanationOf(what, error)
  }
}

function explanationOf(what: string, error: unknown): unknown {
  return error instanceof SyncError ? new SyncError(error.code, `${what}: ${error.message}`) : error
}
