import type { Clock } from '../../base/clock.ts'
import type { GroupKind, GroupResource } from '../../machinery/status-errors.ts'
import { compileRules } from '../../machinery/schema/rules/rules.ts'
import type { Schema } from '../../machinery/schema/schema.ts'
import type { Storage } from '../../storage/storage.ts'
import type { Admission } from '../admission/admission.ts'
import type { ReferenceRights } from '../admission/reference-rights.ts'
import { type Conversion, conversionOf } from './conversion.ts'
import { Representations } from './forms/representations.ts'
import { fieldOwnership, type FieldOwnership } from './writes/field-ownership.ts'
import { objectSchema } from './object-schema.ts'
import type { KindDeclaration, LiveValues } from './kind.ts'
import type { Randomness } from './randomness.ts'
import { SelectorFacts } from './reads/selector-facts.ts'
import type { WatchMetrics } from './reads/watch-metrics.ts'
import type { Stored } from './stored.ts'

export interface RegistryConfig {
  readonly kind: KindDeclaration
  readonly storage: Storage<Stored>
  readonly clock: Clock
  readonly random: Randomness
  readonly admission: Admission
  readonly watchMetrics: WatchMetrics
  /** Absent: nobody is asked for the rights that objects make use of. */
  readonly referenceRights?: ReferenceRights
  /** A watch that asks for no time lives this long, up to twice as long; 30 minutes unless said. */
  readonly minRequestTimeoutMs?: number
  /** Facts for columns that are truer in memory; absent: the stored ones are shown. */
  readonly live?: LiveValues
}

/** What the registry's functions share: the config and what follows from the kind once. */
export interface RegistryParts extends RegistryConfig {
  readonly resource: GroupResource
  readonly groupKind: GroupKind
  readonly hasStatus: boolean
  readonly conversion: Conversion
  /** Of whole objects, by version. */
  readonly schemas: ReadonlyMap<string, Schema>
  readonly selectorFacts: SelectorFacts
  readonly representations: Representations
  readonly ownership: FieldOwnership
}

export function registryParts(config: RegistryConfig): RegistryParts {
  const { kind } = config
  const conversion = conversionOf(kind)
  for (const { schema } of Object.values(kind.versions)) compileRules(schema)
  const schemas = new Map(Object.entries(kind.versions).map(([name, version]) => [name, objectSchema(version.schema)]))
  return {
    ...config,
    resource: { group: kind.group, resource: kind.names.plural },
    groupKind: { group: kind.group, kind: kind.names.kind },
    hasStatus: kind.subresources?.includes('status') ?? false,
    conversion,
    schemas,
    selectorFacts: new SelectorFacts(kind),
    representations: new Representations(conversion),
    ownership: fieldOwnership({ kind, schemas, conversion, clock: config.clock }),
  }
}
