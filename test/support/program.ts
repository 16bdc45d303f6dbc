import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { programAt } from '../../hack/run/program.mjs'

const bundle = join(import.meta.dirname, '../../bundle')

/** What Node is given to run the program as it is shipped, in a process of its own. */
export const programWords = programAt(join(bundle, 'main.js'))
export const pluginPath = join(bundle, 'kubectl-eso.js')

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a subcommand to its end. */
export async function program(...args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [...programWords, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const code = new Promise<number | null>((resolve) => child.on('close', resolve))
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { code: await code, stdout, stderr }
}
