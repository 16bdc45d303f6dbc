import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { writePrivately } from '../../apiserver/certificates/certificate-files.ts'

/** The key that tokens of ServiceAccounts are signed with; the same after a restart. */
export async function accountKey(path: string): Promise<KeyObject> {
  try {
    return createPrivateKey(await readFile(path, 'utf8'))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    await writePrivately(path, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
    return privateKey
  }
}
