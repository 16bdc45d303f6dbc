// `npm run update`: the twin of verify; repairs what can be repaired.
import { join } from 'node:path'
import { prepare, root, run, step } from './prepare.mjs'

await prepare()
step('generated files')
await run(process.execPath, ['dist/hack/generate.js'])
step('golden files')
await run(process.execPath, ['dist/test/golden/update.js'])
step('format')
await run(join(root, 'node_modules/.bin/biome'), ['format', '--write'])
step('lint')
process.exitCode = await run(join(root, 'node_modules/.bin/eslint'), ['--fix', '.'])
