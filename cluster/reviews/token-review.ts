import type { JsonObject, JsonValue } from '../../machinery/object.ts'
import type { ReviewedUser } from '../../machinery/review/reviewed-user.ts'
import { review, type Reviewer } from './review-call.ts'

const kind = { path: '/apis/authentication.k8s.io/v1/tokenreviews', sort: 'authn' } as const

/**
 * Asks the cluster whose token it is. With audiences, one that is for none of them means nothing here, even if the
 * cluster answers without looking at audiences (apiserver-conformance.md 6.3).
 */
export function tokenReview(
  reviewer: Reviewer,
  audiences: readonly string[] = [],
): (token: string) => Promise<ReviewedUser> {
  return async (token) => {
    const spec = { token, ...(audiences.length > 0 && { audiences }) }
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec }
    const status = await review(reviewer, kind, body)
    const isForUs = audiences.length === 0 || textsOf(status['audiences']).some((each) => audiences.includes(each))
    return status['authenticated'] === true && isForUs ? userOf(status['user']) : undefined
  }
}

function userOf(user: JsonValue | undefined): ReviewedUser {
  const { username, uid, groups, extra } = membersOf(user)
  if (typeof username !== 'string' || username === '') return undefined
  const extras = Object.entries(membersOf(extra)).map(([key, values]) => [key, textsOf(values)] as const)
  return {
    username,
    ...(typeof uid === 'string' && uid !== '' && { uid }),
    groups: textsOf(groups),
    extra: Object.fromEntries(extras),
  }
}

function membersOf(value: JsonValue | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}
}

function textsOf(value: JsonValue | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
}
