import { readFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { dirname, join, normalize } from 'node:path'
import ts from 'typescript'

/** The tracked and new files of a checkout, parsed once; every rule of tidy reads this and nothing else. */
export interface SourceTree {
  /** TypeScript and JavaScript modules. */
  readonly modules: readonly Module[]
  readonly documents: readonly TextFile[]
  /** Every path, of whatever type. */
  readonly paths: ReadonlySet<string>
}

export interface TextFile {
  /** Relative to the checkout, with forward slashes. */
  readonly path: string
  readonly text: string
}

export interface Module extends TextFile {
  readonly ast: ts.SourceFile
  readonly imports: readonly Import[]
}

export interface Import {
  /** A path of the tree for a relative import, else the package's name. */
  readonly target: string
  readonly relative: boolean
  /** Undefined when every export may be used (`import * as`, `import()`). */
  readonly names: readonly string[] | undefined
  readonly line: number
  readonly typeOnly: boolean
}

export interface Finding {
  readonly path: string
  readonly line: number
  readonly rule: string
  readonly reason: string
  /** What to do instead. */
  readonly replacement: string
}

export type Rule = (tree: SourceTree) => readonly Finding[]

const modulePattern = /(?<!\.d)\.(ts|mts|mjs|js)$/

/** The tree of the git checkout at `root`: tracked files and untracked ones that are not ignored. */
export function readSourceTree(root: string): SourceTree {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8' })
  const paths = [...new Set(listed.split('\0').filter((path) => path !== ''))]
  return sourceTree(paths, (path) => readFileSync(join(root, path), { encoding: 'utf8', flag: 'r' }))
}

export function sourceTree(paths: readonly string[], read: (path: string) => string): SourceTree {
  const texts = paths.filter((path) => modulePattern.test(path) || path.endsWith('.md'))
  const files = texts.flatMap((path) => readable(path, read))
  return {
    modules: files.filter((file) => modulePattern.test(file.path)).map(parseModule),
    documents: files.filter((file) => file.path.endsWith('.md')),
    paths: new Set(paths),
  }
}

function readable(path: string, read: (path: string) => string): readonly TextFile[] {
  try {
    return [{ path, text: read(path) }]
  } catch {
    // Deleted in the working tree and not yet in the index.
    return []
  }
}

/** Tests, and the suites that tests of several implementations share. */
export function isTest(path: string): boolean {
  return path.endsWith('.test.ts') || path.startsWith('test/') || /\/conformance(\/|\.ts$)/.test(path)
}

export function isGenerated(path: string): boolean {
  return path.endsWith('.gen.ts')
}

export function lineOf(module: Module, position: number): number {
  return module.ast.getLineAndCharacterOfPosition(position).line + 1
}

function parseModule(file: TextFile): Module {
  const ast = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true)
  return { ...file, ast, imports: importsOf(file.path, ast) }
}

function importsOf(path: string, ast: ts.SourceFile): Import[] {
  const imports: Import[] = []
  const add = (specifier: ts.Expression, names: readonly string[] | undefined, typeOnly: boolean): void => {
    if (!ts.isStringLiteralLike(specifier)) return
    const relative = specifier.text.startsWith('.')
    const target = relative ? normalize(join(dirname(path), specifier.text)) : specifier.text
    const line = ast.getLineAndCharacterOfPosition(specifier.getStart()).line + 1
    imports.push({ target, relative, names, line, typeOnly })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      add(node.moduleSpecifier, importedNames(node), node.importClause?.isTypeOnly === true)
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier) {
      add(node.moduleSpecifier, reexportedNames(node), node.isTypeOnly)
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword && node.arguments[0]) {
      add(node.arguments[0], undefined, false)
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal, node.qualifier ? [node.qualifier.getText()] : undefined, true)
    }
    ts.forEachChild(node, visit)
  }
  visit(ast)
  return imports
}

function importedNames(node: ts.ImportDeclaration): readonly string[] | undefined {
  const bindings = node.importClause?.namedBindings
  if (bindings === undefined) return node.importClause?.name ? ['default'] : []
  if (ts.isNamespaceImport(bindings)) return undefined
  return bindings.elements.map((element) => (element.propertyName ?? element.name).text)
}

function reexportedNames(node: ts.ExportDeclaration): readonly string[] | undefined {
  if (!node.exportClause || !ts.isNamedExports(node.exportClause)) return undefined
  return node.exportClause.elements.map((element) => (element.propertyName ?? element.name).text)
}
