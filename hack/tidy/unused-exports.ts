import ts from 'typescript'
import { type Finding, isGenerated, lineOf, type Module, type SourceTree } from './source-tree.ts'

/**
 * An export that no other file imports. A type that its own file mentions again is part of what that file says of its
 * functions, and may be named without being imported.
 */
export function unusedExports(tree: SourceTree): readonly Finding[] {
  const used = usedNames(tree)
  return tree.modules
    .filter((module) => !isGenerated(module.path) && !module.path.endsWith('.config.mjs'))
    .flatMap((module) => {
      const names = used.get(module.path)
      if (names === 'all') return []
      return exportsOf(module)
        .filter(({ name, isType }) => !names?.has(name) && !(isType && mentions(module, name) > 1))
        .map(({ name, line }) => ({
          path: module.path,
          line,
          rule: 'unused-exports',
          reason: `nobody imports ${name}`,
          replacement: 'delete the word export, or the thing',
        }))
    })
}

function usedNames(tree: SourceTree): ReadonlyMap<string, Set<string> | 'all'> {
  const used = new Map<string, Set<string> | 'all'>()
  for (const module of tree.modules) {
    for (const { relative, target, names } of module.imports) {
      if (!relative) continue
      const path = target.replace(/\.js$/, '.ts').replace(/^dist\//, '')
      const before = used.get(path)
      if (before === 'all' || names === undefined) used.set(path, 'all')
      else used.set(path, new Set([...(before ?? []), ...names]))
    }
  }
  return used
}

function mentions(module: Module, name: string): number {
  return [...module.text.matchAll(new RegExp(`\\b${name}\\b`, 'g'))].length
}

interface Export {
  readonly name: string
  readonly line: number
  readonly isType: boolean
}

function exportsOf(module: Module): Export[] {
  return module.ast.statements.flatMap((statement) => {
    const exported =
      ts.canHaveModifiers(statement) &&
      ts.getModifiers(statement)?.some((one) => one.kind === ts.SyntaxKind.ExportKeyword)
    if (!exported) return []
    const line = lineOf(module, statement.getStart())
    if (ts.isVariableStatement(statement)) {
      return statement.declarationList.declarations.map((declaration) => ({
        name: declaration.name.getText(),
        line,
        isType: false,
      }))
    }
    const isType = ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)
    return 'name' in statement && statement.name ? [{ name: (statement.name as ts.Node).getText(), line, isType }] : []
  })
}
