import { serveHelp } from './help.ts'
import { parseOptions } from './options.ts'
import type { Terminal } from './terminal.ts'

/** Answers the exit code when the server has ended. */
export async function serve(args: readonly string[], terminal: Terminal): Promise<number> {
  if (args.some((arg) => arg === '--help' || arg === '-h')) {
    terminal.print(serveHelp())
    return 0
  }
  const options = parseOptions(args)
  const { startStandalone } = await import('./standalone.ts')
  const running = await startStandalone(options)
  terminal.print(`serving on ${running.url}\nkubeconfig: ${running.kubeconfigPath}\n`)
  const reason = await Promise.race([terminal.interrupted, running.broken])
  await running.end()
  return reason === 'interrupted' ? 0 : 1
}
