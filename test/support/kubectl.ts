import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface KubectlResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A real kubectl with its own home, so that discovery caches and plugins of the machine play no part. */
export class Kubectl implements Disposable {
  readonly home = mkdtempSync(join(tmpdir(), 'kubectl-'))
  readonly #program: string
  readonly #kubeconfig: string

  constructor(program: string, kubeconfig: string) {
    this.#program = program
    this.#kubeconfig = kubeconfig
  }

  /** Runs kubectl with these words; `input` goes to its standard input, `env` beside its own environment. */
  run(
    args: readonly string[],
    options: { input?: string; env?: Readonly<Record<string, string>> } = {},
  ): Promise<KubectlResult> {
    const child = this.start(args, options.env)
    // One that ends before it was given its input says why itself.
    child.stdin?.on('error', () => undefined).end(options.input)
    let stdout = ''
    let stderr = ''
    child.stdout?.on('data', (bytes) => (stdout += String(bytes)))
    child.stderr?.on('data', (bytes) => (stderr += String(bytes)))
    return new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code) => resolve({ code: code ?? 1, stdout, stderr }))
    })
  }

  /** What it prints when it succeeds; throws with what it says when it does not. */
  async ok(command: string, input?: string): Promise<string> {
    const result = await this.run(command.split(' '), input === undefined ? {} : { input })
    if (result.code !== 0)
      throw new Error(`kubectl ${command} ended with ${result.code}: ${result.stderr}${result.stdout}`)
    return result.stdout
  }

  /** What it says when it fails; throws when it succeeds. */
  async refused(...words: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(words)
    if (code === 0) throw new Error(`kubectl ${words.join(' ')} succeeded: ${stdout}`)
    return stderr + stdout
  }

  /** Starts kubectl and leaves it running; the caller ends it. */
  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
    return spawn(this.#program, ['--kubeconfig', this.#kubeconfig, ...args], {
      env: { HOME: this.home, PATH: process.env['PATH'] ?? '', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
  }

  [Symbol.dispose](): void {
    rmSync(this.home, { recursive: true, force: true })
  }
}

/** The first line of a running program that matches; rejects when it ends without one. */
export async function lineMatching(child: ChildProcess, pattern: RegExp): Promise<string> {
  if (!child.stdout) throw new Error('the program has no output')
  for await (const line of createInterface({ input: child.stdout })) if (pattern.test(line)) return line
  throw new Error(`the program ended without a line matching ${pattern}`)
}
