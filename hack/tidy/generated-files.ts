import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { generate } from '../generate/generate.ts'
import type { Finding } from './source-tree.ts'

/** Generated files are what a fresh generation gives. */
export function generatedFiles(root: string): readonly Finding[] {
  return generate(root).flatMap(({ path, text }) =>
    readOrNothing(join(root, path)) === text
      ? []
      : [
          {
            path,
            line: 1,
            rule: 'generated-files',
            reason: 'differs from a fresh generation',
            replacement: 'npm run generate',
          },
        ],
  )
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
