import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseTokenFile, type StaticToken } from '../../apiserver/authentication/static-tokens.ts'
import type { Options } from '../options.ts'

/** The file that was named must be there; the one in the data directory may. */
export async function readTokens({ tokenAuthFile, dataDir }: Options): Promise<readonly StaticToken[]> {
  if (tokenAuthFile !== '') return parseTokenFile(await readFile(tokenAuthFile, 'utf8'))
  const text = await readFile(join(dataDir, 'tokens.csv'), 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  })
  return parseTokenFile(text)
}
