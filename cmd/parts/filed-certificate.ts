import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { CertificatePool } from '../../apiserver/authentication/certificate-pool.ts'
import type { KeyPair } from '../../apiserver/certificates/authority.ts'
import { UsageError } from '../errors.ts'
import type { Options } from '../options.ts'

export interface CertificatePaths {
  readonly certificate: string
  readonly key: string
  readonly authority: string
}

interface Filed {
  readonly pair: KeyPair
  readonly authorityPem: string
}

/** A certificate that somebody else keeps in files, and replaces there. */
export class FiledCertificate {
  readonly #paths: CertificatePaths
  #current: Filed

  private constructor(paths: CertificatePaths, current: Filed) {
    this.#paths = paths
    this.#current = current
  }

  /** Throws UsageError. */
  static async open(paths: CertificatePaths): Promise<FiledCertificate> {
    const found = await read(paths)
    if (found !== undefined) return new FiledCertificate(paths, found)
    throw new UsageError(
      '--tls-cert-file, --tls-private-key-file, --tls-ca-file: no certificate with its key and authority',
    )
  }

  /** PEM. */
  get authorityCertificate(): string {
    return this.#current.authorityPem
  }

  /** As it is there now; what cannot be used, such as files that are being replaced, leaves the last one in use. */
  async serving(): Promise<KeyPair> {
    this.#current = (await read(this.#paths)) ?? this.#current
    return this.#current.pair
  }
}

export function certificatePaths({ tlsCertFile, tlsPrivateKeyFile, tlsCaFile }: Options): CertificatePaths {
  return { certificate: tlsCertFile, key: tlsPrivateKeyFile, authority: tlsCaFile }
}

async function read({ certificate, key, authority }: CertificatePaths): Promise<Filed | undefined> {
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
