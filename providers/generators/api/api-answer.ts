import { isJsonObject } from '../../../machinery/json/member.ts'
import { ProviderError } from '../../errors.ts'

/** A JSON object as an API answered it. What is missing in it is an error that names the member alone. */
export class ApiAnswer {
  readonly #members: Readonly<Record<string, unknown>>
  readonly #purpose: string

  private constructor(members: Readonly<Record<string, unknown>>, purpose: string) {
    this.#members = members
    this.#purpose = purpose
  }

  static of(body: Uint8Array, purpose: string): ApiAnswer {
    const value = parsed(body)
    if (isJsonObject(value)) return new ApiAnswer(value, purpose)
    throw new ProviderError('unavailable', `${purpose}: the answer is not a JSON object`)
  }

  /** A text that is not empty. */
  text(name: string): string {
    return this.optionalText(name) ?? this.#fail(name)
  }

  optionalText(name: string): string | undefined {
    const value = this.#members[name]
    return typeof value === 'string' && value !== '' ? value : undefined
  }

  /** Some APIs write numbers as texts. */
  number(name: string): number {
    return this.optionalNumber(name) ?? this.#fail(name)
  }

  optionalNumber(name: string): number | undefined {
    const value = this.#members[name]
    const number = typeof value === 'string' && value !== '' ? Number(value) : value
    return typeof number === 'number' && Number.isFinite(number) ? number : undefined
  }

  member(name: string): ApiAnswer {
    const value = this.#members[name]
    return isJsonObject(value) ? new ApiAnswer(value, this.#purpose) : this.#fail(name)
  }

  members(name: string): readonly ApiAnswer[] {
    const value = this.#members[name]
    if (!Array.isArray(value)) return this.#fail(name)
    return value.map((one: unknown) => (isJsonObject(one) ? new ApiAnswer(one, this.#purpose) : this.#fail(name)))
  }

  #fail(name: string): never {
    throw new ProviderError('unavailable', `${this.#purpose}: the answer has no ${name} as it should be`)
  }
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString())
  } catch {
    return undefined
  }
}
