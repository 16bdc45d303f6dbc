import { seededRandom } from '../../kinds/random-value.ts'

/** Chance with a seed: the same throws for the same seed, on every machine. */
export class Dice {
  readonly random: () => number

  constructor(seed: number) {
    this.random = seededRandom(seed)
  }

  /** A whole number below `end`. */
  below(end: number): number {
    return Math.floor(this.random() * end)
  }

  chance(share: number): boolean {
    return this.random() < share
  }

  pick<T>(from: readonly [T, ...T[]]): T
  pick<T>(from: readonly T[]): T
  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T
  }

  times<T>(max: number, make: (index: number) => T): T[] {
    return Array.from({ length: this.below(max + 1) }, (_, index) => make(index))
  }
}
