import type { JsonObject } from '../../machinery/object.ts'
import { opaque, type Typed } from '../../machinery/schema/builder.ts'
import type { OlderForm } from '../../providers/provider.ts'
import { editedAt, isJsonObject } from '../shared/conversion/json-edit.ts'
import { providerNames } from './provider-names.ts'
import { providerSpecs } from '../../providers/catalog.gen.ts'

type StoreVersion = 'v1' | 'v1beta1' | 'v1alpha1'

const notServed = opaque('Kept as it was sent, but not served by this release.')

/**
 * What `spec.provider` may name: the providers we serve with their schema, the others as they were sent. Every version
 * knows them all, so that a store can be read and written in any of them.
 */
export function providerFields(version: StoreVersion): Readonly<Record<string, Typed<unknown>>> {
  const served = new Map(providerSpecs.map((spec) => [spec.name, spec.older?.[version]?.schema ?? spec.schema]))
  return Object.fromEntries(providerNames.map((name) => [name, served.get(name) ?? notServed]))
}

/** Brings the provider of an older version's store into the form of v1. */
export function providerToCurrent(version: StoreVersion): (content: JsonObject) => JsonObject {
  return (content) => withProvider(content, version, (form, spec) => form.toCurrent(spec))
}

export function providerFromCurrent(version: StoreVersion): (content: JsonObject) => JsonObject {
  return (content) => withProvider(content, version, (form, spec) => form.fromCurrent?.(spec) ?? spec)
}

function withProvider(
  content: JsonObject,
  version: StoreVersion,
  convert: (form: OlderForm, spec: JsonObject) => JsonObject,
): JsonObject {
  return providerSpecs.reduce((converted, { name, older }) => {
    const form = older?.[version]
    if (form === undefined) return converted
    return editedAt(converted, ['spec', 'provider', name], (spec) => (isJsonObject(spec) ? convert(form, spec) : spec))
  }, content)
}
