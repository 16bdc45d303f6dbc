import type { Finding, Import, Module, SourceTree } from './source-tree.ts'
import { isTest } from './source-tree.ts'

/** Who may import whom: the table of ARCHITECTURE.md. A folder sees the rows above its own, through their doors. */
const rows: Readonly<Record<string, number>> = {
  base: 0,
  machinery: 1,
  template: 1,
  storage: 2,
  cluster: 2,
  providers: 2,
  apiserver: 3,
  kinds: 4,
  syncer: 5,
  cmd: 6,
}

/** Folders whose every file is a door. */
const libraries = new Set(['base', 'machinery'])

/** What else than the door and errors.ts outsiders may import, and who may see a folder at all where it is not all. */
const doors: Readonly<Record<string, readonly string[]>> = {
  template: ['template/template.ts', 'template/errors.ts'],
  storage: ['storage/storage.ts', 'storage/errors.ts'],
  cluster: [],
  providers: ['providers/provider.ts', 'providers/errors.ts'],
  apiserver: ['apiserver/server.ts', 'apiserver/errors.ts'],
  kinds: [],
  syncer: ['syncer/syncer.ts', 'syncer/errors.ts'],
}

const special: Readonly<Record<string, readonly string[]>> = {
  kinds: ['apiserver/registry/kind.ts', 'providers/catalog.gen.ts', 'providers/generators/specs.ts'],
  syncer: [
    'providers/references.ts',
    'providers/convert-keys.ts',
    'providers/generators/specs.ts',
    'providers/generators/load.ts',
  ],
}

/** Which of the rows above a folder may see, where the table does not give it all of them. */
const visible: Readonly<Record<string, readonly string[]>> = {
  template: ['base'],
  storage: ['base', 'machinery'],
  cluster: ['base', 'machinery'],
  providers: ['base', 'machinery', 'template'],
  apiserver: ['base', 'machinery', 'storage'],
  kinds: ['base', 'machinery', 'template', 'apiserver', 'providers'],
  syncer: ['base', 'machinery', 'template', 'kinds', 'providers'],
}

export function layers(tree: SourceTree): readonly Finding[] {
  return tree.modules.flatMap((module) =>
    module.imports.filter((one) => one.relative).flatMap((one) => importFinding(module, one)),
  )
}

function importFinding(module: Module, one: Import): readonly Finding[] {
  const from = topFolder(module.path)
  const to = topFolder(one.target)
  const row = rows[from]
  if (row === undefined || isTest(module.path) || from === to) return []
  const finding = { path: module.path, line: one.line, rule: 'layers' }
  if (rows[to] === undefined) {
    return [
      { ...finding, reason: `${from}/ imports ${one.target}`, replacement: `${to || 'the root'} is never imported` },
    ]
  }
  if (from === 'cmd') return []
  const seen = visible[from] ?? Object.keys(rows).filter((folder) => (rows[folder] ?? 0) < row)
  if (!seen.includes(to)) {
    const replacement = 'declare the interface you need in your own folder and let cmd/wire.ts pass it in'
    return [{ ...finding, reason: `${from}/ may not see ${to}/`, replacement }]
  }
  return isDoor(from, one)
    ? []
    : [{ ...finding, reason: `${one.target} is not a door`, replacement: doorsOf(from, to) }]
}

function isDoor(from: string, one: Import): boolean {
  const to = topFolder(one.target)
  if (libraries.has(to)) return true
  if (from === 'syncer' && to === 'kinds') return one.typeOnly
  return [...(doors[to] ?? []), ...(special[from] ?? [])].includes(one.target)
}

function doorsOf(from: string, to: string): string {
  if (from === 'syncer' && to === 'kinds') return 'the syncer takes types only: `import type`'
  const open = [...(doors[to] ?? []), ...(special[from] ?? []).filter((path) => topFolder(path) === to)]
  return `import ${open.join(' or ')}`
}

function topFolder(path: string): string {
  const slash = path.indexOf('/')
  return slash < 0 ? '' : path.slice(0, slash)
}
