import type { FieldError } from '../../machinery/field-error.ts'
import type { JsonObject, JsonValue, KubeObject } from '../../machinery/object.ts'
import type { Message } from '../../machinery/protobuf/message.ts'
import type { AccessReviewSpec, AccessReviewStatus } from '../../machinery/review/access-review.ts'
import type { ReviewedUser } from '../../machinery/review/reviewed-user.ts'
import type { Schema } from '../../machinery/schema/schema.ts'
import type { PolicyRule } from '../authorization/rbac/rules.ts'

/**
 * A kind of the API as a declaration. Routes, discovery, OpenAPI, tables, storage keys, conversion, defaulting,
 * validation and field ownership follow from it; nothing else in the server knows a kind by name.
 */
export interface KindDeclaration {
  /** Empty for the core group. */
  readonly group: string
  readonly names: KindNames
  readonly scope: 'namespaced' | 'cluster'
  /** What a version may be asked for; its order of preference in discovery is that of apimachinery's version names. */
  readonly versions: Readonly<Record<string, VersionDeclaration>>
  readonly storageVersion: string
  /** What is offered below each object; what else is asked at one is a kind of its own (`review`). */
  readonly subresources?: readonly Subresource[]
  /**
   * virtual: what is applied is what is read; defaults are seen by columns, field selectors and validation only, and
   * PUT needs a resourceVersion, as for custom resources. stored: defaults are written into the object and PUT without
   * a resourceVersion replaces whatever is there, as for built-in kinds.
   */
  readonly defaults: 'virtual' | 'stored'
  /** `none` for kinds whose objects have no metadata.generation (ConfigMap, Event, ...). */
  readonly generation?: 'none'
  readonly nameRule?: 'dns-subdomain' | 'dns-label' | 'path-segment'
  readonly columns?: readonly Column[]
  /** JSON paths as kubectl's --field-selector names them, besides metadata.name and metadata.namespace. */
  readonly selectableFields?: readonly SelectableField[]
  /**
   * What else a stored object makes use of: whoever writes its spec must have these rights, and what acts for the
   * object later acts while somebody still has them (admission/reference-rights.ts). Pure.
   */
  readonly references?: (object: KubeObject) => readonly Reference[]
  /** Run on create, and on update when what they judge has changed (`judges`, default `spec`). */
  readonly validate?: readonly Validation[]
  /**
   * What decoding makes of an object or an applied configuration, before anybody owns a field of it: write-only members
   * folded into others, values in their one form. The schema has not been asked yet. Throws StatusError 400.
   */
  readonly decode?: (object: KubeObject) => KubeObject
  /**
   * What the API does to an object of the storage version before validation, after the strategies of built-in kinds
   * (`status.phase` at birth). Runs after status was reset and generation set.
   */
  readonly prepare?: (object: KubeObject, previous: KubeObject | undefined) => KubeObject
  /**
   * For kinds whose objects outlive their deletion until a controller releases them (Namespace): what deletion makes of
   * the object, `status.phase: Terminating`. Absent: a deleted object stays for its metadata.finalizers only.
   */
  readonly terminating?: (object: KubeObject) => KubeObject
  /**
   * Present (even when empty) for kinds that kubectl patches with strategic merge: the merge key of each list of
   * objects by its path, `spec.ports: 'port'`; lists without one are replaced. Absent: such a patch answers 415.
   */
  readonly strategicMergeKeys?: Readonly<Record<string, string>>
  /**
   * What holds where an object says nothing and no default of its schema can say it: names that follow from others. Of
   * the storage version, and pure. Shown by the subresource `effective` alone.
   */
  readonly implied?: (object: KubeObject) => KubeObject
  /** For kinds that are asked and never kept (TokenReview): POST alone, and this answers. They have no registry. */
  readonly review?: Review
  /** Objects vanish this long after their last write (Event). The name of a duration option. */
  readonly expires?: 'event-ttl'
}

/** effective: the object with all defaults of the version that it is read in. */
export type Subresource = 'status' | 'effective'

/** A right on something that an object names, as an authorizer is asked for it. */
export interface Reference {
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly subresource?: string
  /** Absent: at the cluster scope. */
  readonly namespace?: string
  /** Absent: any. */
  readonly name?: string
  /** `strict`: asked for only where every reference is to be authorized. */
  readonly asked: 'always' | 'strict'
  /** Of what is made for the object: who only looks at what would come of it needs no such right. */
  readonly isWrite?: true
}

export interface Review {
  /** Where it is asked, if not at the kind's own resource. */
  readonly at?: readonly ReviewPlace[]
  /** A request without a body asks for all that can be asked. */
  readonly isBodyOptional?: true
  /**
   * The object as it came, valid, to the one with the answer. Throws StatusError. Absent: whoever was bound to the kind
   * when the server was put together answers (endpoints/review.ts), and 503 where that is nobody.
   */
  readonly answer?: (asked: KubeObject, asking: Asking) => Promise<KubeObject>
}

/** A subresource of another kind's objects. */
export interface ReviewPlace {
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly subresource: string
  readonly scope: KindDeclaration['scope']
}

export interface Asking extends Question {
  readonly powers: ReviewPowers
}

/** Who asks, and about what. */
export interface Question {
  readonly user: NonNullable<ReviewedUser>
  readonly resource: string
  /** Both of the path; '' where it has none. */
  readonly namespace: string
  readonly name: string
  /** Nothing may be set going. */
  readonly isDryRun: boolean
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal
}

/** What the server that is asked can tell. */
export interface ReviewPowers {
  reviewAccess(spec: AccessReviewSpec): Promise<AccessReviewStatus>
  rulesOf(user: NonNullable<ReviewedUser>, namespace: string): readonly PolicyRule[]
  /** Undefined: the token means nobody here, or is for none of the audiences. */
  reviewToken(token: string, audiences: readonly string[]): Promise<TokenFinding | undefined>
  /** Throws 404. */
  issueToken(wish: AccountTokenWish): Promise<IssuedToken>
}

export interface TokenFinding {
  readonly user: NonNullable<ReviewedUser>
  readonly audiences: readonly string[]
}

export interface AccountTokenWish {
  readonly namespace: string
  readonly name: string
  /** The server's own when empty. */
  readonly audiences: readonly string[]
  readonly expirationSeconds: number
}

export interface IssuedToken {
  readonly token: string
  readonly audiences: readonly string[]
  readonly expiresAtMs: number
}

export interface KindNames {
  readonly kind: string
  readonly plural: string
  readonly singular?: string
  readonly listKind?: string
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
}

export interface VersionDeclaration {
  /** The object's own members besides apiVersion, kind and metadata, which every kind has. */
  readonly schema: Schema
  /**
   * The same members as fields of the published protobuf message, without metadata, for built-in kinds, whose clients
   * may send them so. Absent: such bodies answer 415, as for custom resources.
   */
  readonly protobuf?: Message
  /** Sent as a Warning header on every request of this version. */
  readonly deprecationWarning?: string
  /** Absent for the storage version. */
  readonly conversion?: VersionConversion
}

/**
 * Between this version and the storage version, both ways without loss. Metadata and apiVersion are the caller's.
 * `hidden` is what the storage version cannot say of an object sent in this version: kept beside the object, never
 * served in another version. `foreign` is what this version cannot say of the stored object: shown as the annotation
 * `<group>/conversion-data` and handed back on the way in.
 */
export interface VersionConversion {
  toStorage(object: KubeObject, foreign: JsonObject | undefined): { object: KubeObject; hidden?: JsonObject }
  fromStorage(object: KubeObject, hidden: JsonObject | undefined): { object: KubeObject; foreign?: JsonObject }
}

export interface Column {
  readonly name: string
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date'
  readonly description: string
  readonly format?: string
  /** 0 is always shown; greater ones with -o wide. */
  readonly priority?: number
  /** Of the effective object (defaults filled in). `undefined` shows as an empty cell. */
  readonly value: (object: KubeObject, live: LiveValues) => JsonValue | undefined
}

/** Facts that are truer in memory than in the stored status (the last time a value was looked at). By object UID. */
export interface LiveValues {
  lastSyncTime(uid: string): string | undefined
}

export interface SelectableField {
  readonly path: string
  readonly value: (object: KubeObject) => string
}

export interface Validation {
  /** Names the check in metrics and docs. */
  readonly name: string
  readonly judges?: 'spec' | 'object'
  /** Of the effective object in the storage version. Pure. */
  readonly check: (object: KubeObject, previous: KubeObject | undefined) => ValidationResult
}

export interface ValidationResult {
  readonly errors: readonly FieldError[]
  /** Sent as Warning headers. */
  readonly warnings?: readonly string[]
}

export function defineKind(declaration: KindDeclaration): KindDeclaration {
  return declaration
}
