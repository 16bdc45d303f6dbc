import { StorageError } from '../errors.ts'

export function hasErrorCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.some((code) => error.code === code)
}

/** What a refused change to a directory means. */
export function unwritable(error: unknown, path: string): StorageError {
  if (error instanceof StorageError) return error
  const options = { cause: error }
  if (hasErrorCode(error, 'EACCES', 'EPERM', 'EROFS'))
    return new StorageError('read-only', `${path} is not writable`, options)
  if (hasErrorCode(error, 'ENOSPC', 'EDQUOT')) return new StorageError('full', `${path} has no room`, options)
  return new StorageError('unavailable', `${path} cannot be used`, options)
}
