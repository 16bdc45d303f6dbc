import { StatusError } from '../machinery/status.ts'
import { expired, internalError, serviceUnavailable, tooManyRequests } from '../machinery/status-errors.ts'
import { StorageError, type StorageErrorCode } from '../storage/errors.ts'

/**
 * The answer to whatever was thrown below. The texts are ours: an unforeseen error may quote a value that it was
 * handling, so its own text goes nowhere.
 */
export function refusalOf(error: unknown): StatusError {
  if (error instanceof StatusError) return error
  if (error instanceof StorageError) return storageRefusals[error.code]()
  return internalError('the request met an unforeseen error')
}

const tryLater = 'the store cannot answer now, please try again'
const broken = 'the store cannot be used'

const storageRefusals: Readonly<Record<StorageErrorCode, () => StatusError>> = {
  'key-exists': () => internalError('a write met another one'),
  'key-missing': () => internalError('a write met another one'),
  conflict: () => internalError('a write met another one'),
  compacted: () => expired('The resourceVersion for the provided list is too old.'),
  future: () => serviceUnavailable(tryLater),
  busy: () => tooManyRequests('too many writes are waiting, please try again', 1),
  full: () => storageFull(),
  'read-only': () => serviceUnavailable(broken),
  corrupt: () => serviceUnavailable(broken),
  locked: () => serviceUnavailable(broken),
  format: () => serviceUnavailable(broken),
  foreign: () => serviceUnavailable(broken),
  unavailable: () => serviceUnavailable(tryLater),
}

/** 507 has no reason of its own in the API: clients go by the code. */
function storageFull(): StatusError {
  return new StatusError({ code: 507, reason: '', message: 'the store has no room left; nothing was written' })
}
