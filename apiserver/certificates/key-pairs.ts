import type { KeyPair } from './authority.ts'

/** Where keys lie with their certificates, by name. */
export interface KeyPairs {
  /** Undefined where there is none, or half of one. */
  read(name: string): Promise<KeyPair | undefined>
  /** Answers what is kept from then on: where several processes share the place, another one may have been faster. */
  keep(name: string, pair: KeyPair): Promise<KeyPair>
}
