/** What of authorization.k8s.io/v1 is asked and answered. */

/** SubjectAccessReviewSpec: exactly one of the two sorts of attributes. */
export interface AccessReviewSpec {
  readonly user: string
  readonly uid?: string
  readonly groups: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
  readonly resourceAttributes?: ResourceAttributes
  readonly nonResourceAttributes?: { readonly path: string; readonly verb: string }
}

/** Empty members are left out. */
export interface ResourceAttributes {
  readonly namespace?: string
  readonly verb: string
  readonly group?: string
  readonly version?: string
  readonly resource: string
  readonly subresource?: string
  readonly name?: string
  readonly fieldSelector?: { readonly requirements: readonly SelectorRequirement[] }
  readonly labelSelector?: { readonly requirements: readonly SelectorRequirement[] }
}

export interface SelectorRequirement {
  readonly key: string
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'
  readonly values?: readonly string[]
}

/** SubjectAccessReviewStatus. */
export interface AccessReviewStatus {
  readonly allowed: boolean
  readonly denied: boolean
  readonly reason: string
}
