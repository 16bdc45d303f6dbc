// `npm start`: from a fresh clone to a server with a synced Secret. `npm start -- --once` exits when that is done.
import { join } from 'node:path'
import { prepare, root, run } from './prepare.mjs'

await prepare()
const program = join(root, 'dist/bundle/main.js')
process.exitCode = await run(process.execPath, [program, 'quickstart', ...process.argv.slice(2)])
