export interface BrakeLimits {
  /** Secrets a minute that may lose something because it is missing; 0 is no limit. */
  readonly countMax: number
  /** The same as a percentage of all ExternalSecrets; 0 is no limit. */
  readonly percentMax: number
}

const windowMs = 60_000
/** Few are no mass: a small installation may lose so many whatever percentage that is. */
const alwaysAllowed = 5

/**
 * Stops when many Secrets would lose their values at once, which is more often an accident at the provider than a wish.
 * Once on, it stays on until none of those that it held asks any more: a pause alone would only make it slow.
 */
export class DeletionBrake {
  readonly #limits: BrakeLimits
  #grantedMs: number[] = []
  readonly #held = new Set<string>()

  constructor(limits: BrakeLimits) {
    this.#limits = limits
  }

  /** Whether this one of `total` may lose something now. */
  allows(uid: string, total: number, nowMs: number): boolean {
    this.#grantedMs = this.#grantedMs.filter((grantedMs) => nowMs - grantedMs < windowMs)
    if (this.isOn || this.#grantedMs.length >= this.#limitOf(total)) {
      this.#held.add(uid)
      return false
    }
    this.#grantedMs.push(nowMs)
    return true
  }

  get isOn(): boolean {
    return this.#held.size > 0
  }

  release(uid: string): void {
    this.#held.delete(uid)
  }

  #limitOf(total: number): number {
    const { countMax, percentMax } = this.#limits
    const byPercent = percentMax === 0 ? Infinity : Math.max(alwaysAllowed, Math.floor((total * percentMax) / 100))
    return Math.min(countMax === 0 ? Infinity : countMax, byPercent)
  }
}
