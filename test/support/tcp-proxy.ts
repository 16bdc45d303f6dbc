import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** Carries connections to a port of loopback. A flow that is cut carries nothing more, and neither end is told. */
export class TcpProxy implements AsyncDisposable {
  readonly #server: Server
  readonly #flows = new Set<Flow>()
  /** Connections that were made so far. */
  count = 0

  private constructor(targetPort: number) {
    this.#server = createServer((near) => {
      this.count += 1
      const flow = { near, far: connect(targetPort, '127.0.0.1'), isCut: false }
      this.#flows.add(flow)
      this.#carry(flow, flow.near, flow.far)
      this.#carry(flow, flow.far, flow.near)
    })
  }

  static async start(targetPort: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(targetPort)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Every flow that there is now; new ones are carried. */
  cut(): void {
    for (const flow of this.#flows) flow.isCut = true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const { near, far } of this.#flows) {
      near.destroy()
      far.destroy()
    }
    await closed
  }

  /** What arrives at a cut flow is read and lost, so that the sender's own TCP finds nothing wrong. */
  #carry(flow: Flow, from: Socket, to: Socket): void {
    from.on('data', (bytes) => {
      if (flow.isCut || to.write(bytes)) return
      from.pause()
      to.once('drain', () => from.resume())
    })
    from.on('error', () => undefined)
    from.on('close', () => {
      if (flow.isCut) return
      this.#flows.delete(flow)
      to.end()
    })
  }
}

interface Flow {
  readonly near: Socket
  readonly far: Socket
  isCut: boolean
}
