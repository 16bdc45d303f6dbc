import type { Finding, SourceTree } from './source-tree.ts'

/** Import cycles, type imports included: a cycle of types is a cycle of thoughts. */
export function cycles(tree: SourceTree): readonly Finding[] {
  const edges = new Map(tree.modules.map((module) => [module.path, module.imports.filter((one) => one.relative)]))
  const findings: Finding[] = []
  const done = new Set<string>()
  const trail: string[] = []
  const visit = (path: string): void => {
    trail.push(path)
    for (const { target, line } of edges.get(path) ?? []) {
      const start = trail.indexOf(target)
      if (start >= 0) {
        const reason = [...trail.slice(start), target].join(' -> ')
        findings.push({ path, line, rule: 'cycles', reason, replacement: 'move what both need to a file of its own' })
      } else if (!done.has(target) && edges.has(target)) visit(target)
    }
    trail.pop()
    done.add(path)
  }
  for (const path of edges.keys()) if (!done.has(path)) visit(path)
  return findings
}
