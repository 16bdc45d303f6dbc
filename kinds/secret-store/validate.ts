import type { Validation, ValidationResult } from '../../apiserver/registry/kind.ts'
import { parseGoDuration } from '../../machinery/duration.ts'
import { type FieldError, forbiddenField, invalidField, requiredField } from '../../machinery/field-error.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { isPattern } from '../../machinery/schema/pattern.ts'
import { providerSpecs } from '../../providers/catalog.gen.ts'
import type { ProviderSpec, StoreScope } from '../../providers/provider.ts'
import type { SecretStore, SecretStoreSpec } from './v1.ts'

export const validations: readonly Validation[] = [
  { name: 'secret-store', check: (object) => checkSecretStore(object) },
]

/** What the admission of a SecretStore or ClusterSecretStore says, beyond its schema (eso-inventory.md 3.1). */
export function checkSecretStore(object: KubeObject): ValidationResult {
  const { spec } = object as Partial<SecretStore>
  if (spec === undefined) return { errors: [requiredField('spec', 'a store needs a provider')] }
  const provider = checkProvider(object, spec)
  return {
    errors: [...conditionErrors(spec), ...refreshErrors(spec), ...retryErrors(spec), ...provider.errors],
    warnings: provider.warnings ?? [],
  }
}

function conditionErrors({ conditions = [] }: SecretStoreSpec): FieldError[] {
  return conditions.flatMap(({ namespaceRegexes = [] }, index) =>
    namespaceRegexes.flatMap((pattern, at) => {
      const field = `spec.conditions[${index}].namespaceRegexes[${at}]`
      return isPattern(pattern) ? [] : [invalidField(field, pattern, 'must be a regular expression in RE2 syntax')]
    }),
  )
}

function refreshErrors({ refreshInterval = 0 }: SecretStoreSpec): FieldError[] {
  const amount = typeof refreshInterval === 'number' ? refreshInterval : amountOf(refreshInterval)
  if (amount !== undefined && amount >= 0) return []
  const detail = 'must be a number of seconds or a duration such as 30s or 5m, and not negative'
  return [invalidField('spec.refreshInterval', refreshInterval, detail)]
}

/** The original reads a text of digits as seconds, too. */
function amountOf(text: string): number | undefined {
  return /^[-+]?\d+$/.test(text) ? Number(text) : parseGoDuration(text)
}

/** Unread by the original until a provider call fails; then the store never becomes ready. */
function retryErrors({ retrySettings }: SecretStoreSpec): FieldError[] {
  const { maxRetries = 0, retryInterval } = retrySettings ?? {}
  const field = 'spec.retrySettings'
  const interval = retryInterval === undefined ? 0 : parseGoDuration(retryInterval)
  return [
    ...(maxRetries < 0 ? [invalidField(`${field}.maxRetries`, maxRetries, 'must not be negative')] : []),
    ...(interval === undefined
      ? [invalidField(`${field}.retryInterval`, retryInterval, 'must be a duration such as 10s or 1m')]
      : []),
  ]
}

function checkProvider(object: KubeObject, { provider }: SecretStoreSpec): ValidationResult {
  const names = Object.keys(provider)
  const [name] = names
  if (name === undefined || names.length > 1) {
    const text = `secret stores must only have exactly one backend specified, found ${names.length}`
    return { errors: [invalidField('spec.provider', names, text)] }
  }
  const spec = providerSpecs.find((known) => known.name === name)
  if (spec === undefined) return { errors: [notServed(name)] }
  return checkServed(object, spec, provider[name])
}

function notServed(name: string): FieldError {
  const served = providerSpecs.map((spec) => spec.name).sort()
  return forbiddenField(`spec.provider.${name}`, `this provider is not served yet; served: ${served.join(', ')}`)
}

function checkServed(object: KubeObject, provider: ProviderSpec<unknown>, spec: unknown): ValidationResult {
  const store = scopeOf(object)
  const errors = provider.validate(spec, store).map((error) => ({
    ...error,
    field: `spec.provider.${provider.name}${error.field === '' ? '' : '.'}${error.field}`,
  }))
  const warnings = errors.length > 0 ? [] : (provider.warnings?.(spec, store) ?? [])
  return { errors, warnings: [...maintenanceWarnings(object, provider), ...warnings] }
}

function scopeOf({ kind, metadata: { namespace } }: KubeObject): StoreScope {
  return kind === 'ClusterSecretStore'
    ? { kind }
    : { kind: 'SecretStore', ...(namespace !== undefined && { namespace }) }
}

function maintenanceWarnings({ metadata: { name } }: KubeObject, { maintenance }: ProviderSpec<unknown>): string[] {
  const plan = 'Please plan and prepare accordingly.'
  if (maintenance === 'NotMaintained') return [`store ${name} isn't currently maintained. ${plan}`]
  return maintenance === 'Deprecated' ? [`store ${name} is deprecated. ${plan}`] : []
}
