import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from './free-port.ts'

/** A real server on a loopback port of its own. Ends with `await using`, by its process. */
export interface PeerProcess extends AsyncDisposable {
  readonly url: string
}

export interface PeerCommand {
  readonly program: string
  /** The arguments for a port that was free a moment ago. */
  arguments(port: number): readonly string[]
  /** Answers with any status once the server is up. */
  readonly probe: string
  readonly env?: Readonly<Record<string, string>>
}

export async function startPeer(command: PeerCommand): Promise<PeerProcess> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const child = spawn(command.program, command.arguments(port), {
    stdio: 'ignore',
    env: { PATH: process.env.PATH, HOME: '/nonexistent', ...command.env },
  })
  const exited = once(child, 'exit')
  // A test that ends in the middle must not leave a server behind.
  const killed = () => child.kill('SIGKILL')
  process.once('exit', killed)
  const stop = async () => {
    process.off('exit', killed)
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    await exited
  }
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (child.exitCode !== null) break
    const answer = await fetch(url + command.probe).catch(() => undefined)
    await answer?.arrayBuffer()
    if (answer !== undefined) return { url, [Symbol.asyncDispose]: stop }
    await delay(100)
  }
  await stop()
  throw new Error(`${command.program} did not start`)
}
