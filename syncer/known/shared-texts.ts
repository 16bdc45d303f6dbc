/**
 * Equal texts as one: ten thousand objects hold the same few words, each parsed for itself. So many are known at once.
 */
export class SharedTexts {
  readonly #countMax: number
  readonly #known = new Map<string, string>()

  constructor(countMax = 4096) {
    this.#countMax = countMax
  }

  of(text: string): string {
    const known = this.#known.get(text)
    if (known !== undefined) return known
    if (this.#known.size >= this.#countMax) this.#known.clear()
    this.#known.set(text, text)
    return text
  }
}
