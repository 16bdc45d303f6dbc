import type { AdmissionRequest } from '../admission.ts'
import type { Rule } from '../configuration.ts'

/** Whether a rule speaks of a write to `version` of the request's resource. */
export function ruleMatches(rule: Rule, request: AdmissionRequest, version = request.version): boolean {
  return (
    includes(rule.operations, request.operation) &&
    includes(rule.apiGroups, request.kind.group) &&
    includes(rule.apiVersions, version) &&
    scopeMatches(rule.scope, request) &&
    (rule.resources ?? []).some((pattern) => resourceMatches(pattern, request)) &&
    nameMatches(rule.resourceNames, request.name)
  )
}

function includes(values: readonly string[] | undefined, value: string): boolean {
  return values !== undefined && (values.includes('*') || values.includes(value))
}

/** A Namespace counts as an object of the cluster. */
function scopeMatches(scope: string | undefined, { namespace }: AdmissionRequest): boolean {
  if (scope === undefined || scope === '' || scope === '*') return true
  return scope === 'Namespaced' ? namespace !== undefined : namespace === undefined
}

/** `*` alone is every resource without its subresources. */
function resourceMatches(pattern: string, { kind, subresource }: AdmissionRequest): boolean {
  const [resource = '', wanted = ''] = pattern.split('/', 2)
  return (resource === '*' || resource === kind.names.plural) && (wanted === '*' || wanted === subresource)
}

function nameMatches(names: readonly string[] | undefined, name: string): boolean {
  return names === undefined || names.length === 0 || names.includes('*') || names.includes(name)
}
