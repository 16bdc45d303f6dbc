import { readFile } from 'node:fs/promises'
import { parseSnapshot } from '../../storage/archive/snapshot.ts'
import { StorageError } from '../../storage/errors.ts'
import { UsageError } from '../errors.ts'
import { parseOptions } from '../options.ts'
import type { Terminal } from '../terminal.ts'
import { archivePath, askArchive } from './archive-client.ts'

/** Puts a snapshot in the place of what a running server holds. Refused, with exit code 1, it has changed nothing. */
export async function restore(args: readonly string[], terminal: Terminal): Promise<number> {
  const options = parseOptions(args)
  if (options.from === '') throw new UsageError('--from says which snapshot is restored')
  const body = await readFile(options.from)
  assertWhole(body, options.from)
  const path = `${archivePath}?others=${options.others}`
  return await askArchive(options, terminal, async (client, signal) => {
    const contentType = 'application/octet-stream'
    const { message } = await client.call({ method: 'PUT', path, body, contentType, signal })
    return typeof message === 'string' ? message : 'restored'
  })
}

function assertWhole(bytes: Uint8Array, path: string): void {
  try {
    parseSnapshot(bytes)
  } catch (error) {
    if (error instanceof StorageError) throw new UsageError(`--from: ${path}: ${error.message}`)
    throw error
  }
}
