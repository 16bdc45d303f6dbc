import type { KeyPair } from '../../../apiserver/certificates/authority.ts'

/** A certificate as somebody else has put it there, and the authority that it comes from. */
export interface Handed {
  readonly pair: KeyPair
  readonly authorityPem: string
}

/** A certificate that somebody else keeps, and replaces where `find` looks. */
export class FollowedCertificate {
  readonly #find: () => Promise<Handed | undefined>
  #current: Handed

  constructor(find: () => Promise<Handed | undefined>, current: Handed) {
    this.#find = find
    this.#current = current
  }

  /** PEM. */
  get authorityCertificate(): string {
    return this.#current.authorityPem
  }

  get current(): Handed {
    return this.#current
  }

  /** As it is there now; what cannot be used, such as one that is being replaced, leaves the last one in use. */
  async serving(): Promise<KeyPair> {
    this.#current = (await this.#find()) ?? this.#current
    return this.#current.pair
  }
}
