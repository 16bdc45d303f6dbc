import { createPrivateKey, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { type Authority, type KeyPair, type LeafRequest, makeAuthority, makeLeaf } from './authority.ts'
import { type KeyPairPath, readKeyPair, writeKeyPair } from './certificate-files.ts'

/**
 * The certificates that a server makes for itself, in `directory`: an authority, a leaf to serve with and client
 * certificates. What is there is used; what is missing, damaged, near its end or of another authority is made anew.
 */
export class SelfMadeCertificates {
  readonly #options: SelfMadeOptions
  #authority: Authority

  private constructor(options: SelfMadeOptions, authority: Authority) {
    this.#options = options
    this.#authority = authority
  }

  static async open(options: SelfMadeOptions): Promise<SelfMadeCertificates> {
    const certificates = new SelfMadeCertificates(options, { certificatePem: '', keyPem: '' })
    certificates.#authority = await certificates.#openAuthority()
    return certificates
  }

  /** PEM. */
  get authorityCertificate(): string {
    return this.#authority.certificatePem
  }

  serving(hosts: readonly string[]): Promise<KeyPair> {
    const fits = (found: X509Certificate): boolean => hosts.every((host) => coversHost(found, host))
    return this.#leaf('serving', fits, { use: 'server', commonName: 'external-secrets-apiserver', hosts })
  }

  client(commonName: string, groups: readonly string[]): Promise<KeyPair> {
    const wanted = [...groups.map((group) => `O=${group}`), `CN=${commonName}`].join('\n')
    return this.#leaf(`client-${commonName}`, (found) => found.subject === wanted, {
      use: 'client',
      commonName,
      groups,
    })
  }

  async #openAuthority(): Promise<Authority> {
    const path = this.#path('ca')
    const found = await readKeyPair(path)
    if (found !== undefined && this.#isFresh(parsed(found), this.#options.authorityDays)) return found
    const made = await makeAuthority('external-secrets-apiserver-ca', this.#validity(this.#options.authorityDays))
    await writeKeyPair(path, made)
    return made
  }

  async #leaf(
    name: string,
    fits: (found: X509Certificate) => boolean,
    request: Unlimited<LeafRequest>,
  ): Promise<KeyPair> {
    const path = this.#path(name)
    const found = await this.#settledPair(path)
    const certificate = found && parsed(found)
    if (found && certificate && this.#isFresh(certificate, this.#options.leafDays) && this.#isOurs(certificate)) {
      if (fits(certificate)) return found
    }
    const made = await makeLeaf(this.#authority, { ...request, validity: this.#validity(this.#options.leafDays) })
    await writeKeyPair(path, made)
    return made
  }

  /** A key and a certificate that do not belong together may be two files of which one is just being replaced. */
  async #settledPair(path: KeyPairPath): Promise<KeyPair | undefined> {
    const found = await readKeyPair(path)
    if (found === undefined || parsed(found) !== undefined) return found
    await this.#options.clock.sleep(replacementMs)
    return readKeyPair(path)
  }

  /** A third of its life before the end, a certificate is replaced. */
  #isFresh(certificate: X509Certificate | undefined, days: number): boolean {
    if (certificate === undefined) return false
    const now = this.#options.clock.now()
    return Date.parse(certificate.validFrom) <= now && Date.parse(certificate.validTo) - now > (days * dayMs) / 3
  }

  #isOurs(certificate: X509Certificate): boolean {
    const authority = new X509Certificate(this.#authority.certificatePem)
    return certificate.checkIssued(authority) && certificate.verify(authority.publicKey)
  }

  /** An hour early, for clients whose clocks are behind. */
  #validity(days: number): { readonly fromMs: number; readonly untilMs: number } {
    const now = this.#options.clock.now()
    return { fromMs: now - dayMs / 24, untilMs: now + days * dayMs }
  }

  #path(name: string): KeyPairPath {
    return {
      certificate: join(this.#options.directory, `${name}.crt`),
      key: join(this.#options.directory, `${name}.key`),
    }
  }
}

export interface SelfMadeOptions {
  readonly directory: string
  readonly clock: Clock
  readonly authorityDays: number
  readonly leafDays: number
}

type Unlimited<T> = T extends LeafRequest ? Omit<T, 'validity'> : never

const dayMs = 86_400_000
/** Long enough for whoever replaces a key to replace its certificate too, on a disk that is slow to write. */
const replacementMs = 10_000

function parsed({ certificatePem, keyPem }: KeyPair): X509Certificate | undefined {
  try {
    const certificate = new X509Certificate(certificatePem)
    return certificate.checkPrivateKey(createPrivateKey(keyPem)) ? certificate : undefined
  } catch {
    return undefined
  }
}

function coversHost(certificate: X509Certificate, host: string): boolean {
  return (isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host)) !== undefined
}
