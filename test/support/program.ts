import { join } from 'node:path'
import { programAt } from '../../hack/run/program.mjs'

const bundle = join(import.meta.dirname, '../../bundle')

/** What Node is given to run the program as it is shipped, in a process of its own. */
export const programWords = programAt(join(bundle, 'main.js'))
export const pluginPath = join(bundle, 'kubectl-eso.js')
