import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { KeyPair } from './authority.ts'
import type { KeyPairs } from './key-pairs.ts'

/** In files of one directory. */
export function keyPairFiles(directory: string): KeyPairs {
  const pathOf = (name: string): KeyPairPath => ({
    certificate: join(directory, `${name}.crt`),
    key: join(directory, `${name}.key`),
  })
  return {
    read: (name) => readKeyPair(pathOf(name)),
    keep: async (name, pair) => {
      await writeKeyPair(pathOf(name), pair)
      return pair
    },
  }
}

/** Undefined when one of the two files is missing. */
async function readKeyPair(path: KeyPairPath): Promise<KeyPair | undefined> {
  const [certificatePem, keyPem] = await Promise.all([readIfThere(path.certificate), readIfThere(path.key)])
  return certificatePem === undefined || keyPem === undefined ? undefined : { certificatePem, keyPem }
}

/** The key first: a certificate without its key would be taken for a damaged pair. */
export async function writeKeyPair(path: KeyPairPath, pair: KeyPair): Promise<void> {
  await writePrivately(path.key, pair.keyPem)
  await writePrivately(path.certificate, pair.certificatePem)
}

export interface KeyPairPath {
  readonly certificate: string
  readonly key: string
}

/** Whole or not at all, readable by the owner alone. */
export async function writePrivately(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const partial = `${path}.partial`
  // What somebody else may have put there, a link or a file that they hold open, must not receive a key.
  await rm(partial, { force: true })
  const file = await open(partial, 'wx', 0o600)
  try {
    await file.chmod(0o600)
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(partial, path)
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
