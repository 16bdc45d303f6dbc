import { UsageError } from './errors.ts'
import { serveHelp } from './help.ts'
import { type Options, parseOptions } from './options.ts'
import type { Running } from './running.ts'
import { interruptionOf, type Terminal } from './terminal.ts'

/** Answers the exit code when the server has ended. */
export async function serve(args: readonly string[], terminal: Terminal): Promise<number> {
  if (args.some((arg) => arg === '--help' || arg === '-h')) {
    terminal.print(serveHelp())
    return 0
  }
  const running = await startUnlessInterrupted(parseOptions(args), terminal)
  if (running === undefined) return 0
  const reason = await Promise.race([terminal.interrupted, running.broken])
  await running.end()
  return reason === 'interrupted' ? 0 : 1
}

/** Undefined when it was asked to end before it served; what had begun has ended in order then. */
async function startUnlessInterrupted(options: Options, terminal: Terminal): Promise<Running | undefined> {
  const interrupted = interruptionOf(terminal)
  try {
    return await start(options, terminal, interrupted)
  } catch (error) {
    if (error !== interrupted.reason) throw error
    terminal.tell('asked to end before it served\n')
    return undefined
  }
}

async function start(options: Options, terminal: Terminal, interrupted: AbortSignal): Promise<Running> {
  if (options.certificates !== 'self-made' && (options.standalone || !options.aggregated)) {
    throw new UsageError(`--certificates=${options.certificates} needs --aggregated: clients of a cluster trust it`)
  }
  if (options.certificates === 'files' && options.serve !== 'all') {
    throw new UsageError('--certificates=files is for --serve=all: two processes share Secrets')
  }
  if (options.serve !== 'all' && (options.standalone || !options.aggregated)) {
    throw new UsageError(`--serve=${options.serve} needs --aggregated: two processes find each other in a cluster`)
  }
  if (options.aggregated && !options.standalone) {
    const { startServer } = await import('./running.ts')
    const running = await startServer(options, { interrupted })
    terminal.print(`serving on ${running.url}\n`)
    return running
  }
  const { startStandalone } = await import('./standalone.ts')
  const running = await startStandalone(options, interrupted)
  terminal.print(`serving on ${running.url}\nkubeconfig: ${running.kubeconfigPath}\n`)
  return running
}
