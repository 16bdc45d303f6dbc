import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

/** A port of loopback where everybody is let in and nobody is answered. */
export class Silence implements AsyncDisposable {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  /** Connections on which something was said so far. */
  count = 0

  private constructor() {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket)
      socket.once('data', () => (this.count += 1))
      socket.on('error', () => undefined)
      socket.resume()
    })
  }

  static async open(): Promise<Silence> {
    const silence = new Silence()
    silence.#server.listen(0, '127.0.0.1')
    await once(silence.#server, 'listening')
    return silence
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }
}
