import type { JsonObject } from '../../machinery/object.ts'
import { review, type Reviewer } from './review-call.ts'

const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'

export interface OwnAccess {
  readonly group?: string
  readonly resource: string
  readonly subresource?: string
  readonly verb: string
  readonly namespace?: string
  readonly name?: string
}

/** Asks what we ourselves may do; rejects when the cluster cannot be asked. */
export function selfSubjectAccessReview(reviewer: Reviewer): (access: OwnAccess) => Promise<boolean> {
  return async (resourceAttributes) => {
    const body = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes },
    }
    const status: JsonObject = await review(reviewer, { path }, body)
    return status['allowed'] === true
  }
}
