import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { makeAuthority, makeLeaf } from '../../apiserver/certificates/authority.ts'
import { systemClock } from '../../base/clock.ts'
import type { Json } from './api-client.ts'

/** What a webhook says of a request; without a word of it the request is allowed. */
export type HookAnswer = (request: Json) => Readonly<Record<string, unknown>>

/** An admission webhook of the test's own, over TLS: every path is another webhook. */
export class AdmissionHook implements AsyncDisposable {
  readonly caBundle: string
  readonly #server: Server
  readonly #asked = new Map<string, Json[]>()
  readonly #answers = new Map<string, HookAnswer>()

  private constructor(server: Server, caBundle: string) {
    this.#server = server
    this.caBundle = caBundle
  }

  static async open(): Promise<AdmissionHook> {
    const now = systemClock.now()
    const validity = { fromMs: now - 60_000, untilMs: now + 3_600_000 }
    const authority = await makeAuthority('hook-ca', validity)
    const leaf = await makeLeaf(authority, { use: 'server', commonName: 'hook', hosts: ['127.0.0.1'], validity })
    const server = createServer({ key: leaf.keyPem, cert: leaf.certificatePem })
    // A client made in Go does not ask again on another connection when this end closes one that it is about to use.
    server.keepAliveTimeout = 0
    const hook = new AdmissionHook(server, Buffer.from(authority.certificatePem).toString('base64'))
    server.on('request', (request, response) => {
      void text(request).then((body) => {
        response.setHeader('content-type', 'application/json')
        response.end(hook.#reviewed(request.url ?? '', body))
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return hook
  }

  /** Of a `clientConfig`. */
  clientConfig(path: string): { readonly url: string; readonly caBundle: string } {
    const { port } = this.#server.address() as AddressInfo
    return { url: `https://127.0.0.1:${port}/${path}`, caBundle: this.caBundle }
  }

  answer(path: string, answer: HookAnswer): void {
    this.#answers.set(path, answer)
  }

  /** The requests that it was asked about, in order. */
  asked(path: string): readonly Json[] {
    return this.#asked.get(path) ?? []
  }

  #reviewed(url: string, body: string): string {
    const path = url.slice(1).replace(/\?.*$/, '')
    const { apiVersion, kind, request } = JSON.parse(body) as Json
    if (request === undefined) throw new Error('an AdmissionReview without a request')
    this.#asked.set(path, [...this.asked(path), request])
    const answer = this.#answers.get(path)?.(request)
    return JSON.stringify({ apiVersion, kind, response: { uid: request['uid'], allowed: true, ...answer } })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    const closed = once(this.#server, 'close')
    this.#server.close()
    await closed
  }
}

/** The operations of a JSON Patch, as a mutating webhook answers with them. */
export function patching(...operations: readonly object[]): Readonly<Record<string, unknown>> {
  return { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(operations)).toString('base64') }
}
