import { invalidField, requiredField, type FieldError } from '../machinery/field-error.ts'
import type { StoreScope } from './provider.ts'

/** In which namespace a store may look for its credentials (eso-inventory.md 3.2). */

interface Selector {
  readonly name?: string
  readonly key?: string
  readonly namespace?: string
}

/** A ClusterSecretStore may leave the namespace to its consumers; a SecretStore never leaves its own. */
export function referent(selector: Selector | undefined, field: string, store: StoreScope): FieldError[] {
  const namespace = selector?.namespace
  if (namespace === undefined || store.kind === 'ClusterSecretStore' || namespace === store.namespace) return []
  const text = 'namespace should either be empty or match the namespace of the SecretStore for a namespaced SecretStore'
  return [invalidField(`${field}.namespace`, namespace, text)]
}

/** As `referent`, and a ClusterSecretStore has to say which namespace. */
export function strict(selector: Selector | undefined, field: string, store: StoreScope): FieldError[] {
  if (selector !== undefined && store.kind === 'ClusterSecretStore' && selector.namespace === undefined) {
    return [requiredField(`${field}.namespace`, 'cluster scope requires namespace')]
  }
  return referent(selector, field, store)
}

export function named(selector: Selector | undefined, field: string): FieldError[] {
  if (selector === undefined) return [requiredField(field)]
  const missing = (['name', 'key'] as const).filter((member) => selector[member] === undefined)
  return missing.map((member) => requiredField(`${field}.${member}`))
}
