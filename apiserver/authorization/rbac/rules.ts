import type { RequestInfo } from '../../request-info.ts'

/** rbac.authorization.k8s.io/v1 PolicyRule. Absent is empty. */
export interface PolicyRule {
  readonly verbs?: readonly string[]
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly nonResourceURLs?: readonly string[]
}

/** Whether the rule speaks for the request (k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac, RuleAllows). */
export function ruleAllows(rule: PolicyRule, info: RequestInfo): boolean {
  if (!names(rule.verbs, info.verb)) return false
  if (!info.isResourceRequest) return (rule.nonResourceURLs ?? []).some((url) => urlCovers(url, info.path))
  const { group, resource, subresource, name } = info
  const asked = subresource === '' ? resource : `${resource}/${subresource}`
  return (
    names(rule.apiGroups, group) &&
    (rule.resources ?? []).some((held) => resourceCovers(held, asked)) &&
    (isEmpty(rule.resourceNames) || has(rule.resourceNames, name))
  )
}

/** What of `wanted` no rule of `held` gives: each by one verb and one thing (component-helpers, Covers). */
export function missingRules(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): readonly PolicyRule[] {
  return wanted.flatMap(singleRules).filter((single) => !held.some((rule) => ruleCovers(rule, single)))
}

/** Rules about the same thing in one, as kube-apiserver tells them: `{APIGroups:[""], Resources:["pods"], ...}`. */
export function ruleTexts(rules: readonly PolicyRule[]): readonly string[] {
  const verbs = new Map<string, string[]>()
  for (const { verbs: own = [], ...of } of rules) {
    const key = JSON.stringify(of)
    verbs.set(key, [...(verbs.get(key) ?? []), ...own])
  }
  const texts = [...verbs].map(([key, all]) => compactText({ ...(JSON.parse(key) as PolicyRule), verbs: all }))
  return [...new Set(texts)].sort()
}

function singleRules(rule: PolicyRule): readonly PolicyRule[] {
  const { verbs = [], apiGroups = [], resources = [], resourceNames, nonResourceURLs = [] } = rule
  const things: readonly PolicyRule[] = [
    ...apiGroups.flatMap((group) =>
      resources.flatMap((resource) => {
        const thing = { apiGroups: [group], resources: [resource] }
        return isEmpty(resourceNames) ? [thing] : resourceNames.map((name) => ({ ...thing, resourceNames: [name] }))
      }),
    ),
    ...nonResourceURLs.map((url) => ({ nonResourceURLs: [url] })),
  ]
  return things.flatMap((thing) => verbs.map((verb) => ({ ...thing, verbs: [verb] })))
}

function ruleCovers(held: PolicyRule, single: PolicyRule): boolean {
  const [verb = ''] = single.verbs ?? []
  const [url] = single.nonResourceURLs ?? []
  if (!names(held.verbs, verb)) return false
  if (url !== undefined) return (held.nonResourceURLs ?? []).some((own) => urlCovers(own, url))
  const [group = ''] = single.apiGroups ?? []
  const [resource = ''] = single.resources ?? []
  const [name] = single.resourceNames ?? []
  return (
    names(held.apiGroups, group) &&
    (held.resources ?? []).some((own) => resourceCovers(own, resource)) &&
    (isEmpty(held.resourceNames) || (name !== undefined && has(held.resourceNames, name)))
  )
}

const any = '*'

function names(held: readonly string[] | undefined, asked: string): boolean {
  return has(held, any) || has(held, asked)
}

// `pods`, `pods/log`, `*` for all of them, and a star for the part before the slash.
function resourceCovers(held: string, asked: string): boolean {
  if (held === any || held === asked) return true
  const slash = asked.indexOf('/')
  return slash >= 0 && held === `${any}${asked.slice(slash)}`
}

function urlCovers(held: string, asked: string): boolean {
  if (held === any || held === asked) return true
  return held.endsWith(any) && asked.startsWith(held.slice(0, -1))
}

function has(list: readonly string[] | undefined, text: string): boolean {
  return list?.includes(text) ?? false
}

function isEmpty(list: readonly string[] | undefined): list is undefined {
  return list === undefined || list.length === 0
}

function compactText(rule: PolicyRule): string {
  const { apiGroups, resources, nonResourceURLs, resourceNames, verbs } = rule
  const parts = [
    ['APIGroups', apiGroups],
    ['Resources', resources],
    ['NonResourceURLs', nonResourceURLs],
    ['ResourceNames', resourceNames],
    ['Verbs', verbs],
  ] as const
  const shown = parts.flatMap(([name, list]) => (isEmpty(list) ? [] : [`${name}:${quotedList(list)}`]))
  return `{${shown.join(', ')}}`
}

/** Go's %q of a list. */
export function quotedList(list: readonly string[]): string {
  return `[${list.map((text) => JSON.stringify(text)).join(' ')}]`
}
