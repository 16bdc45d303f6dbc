// `npm start`: from a fresh clone to a server with a synced Secret. `npm start -- --once` exits when that is done.
import { join } from 'node:path'
import { prepare, root, run } from './prepare.mjs'
import { programAt } from './program.mjs'

await prepare()
process.exitCode = await run(process.execPath, [
  ...programAt(join(root, 'dist/bundle/main.js')),
  'quickstart',
  ...process.argv.slice(2),
])
