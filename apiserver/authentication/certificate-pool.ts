import { X509Certificate } from 'node:crypto'
import type { ClientCertificate } from './authenticator.ts'
import { AuthenticationError } from './errors.ts'

/**
 * Authorities of one purpose. TLS judges a client's certificate against all authorities together, with the purpose and
 * the limits that stand in certificates; this tells which of them it comes from. Both must agree: the front proxy's
 * authority speaks for anybody, and one for clients must never be taken for it (apiserver-conformance.md 6.2).
 */
export class CertificatePool {
  readonly #roots: readonly X509Certificate[]
  /** Judged once for each connection; undefined where no path leads here. */
  readonly #paths = new WeakMap<ClientCertificate, Period | undefined>()

  private constructor(roots: readonly X509Certificate[]) {
    this.#roots = roots
  }

  /** Of a PEM bundle; an empty one vouches for nobody. Throws AuthenticationError. */
  static parse(pem: string): CertificatePool {
    const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
    if (blocks.length === 0 && pem.trim() !== '') throw new AuthenticationError('authority', 'no certificate in it')
    try {
      return new CertificatePool(blocks.map((block) => new X509Certificate(block)))
    } catch {
      throw new AuthenticationError('authority', 'a certificate that cannot be read')
    }
  }

  /** Whether it comes from one of these, and everything on the way is valid at this time. */
  vouchesFor(certificate: ClientCertificate, nowMs: number): boolean {
    if (!certificate.isTrusted) return false
    if (!this.#paths.has(certificate)) this.#paths.set(certificate, this.#path(certificate))
    const period = this.#paths.get(certificate)
    return period !== undefined && period.fromMs <= nowMs && nowMs <= period.untilMs
  }

  #path({ chain }: ClientCertificate): Period | undefined {
    const [leaf, ...between] = chain
    return leaf === undefined ? undefined : this.#pathFrom(leaf, between)
  }

  /** A step uses a certificate up, so that no ring of them is walked for ever. */
  #pathFrom(from: X509Certificate, between: readonly X509Certificate[]): Period | undefined {
    const root = this.#roots.find((each) => isIssuedBy(from, each))
    if (root !== undefined) return common(periodOf(from), periodOf(root))
    for (const issuer of between.filter((each) => isIssuedBy(from, each))) {
      const rest = this.#pathFrom(
        issuer,
        between.filter((each) => each !== issuer),
      )
      if (rest !== undefined) return common(periodOf(from), rest)
    }
    return undefined
  }
}

interface Period {
  readonly fromMs: number
  readonly untilMs: number
}

/** Names and key identifiers fit, the issuer may sign certificates, and it did sign this one. */
function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
}

function periodOf({ validFrom, validTo }: X509Certificate): Period {
  return { fromMs: Date.parse(validFrom), untilMs: Date.parse(validTo) }
}

function common(one: Period, other: Period): Period {
  return { fromMs: Math.max(one.fromMs, other.fromMs), untilMs: Math.min(one.untilMs, other.untilMs) }
}
