import { open, readFile, rename, rm } from 'node:fs/promises'
import { limited } from '../../base/waiting/limited.ts'
import { parseSnapshot } from '../../storage/archive/snapshot.ts'
import { UsageError } from '../errors.ts'
import { parseOptions } from '../options.ts'
import type { Terminal } from '../terminal.ts'
import { archivePath, askArchive } from './archive-client.ts'

/** Writes what a running server holds into a file that only its owner may read; under its name it is whole. */
export async function snapshot(args: readonly string[], terminal: Terminal): Promise<number> {
  const options = parseOptions(args)
  if (options.out === '') throw new UsageError('--out says where the snapshot is written to')
  const partial = `${options.out}.partial`
  return await askArchive(options, terminal, async (client, signal) => {
    const inTime = limited(options.requestTimeout, signal)
    try {
      await writePieces(partial, await client.stream(archivePath, inTime))
      const { uid, revision, count } = parseSnapshot(await readFile(partial)).header
      await rename(partial, options.out)
      return `store ${uid} at revision ${revision}: ${count} records`
    } finally {
      await rm(partial, { force: true })
    }
  })
}

async function writePieces(path: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  await rm(path, { force: true })
  await using file = await open(path, 'wx', 0o600)
  for await (const piece of pieces) await file.write(piece)
  await file.sync()
}
