import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generate } from './generate/generate.ts'

/** Writes the generated files afresh. */
const root = join(import.meta.dirname, '../..')
for (const { path, text } of generate(root)) writeFileSync(join(root, path), text)
