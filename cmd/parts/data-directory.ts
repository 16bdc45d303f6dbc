import { chmod, mkdir, readdir, stat } from 'node:fs/promises'
import { UsageError } from '../errors.ts'

/** Values lie in it: nobody else may look. What was made for others, such as /tmp, must not be shut by mistake. */
export async function openDataDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  const isShared = ((await stat(path)).mode & 0o077) !== 0
  if (isShared && isForeign(await readdir(path))) {
    throw new UsageError(`--data-dir: ${path} holds something else; name a directory that is empty or new`)
  }
  await chmod(path, 0o700)
}

function isForeign(names: readonly string[]): boolean {
  return names.length > 0 && !names.some((name) => ours.has(name))
}

const ours: ReadonlySet<string> = new Set(['store', 'pki', 'tokens.csv'])
