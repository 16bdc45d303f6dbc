import { jsonEqual } from '../../machinery/json/equal.ts'
import type { KubeObject } from '../../machinery/object.ts'

/**
 * The mutating phase of one write. It may run twice: those who changed nothing since, or do not want it
 * (`reinvocationPolicy: Never`), are left out of the second round.
 */
export class Rounds {
  readonly #turns = new Map<string, Turns>()
  #isSecond = false
  #isWanted = false

  get isSecond(): boolean {
    return this.#isSecond
  }

  /** Somebody changed the object, and those who came before may want to see it. */
  wantSecond(): void {
    this.#isWanted = true
  }

  beginSecond(): boolean {
    this.#isSecond = this.#isWanted
    return this.#isWanted
  }

  turnsOf(check: string): Turns {
    const turns = this.#turns.get(check) ?? new Turns(this)
    this.#turns.set(check, turns)
    return turns
  }
}

/** The turns of the webhooks or policies of one check (k8s.io/apiserver's reinvocation context). */
export class Turns {
  readonly #rounds: Rounds
  readonly #willing = new Set<string>()
  readonly #due = new Set<string>()
  #lastOutput: KubeObject | undefined

  constructor(rounds: Rounds) {
    this.#rounds = rounds
  }

  /** At the start of a round: what others changed meanwhile is due for everyone who is willing. */
  begin(object: KubeObject | undefined): void {
    if (this.#rounds.isSecond && !jsonEqual(object, this.#lastOutput)) this.#makeDue()
  }

  isDue(id: string): boolean {
    return !this.#rounds.isSecond || this.#due.has(id)
  }

  /** `id` had its turn; only those before it need to see what it changed. */
  took(id: string, { isChanged, isWilling }: { isChanged: boolean; isWilling: boolean }): void {
    if (isChanged) {
      this.#makeDue()
      this.#rounds.wantSecond()
    }
    if (isWilling) this.#willing.add(id)
  }

  end(object: KubeObject | undefined): void {
    this.#lastOutput = object
  }

  #makeDue(): void {
    for (const id of this.#willing) this.#due.add(id)
    this.#willing.clear()
  }
}
