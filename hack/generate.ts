import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { generate } from './generate/generate.ts'

/** Writes the generated files afresh. */
const root = join(import.meta.dirname, '../..')
for (const { path, text } of generate(root)) {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}
