#!/usr/bin/env -S node --max-semi-space-size=8
import { OutboundError } from '../base/outbound/outbound-error.ts'
import { StatusError } from '../machinery/status.ts'
import { UsageError } from './errors.ts'
import { usage } from './help.ts'
import { tellLastWords } from './last-words.ts'
import type { Terminal } from './terminal.ts'

/** Process only: words, signals, exit codes. Each subcommand is loaded when it is asked for. */
const commands: Readonly<Record<string, (args: readonly string[], terminal: Terminal) => Promise<number>>> = {
  serve: async (args, terminal) => (await import('./serve.ts')).serve(args, terminal),
  quickstart: async (args, terminal) => (await import('./quickstart.ts')).quickstart(args, terminal),
  doctor: async (args, terminal) => (await import('./in-cluster/doctor.ts')).doctor(args, terminal),
  grant: async (args, terminal) => (await import('./in-cluster/grant.ts')).grant(args, terminal),
  recover: async (args, terminal) => (await import('./in-cluster/recover.ts')).recover(args, terminal),
  snapshot: async (args, terminal) => (await import('./archive/snapshot.ts')).snapshot(args, terminal),
  restore: async (args, terminal) => (await import('./archive/restore.ts')).restore(args, terminal),
  uninstall: async (args, terminal) => (await import('./in-cluster/uninstall.ts')).uninstall(args, terminal),
  version: async (_args, terminal) => {
    terminal.print(`${(await import('./version.ts')).productVersion()}\n`)
    return 0
  },
}

const serving: ReadonlySet<string> = new Set(['serve', 'quickstart'])

/** Of these, what was begun is brought to its end when somebody asks for it; the others end where they stand. */
const orderly: ReadonlySet<string> = new Set([...serving, 'snapshot', 'restore'])

/** As a shell has it, for SIGINT. */
const interruptedCode = 130

const hints: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the address is in use; another --listen, or port 0, helps',
  EADDRNOTAVAIL: 'this machine does not have the address of --listen',
  EACCES: 'the permission is missing: look at the port of --listen and the owner of --data-dir',
  ENOENT: 'a file that was named is not there',
}

const terminal: Terminal = {
  print: (text) => void process.stdout.write(text),
  tell: (text) => void process.stderr.write(text),
  interrupted: new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve('interrupted'))
  }),
}

tellLastWords((text) => terminal.tell(text))
const [name = '', ...args] = process.argv.slice(2)
// The clock keeps no process alive; the last steps of an orderly end may wait for nothing else.
new MessageChannel().port1.ref()
const ended = orderly.has(name) ? [] : [terminal.interrupted.then(() => interruptedCode)]
// What libraries keep open (idle sockets, connections that are not answered) must not keep the process.
process.exit(await Promise.race([run(name, args), ...ended]))

async function run(command: string, words: readonly string[]): Promise<number> {
  const known = Object.hasOwn(commands, command) ? commands[command] : undefined
  if (known === undefined) {
    terminal[command === '' ? 'tell' : 'print'](usage)
    return ['--help', '-h', 'help'].includes(command) ? 0 : 2
  }
  try {
    return await known(words, terminal)
  } catch (error) {
    terminal.tell(`${explained(error, serving.has(command) ? 'the server cannot start' : command)}\n`)
    return error instanceof UsageError ? 2 : 1
  }
}

/** Errors of ours say themselves what to do; of others only the code is shown: their texts may quote what was read. */
function explained(error: unknown, undone: string): string {
  if (error instanceof UsageError) return `${error.message}\nSee external-secrets-apiserver serve --help.`
  if (!(error instanceof Error)) return undone
  // What a cluster answered, or why it could not be asked, in our words.
  if (error instanceof StatusError || error instanceof OutboundError) return `${undone}: ${error.message}`
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name
  const hint = hints[code] ?? (error.name.endsWith('Error') && error.message.startsWith(code) ? error.message : code)
  return `${undone}: ${hint}`
}
