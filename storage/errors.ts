/**
 * key-exists, key-missing, conflict: the answer of a write that lost a race; expected, and translated by the registry.
 * compacted: history before the asked revision is gone. future: the asked revision does not exist yet.
 * full: the disk has no room; the write was not made. read-only, corrupt, locked, format: the store cannot be opened.
 * unavailable: the store cannot answer now, and a write may or may not have happened.
 */
export type StorageErrorCode =
  | 'key-exists'
  | 'key-missing'
  | 'conflict'
  | 'compacted'
  | 'future'
  | 'full'
  | 'read-only'
  | 'corrupt'
  | 'locked'
  | 'format'
  | 'unavailable'

export class StorageError extends Error {
  override readonly name = 'StorageError'
  readonly code: StorageErrorCode

  /** `subject` is a key, a path or a revision: what the operation was about, never a value. */
  constructor(code: StorageErrorCode, subject: string, options?: ErrorOptions) {
    super(`${code}: ${subject}`, options)
    this.code = code
  }
}

export function isStorageError(error: unknown, code: StorageErrorCode): error is StorageError {
  return error instanceof StorageError && error.code === code
}
