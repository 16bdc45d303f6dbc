import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { StorageError } from '../errors.ts'
import { lockDirectory } from './directory-lock.ts'
import { hasErrorCode, unwritable } from './file-errors.ts'
import { checkLmdbFile } from './lmdb-file.ts'

/** Raised with every change that an older program would misread. */
const storeFormat = '1'

const directoryMode = 0o700
const fileMode = 0o600
const spareBytes = 256 * 1024

/** A store's directory, held by this process: the data file, LMDB's lock file, `format` and our lock. */
export interface StoreDirectory extends AsyncDisposable {
  readonly path: string
  readonly dataPath: string
  /** Whether a store was set up here before. */
  readonly complete: boolean
  /** Says, durably, that the data file has been set up. From then on an empty one is damage and not a new store. */
  markComplete(): void
  lacksRoom(bytes: number): boolean
}

/**
 * Rejects with `read-only`, `locked`, `format`, `corrupt` or `full`. Afterwards the data file may be mapped: it is
 * absent, empty or whole.
 */
export async function prepareStoreDirectory(path: string): Promise<StoreDirectory> {
  makePrivate(path)
  const lock = await lockDirectory(path)
  const dataPath = join(path, 'data.mdb')
  const complete = existsSync(formatPath(path))
  try {
    checkFormat(path)
    checkLmdbFile(dataPath, { expected: complete })
    for (const file of [dataPath, `${dataPath}-lock`]) createPrivateFile(file)
  } catch (error) {
    await lock[Symbol.asyncDispose]()
    throw unwritable(error, path)
  }
  return {
    path,
    dataPath,
    complete,
    markComplete: () => writeFormat(path),
    lacksRoom: (bytes) => lacksRoom(path, statSync(dataPath).size, 2 * bytes + spareBytes),
    [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose](),
  }
}

/** Rejects with `format` what another version of this program wrote. */
export function checkFormat(directory: string): void {
  const path = formatPath(directory)
  if (existsSync(path) && readFileSync(path, 'utf8').trim() !== storeFormat) {
    throw new StorageError('format', `${directory} was written by another version of this program`)
  }
}

function formatPath(directory: string): string {
  return join(directory, 'format')
}

function makePrivate(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: directoryMode })
    if ((statSync(path).mode & 0o777) !== directoryMode) chmodSync(path, directoryMode)
  } catch (error) {
    throw unwritable(error, path)
  }
}

function createPrivateFile(path: string): void {
  closeSync(openSync(path, 'a', fileMode))
  chmodSync(path, fileMode)
}

function writeFormat(directory: string): void {
  const path = formatPath(directory)
  if (existsSync(path)) return
  try {
    const partial = `${path}.partial`
    writeFileSync(partial, `${storeFormat}\n`, { mode: fileMode, flush: true })
    renameSync(partial, path)
    syncDirectory(directory)
    syncReadable(dirname(directory))
  } catch (error) {
    throw unwritable(error, path)
  }
}

/** A name is durable once its directory is. */
function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r')
  fsyncSync(descriptor)
  closeSync(descriptor)
}

/** The directory above may be anybody's. */
function syncReadable(directory: string): void {
  try {
    syncDirectory(directory)
  } catch (error) {
    if (!hasErrorCode(error, 'EACCES', 'EPERM')) throw error
  }
}

/** Tries it out, behind the end of the data file: quotas and file size limits are invisible otherwise. */
function lacksRoom(directory: string, fileBytes: number, bytes: number): boolean {
  const path = join(directory, 'room.partial')
  try {
    const descriptor = openSync(path, 'w', fileMode)
    try {
      return writeSync(descriptor, Buffer.alloc(bytes), 0, bytes, fileBytes) < bytes
    } finally {
      closeSync(descriptor)
      rmSync(path)
    }
  } catch (error) {
    return hasErrorCode(error, 'ENOSPC', 'EDQUOT', 'EFBIG')
  }
}
