import { type Position, TemplateError, type TemplateErrorCode } from '../errors.ts'

/** Raises the errors of one execution, with their place. Knows the last place for errors that have none. */
export class Trouble {
  readonly #template: string
  #last: Position = { line: 1, column: 0 }

  constructor(template: string) {
    this.#template = template
  }

  visit(at: Position): void {
    this.#last = at
  }

  evaluation(at: Position, detail: string): never {
    return this.#raise('evaluation', at, `executing "${this.#template}" ${detail}`)
  }

  functionFailed(at: Position, detail: string): never {
    return this.#raise('function-failed', at, `executing "${this.#template}" ${detail}`)
  }

  overBudget(detail: string): never {
    return this.#raise('over-budget', this.#last, detail)
  }

  #raise(code: TemplateErrorCode, at: Position, detail: string): never {
    throw new TemplateError(code, { template: this.#template, ...at }, detail)
  }
}
