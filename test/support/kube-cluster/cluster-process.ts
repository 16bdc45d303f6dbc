import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'

/** How long a program may take to end by itself before it is killed. */
const patienceMs = 20_000

/** One program of a cluster, with its output in a file. It is ended by its own id, whatever happens to the test. */
export class ClusterProcess implements AsyncDisposable {
  readonly name: string
  readonly #child: ChildProcess
  readonly #logFile: string
  /** Resolves when it has ended, however that came. */
  readonly exited: Promise<unknown>
  readonly #killed = (): boolean => this.#child.kill('SIGKILL')
  #failure: Error | undefined

  private constructor(child: ChildProcess, name: string, logFile: string) {
    this.name = name
    this.#child = child
    this.#logFile = logFile
    this.exited = Promise.race([
      once(child, 'exit'),
      new Promise((resolve) => child.once('error', (error) => resolve((this.#failure = error)))),
    ])
    process.once('exit', this.#killed)
  }

  static start(program: string, { name, logFile, flags, env }: ProcessOptions): ClusterProcess {
    const log = openSync(logFile, 'a', 0o600)
    try {
      // A group of its own: Ctrl-C reaches whoever started the cluster, who ends its programs in order. Where that is
      // killed, the kernel ends them: setpriv asks for it and then becomes the program, with the same id.
      const child = spawn('setpriv', ['--pdeathsig', 'KILL', program, ...flags], {
        stdio: ['ignore', log, log],
        detached: true,
        env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', ...env },
      })
      return new ClusterProcess(child, name, logFile)
    } finally {
      closeSync(log)
    }
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Throws with the end of its output when the program has ended. */
  expectRunning(): void {
    if (this.#isRunning()) return
    const output = readFileSync(this.#logFile, 'utf8').trimEnd().split('\n').slice(-5).join('\n')
    throw new Error(`${this.name} has ended: ${output}`, { cause: this.#failure })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isRunning()) {
      this.#child.kill('SIGTERM')
      // One that a test has stopped where it stood hears it then.
      this.#child.kill('SIGCONT')
      const killer = AbortSignal.timeout(patienceMs)
      killer.addEventListener('abort', this.#killed)
      await this.exited
      killer.removeEventListener('abort', this.#killed)
    }
    process.off('exit', this.#killed)
  }

  #isRunning(): boolean {
    return this.#failure === undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }
}

interface ProcessOptions {
  readonly name: string
  readonly logFile: string
  readonly flags: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}
