import type { MaybePromise } from '../../base/waiting/maybe-promise.ts'
import type { JsonObject } from '../../machinery/object.ts'
import { forbidden, type GroupResource } from '../../machinery/status-errors.ts'
import type { Authorizer, Decision } from '../authorization/authorizer.ts'
import { deniedText } from '../authorization/refusal.ts'
import type { KindDeclaration, Reference } from '../registry/kind.ts'
import type { Stored } from '../registry/stored.ts'
import type { UserInfo } from '../request-context.ts'
import type { RequestInfo } from '../request-info.ts'
import { type AdmittedUse, AdmittedUses, requestOf } from './admitted-uses.ts'

/**
 * Nobody gets at something through an object of his that he could not get at himself: a server that acts for others is
 * a deputy, and without this a confused one. Whoever writes the object is asked for the rights that its kind declares
 * (`references`), and is kept beside it; what acts for the object later asks whether somebody still has them.
 */
export interface ReferenceRights {
  /** Throws 403. Answers what is kept of the user; undefined: nobody has shown the rights. */
  admit(write: ReferringWrite): MaybePromise<JsonObject | undefined>
  /** The first right of the object that neither who was admitted nor the namespace's own accounts have any more. */
  lost(kind: KindDeclaration, stored: Stored): Promise<LostRight | undefined>
}

/**
 * off: nobody is asked. warn: who lacks a right is told so. enforce: is refused. strict: and is asked for what else the
 * object makes use of.
 */
export type ReferenceRightsMode = 'off' | 'warn' | 'enforce' | 'strict'

export interface ReferringWrite {
  readonly kind: KindDeclaration
  /** Both in the storage version. */
  readonly next: Stored
  readonly previous?: Stored
  readonly user: UserInfo
  readonly warn: (text: string) => void
  /** For the audit trail. */
  readonly annotate: (key: string, value: string) => void
}

export interface LostRight {
  readonly reference: Reference
  readonly userName: string
  /** Who else would do. */
  readonly group: string
}

interface ReferenceRightsOptions {
  readonly mode: ReferenceRightsMode
  readonly authorize: Authorizer
}

export function referenceRights({ mode, authorize }: ReferenceRightsOptions): ReferenceRights {
  if (mode === 'off') return { admit: () => undefined, lost: async () => undefined }
  const uses = new Map<KindDeclaration, AdmittedUses>()
  const usesOf = (kind: KindDeclaration): AdmittedUses => {
    const known = uses.get(kind) ?? new AdmittedUses((stored) => referencesOf({ mode, authorize }, kind, stored))
    uses.set(kind, known)
    return known
  }
  return {
    admit: (write) => admit({ mode, authorize }, write),
    lost: (kind, stored) => lost(authorize, usesOf(kind).of(stored)),
  }
}

function admit(options: ReferenceRightsOptions, write: ReferringWrite): MaybePromise<JsonObject | undefined> {
  const question = new Question(options, write)
  const hasAll = question.ask()
  if (hasAll instanceof Promise) return hasAll.then((has) => (has ? recordOf(write.user) : undefined))
  return hasAll ? recordOf(write.user) : undefined
}

interface Asked {
  readonly reference: Reference
  readonly info: RequestInfo
  readonly next: number
}

/** One reference after the other: the first refusal ends it, and nobody makes the server ask many at once. */
class Question {
  readonly #authorize: Authorizer
  readonly #write: ReferringWrite
  readonly #references: readonly Reference[]
  readonly #tolerated: (reference: Reference) => boolean
  readonly #warnings: string[] = []

  constructor(options: ReferenceRightsOptions, write: ReferringWrite) {
    this.#authorize = options.authorize
    this.#write = write
    this.#references = referencesOf(options, write.kind, write.next)
    this.#tolerated = toleratedOf(options, write)
  }

  /** Whether the writer has every right; throws 403 where one that he lacks is not tolerated. */
  ask(from = 0): MaybePromise<boolean> {
    for (let index = from; index < this.#references.length; index += 1) {
      const reference = this.#references[index] as Reference
      const info = requestOf(reference)
      const decision = this.#authorize(this.#write.user, info)
      if (decision instanceof Promise) return this.#askLater(decision, { reference, info, next: index + 1 })
      this.#judge(reference, info, decision)
    }
    if (this.#warnings.length > 0) this.#write.annotate(warningsKey, this.#warnings.join(', '))
    return this.#warnings.length === 0
  }

  async #askLater(decision: Promise<Decision>, { reference, info, next }: Asked): Promise<boolean> {
    this.#judge(reference, info, await decision)
    return this.ask(next)
  }

  #judge(reference: Reference, info: RequestInfo, decision: Decision): void {
    if (decision.verdict === 'allow') return
    if (!this.#tolerated(reference)) throw refusalOf(this.#write, { info, decision })
    const { user, warn } = this.#write
    const warning = `${deniedText(user, info, undefined)}: ${advice(reference)}`
    this.#warnings.push(warning)
    warn(`${warning}; this will be refused`)
  }
}

/** What was let through although a right is missing, as the audit trail has it. */
const warningsKey = 'reference-rights.external-secrets.io/warnings'

/**
 * What the live object named before anybody was asked for rights goes on with a warning, or nobody could change an
 * object that was there first. What it names anew is asked for like everything else.
 */
function toleratedOf({ mode, ...options }: ReferenceRightsOptions, write: ReferringWrite) {
  if (mode === 'warn') return () => true
  const { kind, previous } = write
  if (previous === undefined || previous.hidden?.['admitted'] !== undefined) return () => false
  const known = new Set(referencesOf({ mode, ...options }, kind, previous).map(keyOf))
  return (reference: Reference) => known.has(keyOf(reference))
}

function refusalOf({ kind, next, user }: ReferringWrite, refused: { info: RequestInfo; decision: Decision }) {
  const { info, decision } = refused
  const reason = decision.verdict === 'allow' ? undefined : decision.reason
  const { name = '' } = next.object.metadata
  const resource = { group: kind.group, resource: kind.names.plural }
  return forbidden(resource, name, `${deniedText(user, info, reason)}: ${advice(info)}`)
}

function advice({ verb, resource, name }: { verb: string; resource: string; name?: string | undefined }): string {
  const which = name ? `${resource} ${JSON.stringify(name)}` : resource
  return `the object makes use of ${which}, for which its writer needs the verb ${JSON.stringify(verb)}`
}

async function lost(authorize: Authorizer, use: AdmittedUse | undefined): Promise<LostRight | undefined> {
  if (use === undefined) return undefined
  const { user, accounts, group, rights } = use
  for (const { reference, info } of rights) {
    if ((await authorize(user, info)).verdict === 'allow') continue
    if ((await authorize(accounts, info)).verdict === 'allow') continue
    return { reference, userName: user.name, group }
  }
  return undefined
}

interface Look {
  readonly user: UserInfo
  readonly resource: GroupResource
  readonly name: string
  readonly references: readonly Reference[]
}

/**
 * Whatever the mode: who has the server look at what an object would get must be able to get at it himself. What would
 * be written is not asked for. Throws 403.
 */
export async function demandReferences(authorize: Authorizer, look: Look): Promise<void> {
  const { user, resource, name, references } = look
  for (const reference of references.filter(({ isWrite }) => isWrite !== true)) {
    const info = requestOf(reference)
    const decision = await authorize(user, info)
    if (decision.verdict === 'allow') continue
    throw forbidden(resource, name, `${deniedText(user, info, decision.reason)}: the look makes use of it`)
  }
}

/** Each once. */
function referencesOf({ mode }: ReferenceRightsOptions, kind: KindDeclaration, { object }: Stored) {
  const asked = (kind.references?.(object) ?? []).filter((each) => each.asked === 'always' || mode === 'strict')
  if (asked.length < 2) return asked
  return [...new Map(asked.map((reference) => [keyOf(reference), reference])).values()]
}

function keyOf({ verb, group, resource, subresource = '', namespace = '', name = '' }: Reference): string {
  return [verb, group, resource, subresource, namespace, name].join('\n')
}

function recordOf({ name, uid, groups, extra }: UserInfo): JsonObject {
  return { user: { name, ...(uid !== undefined && { uid }), groups, extra } }
}
