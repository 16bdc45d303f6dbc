import { kindCatalog } from './kind-catalog.ts'
import { providerCatalog } from './provider-catalog.ts'

export interface GeneratedFile {
  readonly path: string
  readonly text: string
}

/** Every generated file as it should be now, from the folders of the checkout at `root`. */
export function generate(root: string): readonly GeneratedFile[] {
  return [kindCatalog(root), providerCatalog(root)]
}
