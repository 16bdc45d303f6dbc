import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { StorageError } from '../errors.ts'
import { lockDirectory } from './directory-lock.ts'
import type { EngineView } from './engine.ts'
import { readLmdb } from './engine-lmdb.ts'
import { checkLmdbFile } from './lmdb-file.ts'
import { checkFormat } from './store-directory.ts'

interface ReadStoreOptions<R> {
  readonly look: (view: EngineView) => R
  /** Reads one snapshot of a store that another process works on. */
  readonly inUse?: boolean
}

/** Shows a store to a tool without changing it. Rejects as opening it would, and where there is none. */
export async function readStore<R>(directory: string, { look, inUse = false }: ReadStoreOptions<R>): Promise<R> {
  const dataPath = join(directory, 'data.mdb')
  if (!existsSync(dataPath)) throw new StorageError('corrupt', `${directory} holds no store`)
  await using lock = inUse ? undefined : await lockDirectory(directory)
  checkFormat(directory)
  // Pages under a writer's hands change while they are read: the walk would find damage that is none.
  if (lock) checkLmdbFile(dataPath, { expected: true })
  return readLmdb(dataPath, look)
}
