import type { Clock } from '../../base/clock.ts'

/** What one execution may use. Every loop, call and result is paid for from here, so that none can run away. */
export interface TemplateLimits {
  readonly stepsMax: number
  readonly outputBytesMax: number
  /** The sum of all intermediate results, freed or not. */
  readonly memoryBytesMax: number
  /** Templates calling templates. */
  readonly depthMax: number
  readonly durationMsMax: number
}

export class BudgetSpent extends Error {
  override readonly name = 'BudgetSpent'
}

/** The clock is asked once in so many steps. */
const stepsBetweenLooks = 256

export class Budget {
  readonly #limits: TemplateLimits
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #deadline: number
  #steps = 0
  #lookAt = stepsBetweenLooks
  #outputBytes = 0
  #memoryBytes = 0
  #depth = 0

  constructor(limits: TemplateLimits, clock: Pick<Clock, 'monotonic'>) {
    this.#limits = limits
    this.#clock = clock
    this.#deadline = clock.monotonic() + limits.durationMsMax
  }

  spend(steps: number): void {
    this.#steps += steps
    if (this.#steps > this.#limits.stepsMax) throw new BudgetSpent(`more than ${this.#limits.stepsMax} steps`)
    if (this.#steps < this.#lookAt) return
    this.#lookAt = this.#steps + stepsBetweenLooks
    if (this.#clock.monotonic() > this.#deadline) {
      throw new BudgetSpent(`it took longer than ${this.#limits.durationMsMax} ms`)
    }
  }

  /** To be called before that many bytes are made. */
  reserve(bytes: number): void {
    this.#memoryBytes += bytes
    if (!(this.#memoryBytes <= this.#limits.memoryBytesMax)) {
      throw new BudgetSpent(`more than ${this.#limits.memoryBytesMax} bytes in between`)
    }
    this.spend(bytes >> 10)
  }

  output(bytes: number): void {
    this.#outputBytes += bytes
    if (this.#outputBytes > this.#limits.outputBytesMax) {
      throw new BudgetSpent(`more than ${this.#limits.outputBytesMax} bytes of output`)
    }
  }

  deeper<T>(run: () => T): T {
    this.#depth += 1
    if (this.#depth > this.#limits.depthMax)
      throw new BudgetSpent(`templates call each other over ${this.#limits.depthMax} deep`)
    const result = run()
    this.#depth -= 1
    return result
  }
}
