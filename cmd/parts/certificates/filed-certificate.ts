import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { CertificatePool } from '../../../apiserver/authentication/certificate-pool.ts'
import { UsageError } from '../../errors.ts'
import type { Options } from '../../options.ts'
import { FollowedCertificate, type Handed } from './followed-certificate.ts'

export interface CertificatePaths {
  readonly certificate: string
  readonly key: string
  readonly authority: string
}

/** A certificate that somebody else keeps in files, and replaces there. Throws UsageError. */
export async function filedCertificate(paths: CertificatePaths): Promise<FollowedCertificate> {
  const find = (): Promise<Handed | undefined> => read(paths)
  const found = await find()
  if (found !== undefined) return new FollowedCertificate(find, found)
  throw new UsageError(
    '--tls-cert-file, --tls-private-key-file, --tls-ca-file: no certificate with its key and authority',
  )
}

export function certificatePaths({ tlsCertFile, tlsPrivateKeyFile, tlsCaFile }: Options): CertificatePaths {
  return { certificate: tlsCertFile, key: tlsPrivateKeyFile, authority: tlsCaFile }
}

async function read({ certificate, key, authority }: CertificatePaths): Promise<Handed | undefined> {
  try {
    const texts = await Promise.all([certificate, key, authority].map((path) => readFile(path, 'utf8')))
    const [certificatePem = '', keyPem = '', authorityPem = ''] = texts
    CertificatePool.parse(authorityPem)
    const fits = new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(keyPem))
    return fits && authorityPem.trim() !== '' ? { pair: { certificatePem, keyPem }, authorityPem } : undefined
  } catch {
    return undefined
  }
}
