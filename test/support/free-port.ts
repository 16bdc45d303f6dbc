import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below the ports that systems give to connections: between our look and a program's start none is taken by one. */
const range = { from: 12_000, to: 32_000 }

/** Of this process: nobody gets one twice. */
const given = new Set<number>()

/** A port of loopback for a program that cannot be told to choose its own. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(range.from, range.to)
    const server = createServer().listen(port, '127.0.0.1')
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    )
    await new Promise((resolve) => server.close(resolve))
    if (!isFree || given.has(port)) continue
    given.add(port)
    return port
  }
}
