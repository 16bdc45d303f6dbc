import { opaque, type Typed } from '../../machinery/schema/builder.ts'
import { providerSpecs } from './provider-specs.ts'

export type StoreVersion = 'v1' | 'v1beta1' | 'v1alpha1'

/** What `spec.provider` may name: the providers we serve with their schema, the others as they were sent. */
export function providerFields(_version: StoreVersion): Readonly<Record<string, Typed<unknown>>> {
  const served = new Map(providerSpecs.map((spec) => [spec.name, spec.schema]))
  return Object.fromEntries([...served.keys()].sort().map((name) => [name, served.get(name) ?? opaque('')]))
}
