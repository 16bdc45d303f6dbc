import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('./store-process.js', import.meta.url))

export interface SpawnOptions {
  readonly directory: string
  readonly work: 'writers' | 'traced' | 'fill' | 'hold'
  /** Put before the command: a tracer, a shell that sets limits. */
  readonly prefix?: readonly string[]
  readonly uid?: number
}

export interface StoreProcess {
  readonly child: ChildProcess
  /** Whole lines, as they come: what a kill cut off was not said. Ends when the process has. */
  readonly lines: AsyncGenerator<string>
  /** The next line. */
  line(): Promise<string | undefined>
  /** The lines that are left, once the process has ended. */
  rest(): Promise<readonly string[]>
}

/** Runs test/faults/store-process.ts on a directory. */
export function spawnStore({ directory, work, prefix = [], uid }: SpawnOptions): StoreProcess {
  const [command = process.execPath, ...args] = [...prefix, process.execPath, program, directory, work]
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    ...(uid !== undefined && { uid, gid: uid }),
  })
  const lines = wholeLines(child, child.stdout)
  return {
    child,
    lines,
    line: async () => {
      const next = await lines.next()
      return next.done ? undefined : next.value
    },
    rest: async () => {
      const rest: string[] = []
      for await (const line of lines) rest.push(line)
      return rest
    },
  }
}

async function* wholeLines(child: ChildProcess, output: Readable): AsyncGenerator<string> {
  const closed = once(child, 'close')
  let partial = ''
  for await (const text of output.setEncoding('utf8')) {
    const lines = `${partial}${text}`.split('\n')
    partial = lines.pop() ?? ''
    yield* lines
  }
  await closed
}
