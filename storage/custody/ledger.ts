/**
 * What is known of a store outside of it, so that an empty one, another one or an old copy never passes for it. One
 * page that is replaced as a whole; where it is kept is the world's business.
 */
export interface StoreLedger {
  read(): Promise<LedgerPage>
  /** Rejects with Conflict or NotFound (machinery/status.ts) when the page is no longer as `page` is. */
  write(page: LedgerPage, entry: NewEntry): Promise<LedgerPage>
}

export interface LedgerPage extends LedgerEntry {
  /** The store that an operator wants to be served from now on. A write takes it off the page. */
  readonly accepted: string | undefined
  /** Of this state of the page; undefined while there is none. */
  readonly version: string | undefined
}

export interface LedgerEntry {
  /** Undefined on a page that nobody can read, too. */
  readonly record: StoreRecord | undefined
  /** What was found in the place of the store that the record is about. */
  readonly refused: RefusedStore | undefined
}

/** With `accepted`, the server itself writes down what an operator has decided and is about to be done. */
export type NewEntry = LedgerEntry & { readonly accepted?: string }

/**
 * 1. No revision above `bound` was ever given.
 * 2. At `confirmed` the store was when this was written: one that is not there yet is a copy from before.
 */
export interface StoreRecord {
  readonly uid: string
  readonly epoch: number
  readonly confirmed: number
  readonly bound: number
}

export interface RefusedStore {
  readonly uid: string
  readonly problem: StoreProblem
  readonly revision: number
}

/** `illegible`: the page is there and says nothing that can be read. */
export type StoreProblem = 'empty' | 'foreign' | 'older' | 'illegible'
