import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ApiClient } from './api-client.ts'
import { programWords } from './program.ts'

interface Words {
  /** Of `serve`. */
  readonly flags: readonly string[]
  /** Of Node. */
  readonly nodeFlags: readonly string[]
}

interface Places {
  readonly dataDir: string
  readonly kubeconfig: string
  /** Made for it, and removed with it. */
  readonly folder: string | undefined
}

/** Far longer than a start takes, on a machine that runs several test suites at once. */
const readyPatienceMs = 60_000

/** A standalone server as users start it: the program in a process of its own, on a port of its own. */
export class ServerProcess implements AsyncDisposable {
  readonly kubeconfig: string
  readonly dataDir: string
  readonly #flags: readonly string[]
  readonly #nodeFlags: readonly string[]
  readonly #folder: string | undefined
  #child: ChildProcess
  #log = ''

  private constructor({ flags, nodeFlags }: Words, places: Places) {
    this.#flags = flags
    this.#nodeFlags = nodeFlags
    this.dataDir = places.dataDir
    this.kubeconfig = places.kubeconfig
    this.#folder = places.folder
    this.#child = this.#spawn('127.0.0.1:0')
  }

  /** Starts `serve --standalone` with these further flags and waits until it is ready. */
  static async start(
    flags: readonly string[] = [],
    options: { dataDir?: string; nodeFlags?: readonly string[] } = {},
  ): Promise<ServerProcess> {
    const folder = options.dataDir === undefined ? mkdtempSync(join(tmpdir(), 'server-')) : undefined
    const dataDir = options.dataDir ?? join(folder ?? '', 'data')
    const kubeconfig = join(folder ?? dataDir, 'test-kubeconfig')
    const server = new ServerProcess({ flags, nodeFlags: options.nodeFlags ?? [] }, { dataDir, kubeconfig, folder })
    try {
      await server.#ready()
    } catch (error) {
      await server[Symbol.asyncDispose]()
      throw error
    }
    return server
  }

  /** Ends it in the ordinary way and starts it again, with the same data at the same address. */
  async restart(): Promise<void> {
    const client = this.client()
    await client[Symbol.asyncDispose]()
    await this.kill('SIGTERM')
    this.#child = this.#spawn(new URL(client.server).host)
    await this.#ready()
  }

  client(): ApiClient {
    return ApiClient.fromKubeconfig(this.kubeconfig)
  }

  /** Everything the process has written so far. */
  get log(): string {
    return this.#log
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Resolves when it has ended and all that it wrote is in `log`. */
  async kill(signal: NodeJS.Signals): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exited = once(this.#child, 'close')
      this.#child.kill(signal)
      await exited
    }
    return this.#child.exitCode
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill('SIGTERM')
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true })
  }

  #spawn(address: string): ChildProcess {
    rmSync(this.kubeconfig, { force: true })
    const standing = ['--data-dir', this.dataDir, '--listen', address, '--kubeconfig-out', this.kubeconfig]
    const child = spawn(
      process.execPath,
      [...this.#nodeFlags, ...programWords, 'serve', '--standalone', ...standing, ...this.#flags],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (this.#log += String(bytes)))
    return child
  }

  /** The kubeconfig is written when the server is ready. */
  async #ready(): Promise<void> {
    const deadline = performance.now() + readyPatienceMs
    while (!existsSync(this.kubeconfig)) {
      if (this.#child.exitCode !== null) throw new Error(`the server ended with ${this.#child.exitCode}: ${this.#log}`)
      if (performance.now() > deadline)
        throw new Error(`the server is not ready after ${readyPatienceMs / 1000} s: ${this.#log}`)
      await delay(10)
    }
  }
}
