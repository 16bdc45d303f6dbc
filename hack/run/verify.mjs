// `npm run verify`: the only gate. `--no-tests` leaves the tests out, for a caller that has just run them.
import { join } from 'node:path'
import { prepare, root, run, step } from './prepare.mjs'
import { test } from './test.mjs'

const bin = (name) => join(root, 'node_modules/.bin', name)

const checks = [
  ['format', () => run(bin('biome'), ['format'])],
  ['types', () => run(bin('tsc'), ['--noEmit'])],
  ['lint', () => run(bin('eslint'), ['--max-warnings=0', '.'])],
  ['tidy and generated files', () => run(process.execPath, ['dist/hack/tidy.js'])],
]

await prepare()
const failed = []
for (const [name, check] of checks) {
  step(name)
  if ((await check()) !== 0) failed.push(name)
}
if (!process.argv.includes('--no-tests') && !(await test([]))) failed.push('tests')
step(
  failed.length === 0
    ? 'verify: all is well'
    : `verify: ${failed.join(', ')} failed (npm run update repairs what can be)`,
)
process.exitCode = failed.length === 0 ? 0 : 1
