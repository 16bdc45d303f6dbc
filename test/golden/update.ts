// `npm run update` runs it: writes the golden files afresh.
import { writeFileSync } from 'node:fs'
import { goldenFiles } from './golden-files.ts'

for (const { path, text } of goldenFiles()) writeFileSync(path, text)
