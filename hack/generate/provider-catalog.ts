import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { foldersWith } from './folders-with.ts'
import type { GeneratedFile } from './generated-file.ts'

/**
 * providers/catalog.gen.ts: every folder of providers/ with a spec.ts that exports `<name>Spec` and a provider.ts that
 * exports `<name>`, where the name is the member of `spec.provider`.
 */
export function providerCatalog(root: string): GeneratedFile {
  const base = join(root, 'providers')
  const entries = foldersWith(base, 'spec.ts').map((folder) => ({
    folder,
    name: providerName(join(base, folder, 'spec.ts')),
  }))
  const imports = [
    ...entries.map(({ folder, name }) => `import { ${name}Spec } from './${folder}/spec.ts'`),
    "import type { Provider, ProviderSpec } from './provider.ts'",
  ].sort((a, b) => (from(a) < from(b) ? -1 : 1))
  const loaders = entries.map(
    ({ folder, name }) => `  ['${name}', async () => (await import('./${folder}/provider.ts')).${name}],`,
  )
  const specs = entries.map(({ name }) => `${name}Spec`).join(', ')
  const text = `// Generated from the folders of providers/ by \`npm run generate\`. Do not edit.
${imports.join('\n')}

/** What the API server needs to know of every provider: schemas and rules, no SDK. */
export const providerSpecs: readonly ProviderSpec<unknown>[] = [${specs}]

/** Loads a provider with its libraries on first use; \`undefined\` when there is none of that name. */
export async function loadProvider(name: string): Promise<Provider<unknown> | undefined> {
  return loaders.get(name)?.()
}

const loaders = new Map<string, () => Promise<Provider<unknown>>>([
${loaders.join('\n')}
])
`
  return { path: 'providers/catalog.gen.ts', text }
}

function providerName(path: string): string {
  const [, name] = /export const (\w+)Spec\b/.exec(readFileSync(path, 'utf8')) ?? []
  if (name === undefined) throw new Error(`${path} exports no ...Spec`)
  return name
}

/** The module an import line names. */
function from(line: string): string {
  return line.slice(line.indexOf("from '"))
}
