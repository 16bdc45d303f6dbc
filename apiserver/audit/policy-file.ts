import { isJsonObject } from '../../machinery/json/member.ts'
import type { JsonObject, JsonValue } from '../../machinery/object.ts'
import { decodeYaml, YamlDecodeError } from '../../machinery/yaml.ts'
import { AuditError } from './errors.ts'
import { type AuditPolicy, type AuditRule, auditLevels, auditStages, type GroupResources } from './policy.ts'

/**
 * The text of an audit.k8s.io/v1 Policy. What it does not know it refuses: a rule with a word misspelt would record
 * more, or less, than its writer thinks. Throws AuditError.
 */
export function parsePolicy(text: string): AuditPolicy {
  const policy = parsed(text)
  if (policy['apiVersion'] !== 'audit.k8s.io/v1' || policy['kind'] !== 'Policy') {
    throw new AuditError('the audit policy is not an audit.k8s.io/v1 Policy')
  }
  known(policy, ['apiVersion', 'kind', 'metadata', 'rules', 'omitStages', 'omitManagedFields'], 'the policy')
  const { rules } = policy
  if (!Array.isArray(rules) || rules.length === 0) throw new AuditError('the audit policy has no rules')
  return {
    rules: rules.map((rule, index) => ruleOf(rule as JsonValue, `rules[${index}]`)),
    omitStages: choices(policy, 'omitStages', auditStages, 'the policy') ?? [],
    omitManagedFields: toggle(policy, 'the policy') ?? false,
  }
}

function parsed(text: string): JsonObject {
  try {
    const value = decodeYaml(text)
    if (isJsonObject(value)) return value
  } catch (error) {
    if (!(error instanceof YamlDecodeError)) throw error
    throw new AuditError(`the audit policy: ${error.message}`)
  }
  throw new AuditError('the audit policy is not an object')
}

function ruleOf(rule: JsonValue, at: string): AuditRule {
  if (!isJsonObject(rule)) throw new AuditError(`${at} is not an object`)
  known(rule, [...listMembers, 'level', 'resources', 'omitStages', 'omitManagedFields'], at)
  const level = auditLevels.find((each) => each === rule['level'])
  if (level === undefined) throw new AuditError(`${at}.level is none of ${auditLevels.join(', ')}`)
  const lists = Object.fromEntries(listMembers.flatMap((name) => present(name, texts(rule, name, at))))
  const resources = groupsOf(rule['resources'], at)
  const omitStages = choices(rule, 'omitStages', auditStages, at)
  const omitManagedFields = toggle(rule, at)
  if ('nonResourceURLs' in lists && (resources !== undefined || 'namespaces' in lists)) {
    throw new AuditError(`${at} names resources and nonResourceURLs: no request is both`)
  }
  return {
    level,
    ...lists,
    ...(resources && { resources }),
    ...(omitStages && { omitStages }),
    ...(omitManagedFields !== undefined && { omitManagedFields }),
  }
}

const listMembers = ['users', 'userGroups', 'verbs', 'namespaces', 'nonResourceURLs'] as const

function groupsOf(value: JsonValue | undefined, at: string): readonly GroupResources[] | undefined {
  if (value === undefined || value === null) return undefined
  if (!Array.isArray(value)) throw new AuditError(`${at}.resources is not a list`)
  const groups = value.map((each: JsonValue, index) => groupOf(each, `${at}.resources[${index}]`))
  return groups.length === 0 ? undefined : groups
}

function groupOf(value: JsonValue, at: string): GroupResources {
  if (!isJsonObject(value)) throw new AuditError(`${at} is not an object`)
  known(value, ['group', 'resources', 'resourceNames'], at)
  const { group = '' } = value
  if (typeof group !== 'string') throw new AuditError(`${at}.group is not a string`)
  const resources = texts(value, 'resources', at)
  const resourceNames = texts(value, 'resourceNames', at)
  if (resourceNames && !resources) throw new AuditError(`${at} has resourceNames without resources`)
  return { group, ...(resources && { resources }), ...(resourceNames && { resourceNames }) }
}

function known(object: JsonObject, names: readonly string[], at: string): void {
  const odd = Object.keys(object).find((name) => !names.includes(name))
  if (odd !== undefined) throw new AuditError(`${at} has an unknown field ${JSON.stringify(odd)}`)
}

/** An empty list is an absent one, as in Go. */
function texts(object: JsonObject, name: string, at: string): readonly string[] | undefined {
  const value = object[name]
  if (value === undefined || value === null) return undefined
  const isList = Array.isArray(value) && value.every((each) => typeof each === 'string')
  if (!isList) throw new AuditError(`${at}.${name} is not a list of strings`)
  return value.length === 0 ? undefined : value
}

function choices<T extends string>(
  object: JsonObject,
  name: string,
  ...[all, at]: [readonly T[], string]
): readonly T[] | undefined {
  return texts(object, name, at)?.map((text) => {
    const choice = all.find((each) => each === text)
    if (choice !== undefined) return choice
    throw new AuditError(`${at}.${name}: ${JSON.stringify(text)} is none of ${all.join(', ')}`)
  })
}

function toggle({ omitManagedFields }: JsonObject, at: string): boolean | undefined {
  if (omitManagedFields === undefined || typeof omitManagedFields === 'boolean') return omitManagedFields
  throw new AuditError(`${at}.omitManagedFields is neither true nor false`)
}

function present<T>(name: string, value: T | undefined): [string, T][] {
  return value === undefined ? [] : [[name, value]]
}
