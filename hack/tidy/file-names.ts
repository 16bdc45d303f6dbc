import { basename } from 'node:path'
import type { Finding, SourceTree } from './source-tree.ts'

const nameless = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'misc', 'types', 'index'])

/** Files are named after the one thing they export, in kebab case. */
export function fileNames(tree: SourceTree): readonly Finding[] {
  return tree.modules.flatMap(({ path }) => {
    const stem = basename(path).replace(/(\.test|\.gen|\.config)?\.[a-z]+$/, '')
    const finding = { path, line: 1, rule: 'file-names' }
    if (nameless.has(stem)) {
      return [{ ...finding, reason: `${stem} says nothing`, replacement: 'name the file after the thing it exports' }]
    }
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(stem)) {
      return [{ ...finding, reason: `${stem} is not kebab case`, replacement: 'kebab-case.ts' }]
    }
    return []
  })
}
