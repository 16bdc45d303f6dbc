/**
 * key-exists, key-missing, conflict: the answer of a write that lost a race; expected, and translated by the registry.
 * compacted: history before the asked revision is gone; a watch that fell too far behind ends with it too.
 * future: the asked revision does not exist yet, and did not come within the bounded wait.
 * busy: too many writes are waiting; this one was not made and may be tried again.
 * full: the disk has no room; the write was not made, and later ones work as soon as there is room again.
 * read-only, corrupt, locked, format: the store cannot be opened: not writable, damaged, in use by another process,
 * written by another version of this program. A damaged record that is met later is `corrupt` as well.
 * foreign: the store is not the one that was asked for.
 * unavailable: the store cannot answer now, and a write may or may not have happened.
 */
export type StorageErrorCode =
  | 'key-exists'
  | 'key-missing'
  | 'conflict'
  | 'compacted'
  | 'future'
  | 'busy'
  | 'full'
  | 'read-only'
  | 'corrupt'
  | 'locked'
  | 'format'
  | 'foreign'
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
