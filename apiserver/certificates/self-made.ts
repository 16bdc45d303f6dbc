import { createPrivateKey, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import type { Clock } from '../../base/clock.ts'
import { type Authority, type KeyPair, type LeafRequest, makeAuthority, makeLeaf } from './authority.ts'
import type { KeyPairs } from './key-pairs.ts'

/**
 * The certificates that a server makes for itself and keeps in `pairs`: an authority, a leaf to serve with and client
 * certificates. What is there is used; what is missing, damaged, near its end or of another authority is made anew.
 */
export class SelfMadeCertificates {
  readonly #options: SelfMadeOptions
  #authority: Authority
  /** Follows when it has been known for long enough. */
  #next: { readonly authority: Authority; readonly fromMs: number } | undefined

  private constructor(options: SelfMadeOptions, authority: Authority) {
    this.#options = options
    this.#authority = authority
  }

  static async open(options: SelfMadeOptions): Promise<SelfMadeCertificates> {
    const certificates = new SelfMadeCertificates(options, { certificatePem: '', keyPem: '' })
    certificates.#authority = await certificates.#openAuthority()
    return certificates
  }

  /** PEM; with the authority that follows, while that is made known. */
  get authorityCertificate(): string {
    const { certificatePem } = this.#authority
    return this.#next === undefined
      ? certificatePem
      : `${certificatePem.trim()}\n${this.#next.authority.certificatePem}`
  }

  serving(hosts: readonly string[]): Promise<KeyPair> {
    const fits = (found: X509Certificate): boolean => hosts.every((host) => coversHost(found, host))
    return this.#leaf('serving', fits, { use: 'server', commonName: serverName, hosts })
  }

  /** For a process that serves, and shows the same certificate where it is a client of another of ours. */
  peer(hosts: readonly string[]): Promise<KeyPair> {
    const fits = (found: X509Certificate): boolean => hosts.every((host) => coversHost(found, host))
    return this.#leaf('peer', fits, { use: 'peer', commonName: serverName, hosts })
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
    const found = await this.#options.pairs.read('ca')
    if (this.#isFreshAuthority(found)) return found
    return this.#options.pairs.keep('ca', await this.#makeAuthority())
  }

  /** Who has to trust the next one knows it by the time it signs. Another process may have been faster. */
  async #renewAuthority(): Promise<void> {
    const { clock, isFollowed = false, pairs } = this.#options
    if (!isFollowed || this.#isFreshAuthority(this.#authority)) return
    const found = await pairs.read('ca')
    if (this.#isFreshAuthority(found)) this.#authority = found
    else {
      this.#next ??= { authority: await this.#makeAuthority(), fromMs: clock.now() + noticeMs }
      if (clock.now() < this.#next.fromMs) return
      this.#authority = await pairs.keep('ca', this.#next.authority)
    }
    this.#next = undefined
  }

  #makeAuthority(): Promise<Authority> {
    return makeAuthority('external-secrets-apiserver-ca', this.#validity(this.#options.authorityDays))
  }

  #isFreshAuthority(pair: KeyPair | undefined): pair is KeyPair {
    return pair !== undefined && this.#isFresh(parsed(pair), this.#options.authorityDays)
  }

  async #leaf(
    name: string,
    fits: (found: X509Certificate) => boolean,
    request: Unlimited<LeafRequest>,
  ): Promise<KeyPair> {
    await this.#renewAuthority()
    const found = await this.#settledPair(name)
    const certificate = found && parsed(found)
    if (found && certificate && this.#isFresh(certificate, this.#options.leafDays) && this.#isOurs(certificate)) {
      if (fits(certificate)) return found
    }
    const made = await makeLeaf(this.#authority, { ...request, validity: this.#validity(this.#options.leafDays) })
    return this.#options.pairs.keep(name, made)
  }

  /** A key and a certificate that do not belong together may be two files of which one is just being replaced. */
  async #settledPair(name: string): Promise<KeyPair | undefined> {
    const found = await this.#options.pairs.read(name)
    if (found === undefined || parsed(found) !== undefined) return found
    await this.#options.clock.sleep(replacementMs)
    return this.#options.pairs.read(name)
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
}

/** What those who trust it know it by. */
const serverName = 'external-secrets-apiserver'

/** What a server needs that serves with certificates which are renewed. */
export type ServingCertificates = Pick<SelfMadeCertificates, 'authorityCertificate' | 'serving'>

export interface SelfMadeOptions {
  readonly pairs: KeyPairs
  readonly clock: Clock
  readonly authorityDays: number
  readonly leafDays: number
  /** Whoever trusts the authority is told of another one: it is replaced while the process runs, too. */
  readonly isFollowed?: boolean
}

type Unlimited<T> = T extends LeafRequest ? Omit<T, 'validity'> : never

const dayMs = 86_400_000
/** Many times what an APIService needs to have another caBundle. */
const noticeMs = 600_000
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
