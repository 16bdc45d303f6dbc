import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, closeSync, openSync, readdirSync, rmSync, statSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { StorageError } from '../errors.ts'
import { hasErrorCode, unwritable } from './file-errors.ts'

const attemptMax = 5
const socketPathBytesMax = 103

/**
 * One process at a time works on a directory. The lock is a Unix socket in it that its owner listens on: the kernel
 * knows whether the owner lives, whatever container it is in, and lets go when it dies. A file with a process number
 * could not tell that.
 *
 * Invariants:
 * 1. A socket's name is never used again, so to remove a dead one cannot hit a living one.
 * 2. First listen, then look at the others: of two that start together at least one sees the other, and who sees
 *    another gives up. Both may; never do both go on.
 */
export async function lockDirectory(directory: string): Promise<AsyncDisposable> {
  for (let attempt = 0; attempt < attemptMax; attempt++) {
    const own = await listen(directory)
    if (!own.stands()) {
      // Somebody looked between the making of our socket and our listening to it, took it for dead and removed it.
      await own[Symbol.asyncDispose]()
      continue
    }
    if (!(await findOther(directory, own.name))) return own
    await own[Symbol.asyncDispose]()
    throw new StorageError('locked', `${directory} is in use by another process`)
  }
  throw new StorageError('locked', `${directory} is being opened by other processes`)
}

interface OwnSocket extends AsyncDisposable {
  readonly name: string
  stands(): boolean
}

async function listen(directory: string): Promise<OwnSocket> {
  const name = `lock-${randomUUID().slice(0, 8)}`
  const path = join(directory, name)
  const reach = openShortPath(directory, name)
  const server = createServer((socket) => socket.destroy())
  try {
    server.listen(reach.path)
    await once(server, 'listening')
  } catch (error) {
    reach.close()
    throw unwritable(error, directory)
  }
  server.unref()
  chmodSync(path, 0o600)
  return {
    name,
    stands: () => statSync(path, { throwIfNoEntry: false }) !== undefined,
    [Symbol.asyncDispose]: async () => {
      server.close()
      await once(server, 'close')
      reach.close()
      rmSync(path, { force: true })
    },
  }
}

async function findOther(directory: string, ownName: string): Promise<boolean> {
  for (const name of readdirSync(directory)) {
    if (!name.startsWith('lock-') || name === ownName) continue
    if (await isAlive(directory, name)) return true
    rmSync(join(directory, name), { force: true })
  }
  return false
}

/** Only a refused connection proves that nobody listens: whatever else goes wrong counts as alive. */
async function isAlive(directory: string, name: string): Promise<boolean> {
  const reach = openShortPath(directory, name)
  const socket = connect(reach.path)
  try {
    await once(socket, 'connect')
    return true
  } catch (error) {
    return !hasErrorCode(error, 'ECONNREFUSED', 'ENOENT')
  } finally {
    socket.destroy()
    reach.close()
  }
}

/** A socket's path may have 107 bytes. A longer one is reached through the directory's descriptor. */
function openShortPath(directory: string, name: string): { readonly path: string; close(): void } {
  const path = join(directory, name)
  if (Buffer.byteLength(path) <= socketPathBytesMax) return { path, close: () => undefined }
  const descriptor = openSync(directory, 'r')
  return { path: `/proc/self/fd/${descriptor}/${name}`, close: () => closeSync(descriptor) }
}
