import type { GeneratedFile } from './generated-file.ts'
import { flagsPage } from '../../cmd/help.ts'
import { chart } from './chart.ts'
import { kindCatalog } from './kind-catalog.ts'
import { providerCatalog } from './provider-catalog.ts'

/** Every generated file as it should be now, from the folders of the checkout at `root`. */
export function generate(root: string): readonly GeneratedFile[] {
  return [kindCatalog(root), providerCatalog(root), { path: 'docs/flags.md', text: flagsPage() }, ...chart(root)]
}
