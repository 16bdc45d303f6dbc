import type { AccessDecision, AccessQuestion } from '../../../machinery/cel/admission/authorizer.ts'
import type { Authorizer } from '../../authorization/authorizer.ts'
import type { UserInfo } from '../../request-context.ts'
import type { RequestInfo } from '../../request-info.ts'
import type { AskAccess } from './values.ts'

/** The server's own authorizer answers what expressions ask about rights. */
export function accessBy(authorize: Authorizer): AskAccess {
  return async (request, question): Promise<AccessDecision> => {
    const decision = await authorize(userOf(question, request.user), infoOf(question))
    const reason = 'reason' in decision ? (decision.reason ?? '') : ''
    return { isAllowed: decision.verdict === 'allow', reason, error: '' }
  }
}

function userOf({ serviceAccount }: AccessQuestion, requester: UserInfo): UserInfo {
  if (serviceAccount === undefined) return requester
  const { namespace, name } = serviceAccount
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    extra: {},
  }
}

function infoOf(question: AccessQuestion): RequestInfo {
  const { verb } = question
  const nothing = { group: '', version: '', resource: '', subresource: '', namespace: '', name: '' }
  if ('path' in question) return { ...nothing, isResourceRequest: false, path: question.path, verb }
  const { group, resource, subresource, namespace, name, fieldSelector, labelSelector } = question
  return {
    isResourceRequest: true,
    path: '',
    verb,
    group,
    version: '*',
    resource,
    subresource,
    namespace,
    name,
    ...((fieldSelector !== '' || labelSelector !== '') && {
      selectors: {
        ...(fieldSelector !== '' && { field: fieldSelector }),
        ...(labelSelector !== '' && { label: labelSelector }),
      },
    }),
  }
}
