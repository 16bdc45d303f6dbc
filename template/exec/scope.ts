import type { Value } from '../value.ts'

/** Dot and the variables of one template that is being executed; `$` is what it was called with. */
export class Scope {
  readonly #variables: { readonly name: string; value: Value }[]
  dot: Value

  constructor(root: Value) {
    this.dot = root
    this.#variables = [{ name: '$', value: root }]
  }

  get(name: string): Value {
    return this.#find(name)?.value ?? null
  }

  declare(name: string, value: Value): void {
    this.#variables.push({ name, value })
  }

  assign(name: string, value: Value): void {
    const variable = this.#find(name)
    if (variable) variable.value = value
  }

  /** Runs with another dot; that and what is declared meanwhile are gone afterwards. */
  within<T>(dot: Value, run: () => T): T {
    const outer = this.dot
    const mark = this.#variables.length
    this.dot = dot
    const result = run()
    this.dot = outer
    this.#variables.length = mark
    return result
  }

  #find(name: string): { value: Value } | undefined {
    return this.#variables.findLast((variable) => variable.name === name)
  }
}
