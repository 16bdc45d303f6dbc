import type { KubeObject } from '../../machinery/object.ts'
import { withDefaults } from '../../machinery/schema/default.ts'
import type { KindDeclaration } from './kind.ts'
import type { Stored } from './stored.ts'

/** The object of the storage version with its defaults filled in: what columns, selectors and validation look at. */
export function effectiveObject(kind: KindDeclaration, { object }: Stored): KubeObject {
  const schema = kind.versions[kind.storageVersion]?.schema
  return schema === undefined ? object : withDefaults(schema, object)
}
