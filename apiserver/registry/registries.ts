import type { Registry } from './registry.ts'

/** Every kind that the server serves. */
export interface Registries {
  readonly all: readonly Registry[]
  find(group: string, resource: string): Registry | undefined
}

export function registriesOf(all: readonly Registry[]): Registries {
  const byName = new Map(all.map((registry) => [nameOf(registry.kind.group, registry.kind.names.plural), registry]))
  return { all, find: (group, resource) => byName.get(nameOf(group, resource)) }
}

function nameOf(group: string, resource: string): string {
  return `${resource}.${group}`
}
