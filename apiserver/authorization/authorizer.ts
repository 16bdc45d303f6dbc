import type { MaybePromise } from '../../base/waiting/maybe-promise.ts'
import type { UserInfo } from '../request-context.ts'
import type { RequestInfo } from '../request-info.ts'

export type Decision =
  | { readonly verdict: 'allow' }
  /** No rule speaks for the request: the next authorizer is asked, and nobody's word is a refusal. */
  | { readonly verdict: 'no-opinion'; readonly reason?: string }
  | { readonly verdict: 'deny'; readonly reason?: string }

/** May they? The seam: RBAC, the host's SubjectAccessReview and the rules of standalone mode answer alike. */
export type Authorizer = (user: UserInfo, info: RequestInfo) => MaybePromise<Decision>

export const mastersGroup = 'system:masters'

/** Members of system:masters may do everything. */
export const mastersMayEverything: Authorizer = (user) => (user.groups.includes(mastersGroup) ? allow : noOpinion)

const allow: Decision = { verdict: 'allow' }
const noOpinion: Decision = { verdict: 'no-opinion' }

/** What anybody may read: probes come without credentials. */
export function anybodyMayRead(paths: readonly string[]): Authorizer {
  return (_user, info) =>
    !info.isResourceRequest && paths.includes(info.path) && (info.verb === 'get' || info.verb === 'head')
      ? allow
      : noOpinion
}

/** The first opinion counts; without any, the reason is the last one that was given. */
export function firstOpinion(authorizers: readonly Authorizer[]): Authorizer {
  return (user, info) => ask(authorizers, { user, info, before: noOpinion })
}

interface Question {
  readonly user: UserInfo
  readonly info: RequestInfo
  /** What those said who were asked already. */
  readonly before: Decision
}

function ask(authorizers: readonly Authorizer[], question: Question): MaybePromise<Decision> {
  const { user, info } = question
  let { before } = question
  for (let index = 0; index < authorizers.length; index += 1) {
    const decision = (authorizers[index] as Authorizer)(user, info)
    if (decision instanceof Promise) return askLater(authorizers.slice(index + 1), { user, info, before }, decision)
    if (decision.verdict !== 'no-opinion') return decision
    if (decision.reason) before = decision
  }
  return before
}

async function askLater(
  authorizers: readonly Authorizer[],
  { user, info, before }: Question,
  asked: Promise<Decision>,
): Promise<Decision> {
  const decision = await asked
  if (decision.verdict !== 'no-opinion') return decision
  return ask(authorizers, { user, info, before: decision.reason ? decision : before })
}
