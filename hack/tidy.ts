import { join } from 'node:path'
import { generate } from './generate/generate.ts'
import { bannedText } from './tidy/banned-text.ts'
import { cycles } from './tidy/cycles.ts'
import { errorCodes } from './tidy/error-codes.ts'
import { isExcepted } from './tidy/exceptions.ts'
import { fileNames } from './tidy/file-names.ts'
import { generatedFiles } from './tidy/generated-files.ts'
import { layers } from './tidy/layers.ts'
import { links } from './tidy/links.ts'
import { sizes } from './tidy/sizes.ts'
import { readSourceTree, type Rule } from './tidy/source-tree.ts'
import { unusedExports } from './tidy/unused-exports.ts'

/** The guide as a test: prints file, line, reason and replacement of everything out of order, and then fails. */
const rules: readonly Rule[] = [layers, cycles, sizes, bannedText, fileNames, errorCodes, links, unusedExports]

const root = join(import.meta.dirname, '../..')
const tree = readSourceTree(root)
const findings = [...rules.flatMap((rule) => rule(tree)), ...generatedFiles(root, generate(root))].filter(
  (one) => !isExcepted(one),
)
for (const { path, line, rule, reason, replacement } of findings) {
  process.stdout.write(`${path}:${line}: ${rule}: ${reason} -> ${replacement}\n`)
}
process.stdout.write(`tidy: ${tree.modules.length} modules, ${findings.length} findings\n`)
process.exitCode = findings.length > 0 ? 1 : 0
