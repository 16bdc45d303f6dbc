import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { foldersWith } from './folders-with.ts'
import type { GeneratedFile } from './generated-file.ts'

/**
 * Lists of the kinds, by where their folder stands: ours, kinds/core/ for standalone mode, kinds/peers/ for what one
 * process of ours asks another, kinds/test/ for tests.
 */
const lists = [
  { name: 'kinds', folder: /^(?!core\/|peers\/|test\/)/ },
  { name: 'coreKinds', folder: /^core\// },
  { name: 'peerKinds', folder: /^peers\// },
  { name: 'testKinds', folder: /^test\// },
] as const

/** kinds/catalog.gen.ts: every folder of kinds/ with a kind.ts that exports one `defineKind(...)`. */
export function kindCatalog(root: string): GeneratedFile {
  const base = join(root, 'kinds')
  const entries = foldersWith(base, 'kind.ts').map((folder) => {
    const path = join(base, folder, 'kind.ts')
    return { folder, name: exportedKind(path) }
  })
  const imports = entries.map(({ folder, name }) => `import { ${name} } from './${folder}/kind.ts'`)
  const arrays = lists.map(({ name, folder }) => {
    const names = entries.filter((entry) => folder.test(entry.folder)).map((entry) => entry.name)
    return `export const ${name}: readonly KindDeclaration[] = [${names.join(', ')}]`
  })
  const text = [
    '// Generated from the folders of kinds/ by `npm run generate`. Do not edit.',
    "import type { KindDeclaration } from '../apiserver/registry/kind.ts'",
    ...imports,
    '',
    ...arrays,
    '',
  ]
  return { path: 'kinds/catalog.gen.ts', text: text.join('\n') }
}

function exportedKind(path: string): string {
  const [, name] = /export const (\w+)[^=\n]*= defineKind\(/.exec(readFileSync(path, 'utf8')) ?? []
  if (name === undefined) throw new Error(`${path} exports no defineKind(...)`)
  return name
}
