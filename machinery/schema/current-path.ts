/**
 * Where a walk through a value is: `spec.data[0].name`. It becomes text where there is something to say; most values
 * are in order, and a text for each member would cost more than looking at it.
 */
export class CurrentPath {
  readonly #start: string
  readonly #steps: (string | number)[] = []

  constructor(start: string) {
    this.#start = start
  }

  /** A member by its name, an item by its place. */
  enter(step: string | number): void {
    this.#steps.push(step)
  }

  leave(): void {
    this.#steps.pop()
  }

  get text(): string {
    return this.#steps.reduce<string>(pathBelow, this.#start)
  }

  below(step: string | number): string {
    return pathBelow(this.text, step)
  }
}

function pathBelow(path: string, step: string | number): string {
  if (typeof step === 'number') return `${path}[${step}]`
  return path === '' ? step : `${path}.${step}`
}
