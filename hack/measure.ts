import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { cycles } from './tidy/cycles.ts'
import { functionsOf } from './tidy/sizes.ts'
import { isGenerated, isTest, type Module, readSourceTree } from './tidy/source-tree.ts'

/** The size and shape of the source, in figures that can be compared from one month to the next. */
const root = join(import.meta.dirname, '../..')
const tree = readSourceTree(root)
const source = tree.modules.filter((module) => !isTest(module.path) && !isGenerated(module.path))
const tests = tree.modules.filter((module) => isTest(module.path))

const lineCount = (module: Module): number => module.text.trimEnd().split('\n').length
const functions = source.flatMap((module) => functionsOf(module))

report('source files', String(source.length))
report('test files', String(tests.length))
report('source lines', String(sum(source.map(lineCount))))
report('test lines', String(sum(tests.map(lineCount))))
report('lines per file', spread(source.map(lineCount)))
report('functions', String(functions.length))
report('lines per function', spread(functions.map(({ lines }) => lines)))
report('import cycles', String(cycles(tree).length))
report('comment share', `${(100 * commentShare(source)).toFixed(1)} %`)
report('any', String(sum(source.map(anyCount))))
report('dependencies, direct', String(dependencyCounts().direct))
report('dependencies, transitive', String(dependencyCounts().transitive))

function report(name: string, value: string): void {
  process.stdout.write(`${name.padEnd(28)}${value}\n`)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function spread(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
  return `median ${at(0.5)}, p90 ${at(0.9)}, max ${at(1)}`
}

/** Characters in comments against all characters that are not white space. */
function commentShare(modules: readonly Module[]): number {
  const solid = (text: string): number => text.replace(/\s/g, '').length
  const comments = modules.map(({ text }) => sum(commentsOf(text).map(solid)))
  return sum(comments) / sum(modules.map(({ text }) => solid(text)))
}

function commentsOf(text: string): string[] {
  const found: string[] = []
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, false, ts.LanguageVariant.Standard, text)
  for (let token = scanner.scan(); token !== ts.SyntaxKind.EndOfFileToken; token = scanner.scan()) {
    const isComment = token === ts.SyntaxKind.SingleLineCommentTrivia || token === ts.SyntaxKind.MultiLineCommentTrivia
    if (isComment) found.push(scanner.getTokenText())
  }
  return found
}

function anyCount(module: Module): number {
  let count = 0
  const visit = (node: ts.Node): void => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) count += 1
    ts.forEachChild(node, visit)
  }
  visit(module.ast)
  return count
}

/** What is installed to run the server: development packages do not count. */
function dependencyCounts(): { direct: number; transitive: number } {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lockfile
  const direct = Object.keys(packages['']?.dependencies ?? {}).length
  const installed = Object.entries(packages).filter(([path, one]) => path !== '' && !one.dev)
  return { direct, transitive: installed.length - direct }
}

interface Lockfile {
  readonly packages: Readonly<Record<string, { dev?: boolean; dependencies?: Readonly<Record<string, string>> }>>
}
