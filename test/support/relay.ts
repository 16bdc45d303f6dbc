import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** A port of loopback that leads to another one, over a line that can be slow, be cut, or fall silent. */
export class Relay implements AsyncDisposable {
  /** How long each piece of bytes is under way. */
  latencyMs = 0
  /** Connections that were made so far. */
  count = 0
  readonly #target: number
  readonly #server: Server
  readonly #flows = new Set<Flow>()
  #isCut = false

  private constructor(target: number) {
    this.#target = target
    this.#server = createServer((near) => this.#accept(near))
  }

  static async open(target: number): Promise<Relay> {
    const relay = new Relay(target)
    relay.#server.listen(0, '127.0.0.1')
    await once(relay.#server, 'listening')
    return relay
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Ends every connection, and each new one at once. */
  cut(): void {
    this.#isCut = true
    for (const { near, far } of this.#flows) for (const socket of [near, far]) socket.destroy()
  }

  mend(): void {
    this.#isCut = false
  }

  /** Every flow that there is now carries nothing more, and neither end is told. New ones are carried. */
  silence(): void {
    for (const flow of this.#flows) flow.isSilent = true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.cut()
    await closed
  }

  #accept(near: Socket): void {
    this.count += 1
    if (this.#isCut) return void near.destroy()
    const flow = { near, far: connect(this.#target, '127.0.0.1'), isSilent: false }
    this.#flows.add(flow)
    void this.#carry(flow, flow.near, flow.far)
    void this.#carry(flow, flow.far, flow.near)
  }

  /** What arrives at a silent flow is read and lost, so that the sender's own TCP finds nothing wrong. */
  async #carry(flow: Flow, from: Socket, to: Socket): Promise<void> {
    try {
      for await (const piece of from) {
        if (this.latencyMs > 0) await delay(this.latencyMs)
        if (flow.isSilent || to.write(piece as Buffer)) continue
        await once(to, 'drain')
      }
      if (!flow.isSilent) to.end()
    } catch {
      if (!flow.isSilent) to.destroy()
    }
    if (from.destroyed && to.destroyed) this.#flows.delete(flow)
  }
}

interface Flow {
  readonly near: Socket
  readonly far: Socket
  isSilent: boolean
}
