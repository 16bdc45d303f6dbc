import assert from 'node:assert/strict'
import type { ApiClient, Json } from '../../../support/api-client.ts'
import { asked, namesIn, versionOf } from '../../ask.ts'
import { expectObject } from '../../expect.ts'

type Query = Readonly<Record<string, string | number>>

/** The pages of a list, one by one as they are asked for. */
export class Pages {
  readonly #api: ApiClient
  readonly #path: string
  readonly #query: Query
  #token = ''

  constructor(api: ApiClient, path: string, query: Query) {
    this.#api = api
    this.#path = path
    this.#query = query
  }

  /** Where the next page begins; empty behind the last one. */
  get token(): string {
    return this.#token
  }

  async next(): Promise<Json> {
    const query = { ...this.#query, ...(this.#token !== '' && { continue: this.#token }) }
    const page = expectObject(await this.#api.get(asked(this.#path, query)))
    this.#token = continueOf(page)
    return page
  }

  /** What is left. */
  async rest(): Promise<readonly Json[]> {
    const pages: Json[] = []
    do pages.push(await this.next())
    while (this.#token !== '')
    return pages
  }
}

/** Custom resources have it empty on the last page, others not at all. */
export function continueOf(list: Json): string {
  return String(list['metadata']?.['continue'] ?? '')
}

/** All pages are of one state, and their items together have these names in this order. */
export function expectOneList(pages: readonly Json[], names: readonly string[]): void {
  assert.deepEqual(pages.flatMap(namesIn), names)
  assert.equal(new Set(pages.map(versionOf)).size, 1)
}
