import { dirname, join, normalize } from 'node:path'
import type { Finding, SourceTree, TextFile } from './source-tree.ts'

/** Links of Markdown files, and paths in backticks that begin with a folder of ours, lead to something that exists. */
export function links(tree: SourceTree): readonly Finding[] {
  const folders = new Set([...tree.paths].flatMap(foldersAbove))
  const exists = (path: string): boolean => tree.paths.has(path) || folders.has(path)
  const tops = new Set([...folders].filter((folder) => !folder.includes('/')))
  return tree.documents.flatMap((document) =>
    references(document, tops)
      .filter(({ target }) => !exists(target))
      .map(({ target, line }) => ({
        path: document.path,
        line,
        rule: 'links',
        reason: `${target} does not exist`,
        replacement: 'the path as it is now',
      })),
  )
}

function references(document: TextFile, tops: ReadonlySet<string>): { target: string; line: number }[] {
  return document.text.split('\n').flatMap((text, index) => {
    const targets = [
      ...[...text.matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)/g)].map(([, path = '']) =>
        normalize(join(dirname(document.path), path)),
      ),
      ...[...text.matchAll(/`([a-z][\w-]*)\/([\w./-]*)`/g)]
        .filter(([, top = '']) => tops.has(top))
        .map(([, top, rest]) => normalize(`${top}/${rest}`)),
    ]
    return targets.map((target) => ({ target: target.replace(/\/$/, ''), line: index + 1 }))
  })
}

function foldersAbove(path: string): string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}
