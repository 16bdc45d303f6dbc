import type { Opaque } from '../values/value.ts'

/** A question that an expression asks about a right. */
export type AccessQuestion = {
  /** Absent: whoever makes the request. */
  readonly serviceAccount?: { readonly namespace: string; readonly name: string }
  readonly verb: string
} & (
  | { readonly path: string }
  | {
      readonly group: string
      readonly resource: string
      readonly subresource: string
      readonly namespace: string
      readonly name: string
      readonly fieldSelector: string
      readonly labelSelector: string
    }
)

export interface AccessDecision {
  readonly isAllowed: boolean
  readonly reason: string
  /** Why nobody can tell; '' where somebody could. */
  readonly error: string
}

/**
 * Answers what is known. Throws an AccessPending for what has to be asked first: the evaluation is then begun again.
 */
export type Decide = (question: AccessQuestion) => AccessDecision

/** Not known yet; nothing in an expression makes up for it. */
export class AccessPending extends Error {
  override readonly name = 'AccessPending'
  readonly decided: Promise<unknown>

  constructor(decided: Promise<unknown>) {
    super('a decision is waited for')
    this.decided = decided
  }
}

type ServiceAccount = { readonly namespace: string; readonly name: string }

abstract class Identity implements Opaque {
  abstract readonly typeName: `kubernetes.${string}`

  equals(other: Opaque): boolean {
    return this === other
  }
}

export class AuthorizerValue extends Identity {
  readonly typeName = 'kubernetes.authorization.Authorizer'
  readonly decide: Decide
  readonly serviceAccount: ServiceAccount | undefined

  constructor(decide: Decide, serviceAccount?: ServiceAccount) {
    super()
    this.decide = decide
    this.serviceAccount = serviceAccount
  }
}

export class PathCheck extends Identity {
  readonly typeName = 'kubernetes.authorization.PathCheck'
  readonly authorizer: AuthorizerValue
  readonly path: string

  constructor(authorizer: AuthorizerValue, path: string) {
    super()
    this.authorizer = authorizer
    this.path = path
  }

  check(verb: string): DecisionValue {
    const { decide, serviceAccount } = this.authorizer
    return new DecisionValue(decide({ ...(serviceAccount && { serviceAccount }), verb, path: this.path }))
  }
}

export class GroupCheck extends Identity {
  readonly typeName = 'kubernetes.authorization.GroupCheck'
  readonly authorizer: AuthorizerValue
  readonly group: string

  constructor(authorizer: AuthorizerValue, group: string) {
    super()
    this.authorizer = authorizer
    this.group = group
  }
}

export interface ResourceParts {
  readonly group: string
  readonly resource: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  readonly fieldSelector: string
  readonly labelSelector: string
}

export class ResourceCheck extends Identity {
  readonly typeName = 'kubernetes.authorization.ResourceCheck'
  readonly authorizer: AuthorizerValue
  readonly parts: ResourceParts

  constructor(authorizer: AuthorizerValue, parts: ResourceParts) {
    super()
    this.authorizer = authorizer
    this.parts = parts
  }

  with(parts: Partial<ResourceParts>): ResourceCheck {
    return new ResourceCheck(this.authorizer, { ...this.parts, ...parts })
  }

  check(verb: string): DecisionValue {
    const { decide, serviceAccount } = this.authorizer
    return new DecisionValue(decide({ ...(serviceAccount && { serviceAccount }), verb, ...this.parts }))
  }
}

export class DecisionValue extends Identity {
  readonly typeName = 'kubernetes.authorization.Decision'
  readonly decision: AccessDecision

  constructor(decision: AccessDecision) {
    super()
    this.decision = decision
  }
}
