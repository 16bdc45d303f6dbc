import { dirname } from 'node:path'
import ts from 'typescript'
import { type Finding, isGenerated, isTest, lineOf, type Module, type SourceTree } from './source-tree.ts'

const limits = {
  fileLinesMax: 400,
  functionLinesMax: 60,
  lineColumnsMax: 120,
  positionalParametersMax: 3,
  folderFilesMax: 14,
} as const

export function sizes(tree: SourceTree): readonly Finding[] {
  const written = tree.modules.filter((module) => !isGenerated(module.path))
  return [...written.flatMap(fileFindings), ...written.flatMap(functionFindings), ...folderFindings(written)]
}

function fileFindings(module: Module): readonly Finding[] {
  const lines = module.text.trimEnd().split('\n')
  const findings = lines.flatMap((text, index) =>
    text.length > limits.lineColumnsMax
      ? [
          finding(module, index + 1, {
            reason: `line of ${text.length} columns`,
            replacement: `at most ${limits.lineColumnsMax}`,
          }),
        ]
      : [],
  )
  if (lines.length <= limits.fileLinesMax) return findings
  return [
    ...findings,
    finding(module, 1, {
      reason: `file of ${lines.length} lines`,
      replacement: 'find the noun that wants a file of its own',
    }),
  ]
}

export interface FunctionSize {
  readonly name: string
  readonly line: number
  readonly lines: number
  readonly parameters: number
}

/** Every function with a body, the test cases' closures included. */
export function functionsOf(module: Module): readonly FunctionSize[] {
  const found: FunctionSize[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
      const start = lineOf(module, node.getStart())
      const end = lineOf(module, node.getEnd())
      found.push({ name: nameOf(node), line: start, lines: end - start + 1, parameters: node.parameters.length })
    }
    ts.forEachChild(node, visit)
  }
  visit(module.ast)
  return found
}

function functionFindings(module: Module): readonly Finding[] {
  return functionsOf(module).flatMap(({ name, line, lines, parameters }) => {
    const findings: Finding[] = []
    if (lines > limits.functionLinesMax && !isTest(module.path)) {
      findings.push(
        finding(module, line, {
          reason: `${name} has ${lines} lines`,
          replacement: 'branch in the caller, compute in a callee',
        }),
      )
    }
    if (parameters > limits.positionalParametersMax) {
      findings.push(
        finding(module, line, {
          reason: `${name} has ${parameters} parameters`,
          replacement: 'take one options object',
        }),
      )
    }
    return findings
  })
}

function folderFindings(modules: readonly Module[]): readonly Finding[] {
  const folders = new Map<string, Module[]>()
  for (const module of modules) {
    if (isTest(module.path) || module.path.endsWith('/errors.ts')) continue
    const folder = dirname(module.path)
    folders.set(folder, [...(folders.get(folder) ?? []), module])
  }
  return [...folders].flatMap(([folder, [first, ...rest]]) =>
    first && rest.length + 1 > limits.folderFilesMax
      ? [
          finding(first, 1, {
            reason: `${folder}/ has ${rest.length + 1} source files`,
            replacement: 'find the folder within',
          }),
        ]
      : [],
  )
}

function nameOf(node: ts.Node): string {
  if ('name' in node && node.name) return (node.name as ts.Node).getText()
  const parent = node.parent
  if (parent && (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent))) return parent.name.getText()
  return 'a function'
}

function finding(module: Module, line: number, about: { reason: string; replacement: string }): Finding {
  return { path: module.path, line, rule: 'sizes', ...about }
}
