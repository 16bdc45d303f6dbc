import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import type { ApiClient } from './api-client.ts'

/** A TLS connection with a client's credentials, for HTTP/1.1 byte by byte. */
export class RawConnection implements Disposable {
  readonly socket: TLSSocket
  #text = ''
  #wake: () => void = () => undefined

  private constructor(socket: TLSSocket) {
    this.socket = socket
    socket.on('error', () => undefined)
    socket.on('data', (bytes) => {
      this.#text += String(bytes)
      this.#wake()
    })
    socket.on('close', () => this.#wake())
  }

  static async open(api: ApiClient): Promise<RawConnection> {
    const { hostname, port } = new URL(api.server)
    const ALPNProtocols = ['http/1.1']
    const socket = connect({ ...api.tls, host: hostname, port: Number(port), servername: 'localhost', ALPNProtocols })
    await once(socket, 'secureConnect')
    return new RawConnection(socket)
  }

  send(text: string): void {
    this.socket.write(text)
  }

  /** What was read so far, once it fits; rejects when the connection ends before. */
  async until(fits: (text: string) => boolean): Promise<string> {
    while (!fits(this.#text)) {
      if (this.socket.destroyed) throw new Error(`the connection ended after: ${this.#text.slice(0, 500)}`)
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
    return this.#text
  }

  /** Everything to the end of the connection. */
  async rest(): Promise<string> {
    while (!this.socket.destroyed) await new Promise<void>((resolve) => (this.#wake = resolve))
    return this.#text
  }

  [Symbol.dispose](): void {
    this.socket.destroy()
  }
}

/** Connections from an address of loopback on which nothing is said, not even the first word of TLS. */
export async function silentConnections(
  { server }: ApiClient,
  localAddress: string,
  count: number,
): Promise<readonly Socket[]> {
  const { hostname: host, port } = new URL(server)
  const sockets: Socket[] = []
  for (let index = 0; index < count; index += 1) {
    const socket = connectTcp({ host, port: Number(port), localAddress }).on('error', () => undefined)
    await once(socket, 'connect')
    sockets.push(socket.resume())
  }
  return sockets
}
