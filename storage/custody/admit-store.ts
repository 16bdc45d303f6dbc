import type { Backend, Revision } from '../backend.ts'
import { lastRevision, readIdentity, type StoreIdentity, writeIdentity } from '../identity.ts'
import type { Restored } from '../archive/restore.ts'
import type { LedgerPage, RefusedStore, StoreLedger, StoreProblem, StoreRecord } from './ledger.ts'

export interface AdmissionOptions {
  /** Of an embedded store, which nobody watches or writes yet. */
  readonly backend: Backend
  readonly ledger: StoreLedger
  readonly newUid: () => string
  /** What the first revision of a new store is to be above. */
  readonly revisionAround: () => Promise<number>
  /** Nobody comes to us yet; those who will bring numbers from elsewhere. */
  readonly isUnknownAround: () => Promise<boolean>
  /** How many revisions are reserved at once. */
  readonly blockLength: number
}

export type Admission =
  | {
      readonly type: 'admitted'
      readonly identity: StoreIdentity
      readonly page: LedgerPage
      readonly record: StoreRecord
    }
  | { readonly type: 'refused'; readonly refused: RefusedStore }

/**
 * Holds a store against the ledger. A new one is begun and one that is known goes on; any other is refused, and the
 * ledger told of it, until an operator has accepted it by its uid: then it goes on above all that was ever given, in an
 * epoch of its own. The store is written before the ledger, so that a crash between the two repeats the decision.
 */
export async function admitStore(options: AdmissionOptions): Promise<Admission> {
  const { backend, ledger, newUid } = options
  const page = await ledger.read()
  const found = await readIdentity(backend)
  const problem = problemOf({ found, revision: await lastRevision(backend) }, page)
  if (problem === undefined) return enter(options, page, await begun(options, found))
  const named = found ?? (await writeIdentity(backend, { uid: newUid(), epoch: 0 }))
  if (page.accepted === named.uid) return enter(options, page, await accepted(options, page, named))
  const refused = { uid: named.uid, problem, revision: await lastRevision(backend) }
  if (!isTold(page.refused, refused)) await ledger.write(page, { record: page.record, refused })
  return { type: 'refused', refused }
}

/**
 * Another state takes the place of a refused one, and then the ledger is told that this store is decided on. A crash
 * between the two leaves a store that is refused as before, with the new state in it.
 */
export async function putAndAccept(
  { backend, ledger, revisionAround }: AdmissionOptions,
  put: (backend: Backend, above: Revision) => Promise<Restored>,
): Promise<Restored> {
  const { record } = await ledger.read()
  const restored = await put(backend, (record?.bound ?? (await revisionAround()) + 1) as Revision)
  if (restored.type === 'refused') return restored
  const identity = await readIdentity(backend)
  // Operators write on the page as well: what is on it now is kept.
  const page = await ledger.read()
  await ledger.write(page, { record: page.record, refused: page.refused, accepted: identity?.uid ?? '' })
  return restored
}

interface FoundStore {
  readonly found: StoreIdentity | undefined
  readonly revision: Revision
}

function problemOf({ found, revision }: FoundStore, { record, version }: LedgerPage): StoreProblem | undefined {
  if (record === undefined) return version === undefined ? undefined : 'illegible'
  if (found === undefined || found.epoch === 0) return 'empty'
  if (found.uid !== record.uid) return 'foreign'
  return found.epoch === record.epoch && revision >= record.confirmed ? undefined : 'older'
}

/**
 * A number that comes from elsewhere, that one included, is then older than the history of a new store. One that was
 * served before, and is asked by nobody now, begins once more: those who come to it next were elsewhere meanwhile.
 */
async function begun(options: AdmissionOptions, found: StoreIdentity | undefined): Promise<StoreIdentity> {
  const { backend, newUid } = options
  const isServed = found !== undefined && found.epoch > 0
  if (!isServed || (await options.isUnknownAround())) await resumeAbove(backend, (await options.revisionAround()) + 1)
  if (isServed) return found
  return writeIdentity(backend, { uid: found?.uid ?? newUid(), epoch: 1 })
}

async function accepted(
  options: AdmissionOptions,
  { record }: LedgerPage,
  { uid, epoch }: StoreIdentity,
): Promise<StoreIdentity> {
  await resumeAbove(options.backend, record?.bound ?? (await options.revisionAround()) + 1)
  return writeIdentity(options.backend, { uid, epoch: Math.max(epoch, record?.epoch ?? 0) + 1 })
}

async function resumeAbove(backend: Backend, revision: number): Promise<void> {
  await backend.resumeAbove?.(Math.max(revision, await lastRevision(backend)) as Revision)
}

async function enter(
  { backend, ledger, blockLength }: AdmissionOptions,
  page: LedgerPage,
  identity: StoreIdentity,
): Promise<Admission> {
  const confirmed = await lastRevision(backend)
  const record = { ...identity, confirmed, bound: Math.max(page.record?.bound ?? 0, confirmed + blockLength) }
  return { type: 'admitted', identity, record, page: await ledger.write(page, { record, refused: undefined }) }
}

function isTold(told: RefusedStore | undefined, { uid, problem, revision }: RefusedStore): boolean {
  return told?.uid === uid && told.problem === problem && told.revision === revision
}
