import type { KubeObject } from '../../machinery/object.ts'
import { withDefaults } from '../../machinery/schema/default.ts'
import type { Conversion } from './conversion.ts'
import type { KindDeclaration } from './kind.ts'
import { type Stored, type StoredState, withObject } from './stored.ts'

/** The object of the storage version with its defaults filled in: what columns, selectors and validation look at. */
export function effectiveObject(kind: KindDeclaration, { object }: Stored): KubeObject {
  const schema = kind.versions[kind.storageVersion]?.schema
  return schema === undefined ? object : withDefaults(schema, object)
}

/**
 * In any version, with the defaults of that one and with what the kind says follows from the rest. What the version
 * cannot say is left out: nobody writes this back.
 */
export function effectiveIn(
  { kind, conversion }: { readonly kind: KindDeclaration; readonly conversion: Conversion },
  { value, revision }: StoredState,
  version: string,
): KubeObject {
  const whole = kind.implied === undefined ? value : withObject(value, kind.implied(value.object))
  const shown = conversion.plain(whole, version)
  const schema = kind.versions[version]?.schema
  const { metadata, ...object } = schema === undefined ? shown : withDefaults(schema, shown)
  const resourceVersion = revision === undefined ? {} : { resourceVersion: String(revision) }
  return { ...object, metadata: { ...metadata, ...resourceVersion } }
}
