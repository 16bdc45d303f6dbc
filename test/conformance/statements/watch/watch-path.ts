import type { Json } from '../../../support/api-client.ts'
import { versionOf } from '../../resource-version.ts'

/** A watch of the collection from the version of this object or list. */
export function watchPath(collection: string, from: Json | undefined, query = ''): string {
  return `${collection}?watch=true&resourceVersion=${versionOf(from)}${query}`
}
