import { isJsonObject } from '../../machinery/json/member.ts'
import { ProviderError } from '../errors.ts'
import type { KubernetesApi } from './api.ts'

/**
 * Whether Secrets of the namespace may be read, as ESO asks it: the rules first, and where they do not say so (the list
 * may be incomplete) the one right. A server that knows no reviews has let us in, and nothing speaks against it.
 */
export async function checkAccess(api: KubernetesApi, namespace: string, signal: AbortSignal): Promise<'ready'> {
  const rules = await review(api, { kind: 'SelfSubjectRulesReview', spec: { namespace } }, signal)
  if (rules === undefined) return 'ready'
  if (listOf(rules.resourceRules).some(allowsSecrets)) return 'ready'
  const spec = { resourceAttributes: { resource: 'secrets', namespace, verb: 'get' } }
  const access = await review(api, { kind: 'SelfSubjectAccessReview', spec }, signal)
  if (access?.allowed === true) return 'ready'
  throw new ProviderError('denied', 'client is not allowed to get secrets')
}

interface Review {
  readonly kind: 'SelfSubjectRulesReview' | 'SelfSubjectAccessReview'
  readonly spec: Readonly<Record<string, unknown>>
}

async function review(api: KubernetesApi, { kind, spec }: Review, signal: AbortSignal) {
  const path = `/apis/authorization.k8s.io/v1/${kind.toLowerCase()}s`
  try {
    const answer = await api.create(path, { apiVersion: 'authorization.k8s.io/v1', kind, spec }, signal)
    return answer === undefined ? undefined : isJsonObject(answer.status) ? answer.status : {}
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error
    throw new ProviderError(error.code, `could not verify if client is valid: ${error.message}`)
  }
}

function allowsSecrets(rule: unknown): boolean {
  if (!isJsonObject(rule)) return false
  const groups = listOf(rule.apiGroups)
  const names = (member: unknown, word: string) => listOf(member).some((name) => name === word || name === '*')
  return names(rule.resources, 'secrets') && names(rule.verbs, 'get') && (groups.length === 0 || names(groups, ''))
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
