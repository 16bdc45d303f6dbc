// `npm start`: from a fresh clone to a server with a synced Secret. `npm start -- --once` exits when that is done.
import { join } from 'node:path'
import { prepare, root, run } from './prepare.mjs'

await prepare()
process.exitCode = await run(process.execPath, [join(root, 'dist/cmd/main.js'), 'quickstart', ...process.argv.slice(2)])
