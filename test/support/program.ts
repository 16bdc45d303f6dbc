import { join } from 'node:path'

const bundle = join(import.meta.dirname, '../../bundle')

/** The program as it is shipped, for tests that start it in a process of its own. */
export const programPath = join(bundle, 'main.js')
export const pluginPath = join(bundle, 'kubectl-eso.js')
