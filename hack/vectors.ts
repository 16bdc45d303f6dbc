import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { JsonObject } from '../machinery/object.ts'
import { admission } from './vector-areas/admission.ts'
import { fieldAreas } from './vector-areas/apply-fields.ts'
import { httpAreas } from './vector-areas/apply-http.ts'
import { managerAreas } from './vector-areas/apply-manager.ts'
import { typedAreas } from './vector-areas/apply-typed.ts'
import { updaterAreas } from './vector-areas/apply-updater.ts'
import type { VectorArea } from './vector-areas/area.ts'
import { dataAreas } from './vector-areas/data.ts'
import { vectorResults } from './vector-areas/outcome.ts'
import { templateAreas } from './vector-areas/template.ts'

/**
 * Plays vector files of any known form: `npm run vectors -- FILE...` (default: those in test/vectors). Prints what
 * failed and what was skipped, then `N passed, N failed, N skipped`.
 */
const areas: readonly VectorArea[] = [
  ...fieldAreas,
  ...typedAreas,
  ...updaterAreas,
  ...managerAreas,
  ...httpAreas,
  ...dataAreas,
  admission,
  ...templateAreas,
]

const files = process.argv.slice(2)
const known = ['ssa-vectors', 'data-vectors', 'template-vectors'].map((name) => `test/vectors/${name}.json`)
const counts = { passed: 0, failed: 0, skipped: 0 }
for (const path of files.length > 0 ? files : known) {
  const results = vectorResults(areas, JSON.parse(readFileSync(path, 'utf8')) as JsonObject)
  if (results.length === 0) process.stdout.write(`${basename(path)}: no cases of a known form\n`)
  for (const { name, result, detail } of results) {
    counts[result] += 1
    if (result === 'failed') process.stdout.write(`FAILED ${name}\n  ${detail}\n`)
    if (result === 'skipped') process.stdout.write(`skipped ${name}: ${detail}\n`)
  }
}
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`)
process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1
