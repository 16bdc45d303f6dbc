import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { GeneratedFile } from '../generate/generated-file.ts'
import type { Finding } from './source-tree.ts'

/** Generated files of the checkout at `root` are what a fresh generation gives. */
export function generatedFiles(root: string, fresh: readonly GeneratedFile[]): readonly Finding[] {
  const about = { rule: 'generated-files', reason: 'differs from a fresh generation', replacement: 'npm run generate' }
  return fresh
    .filter(({ path, text }) => readOrNothing(join(root, path)) !== text)
    .map(({ path }) => ({ path, line: 1, ...about }))
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
