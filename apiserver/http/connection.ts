import { X509Certificate } from 'node:crypto'
import { isIP, type Socket } from 'node:net'
import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import { type DetailedPeerCertificate, type PeerCertificate, TLSSocket } from 'node:tls'
import type { Arrived } from '../audit/audited-request.ts'
import type { ClientCertificate, Credentials } from '../authentication/authenticator.ts'
import { connectionKey } from './connections/open-connections.ts'

export type RawRequest = IncomingMessage | Http2ServerRequest

/** Reading a certificate costs more than the rest of a request: each connection's is read once (libraries.md, 0.4). */
const certificates = new WeakMap<object, { readonly certificate: ClientCertificate | undefined }>()

const none: readonly string[] = []

export function credentialsOf(raw: RawRequest): Credentials {
  return {
    header: (name) => (raw.headers[name] === undefined ? none : headerValues(raw.rawHeaders, name)),
    headerNames: () => Object.keys(raw.headers),
    rawHeaders: raw.rawHeaders,
    certificate: certificateOf(raw),
  }
}

/** What the audit trail keeps of the way that a request came (k8s.io/apimachinery/pkg/util/net SourceIPs). */
export function arrivedOf(raw: RawRequest): Pick<Arrived, 'requestUri' | 'sourceIps' | 'userAgent'> {
  const { 'x-forwarded-for': forwarded, 'x-real-ip': real } = raw.headers
  const told = [forwarded, real].flatMap((value) => (typeof value === 'string' ? value.split(',') : []))
  const all = [...told, raw.socket.remoteAddress ?? ''].map((address) => address.trim())
  const sourceIps = [...new Set(all.filter((address) => isIP(address) !== 0))]
  return { requestUri: raw.url ?? '', sourceIps, userAgent: raw.headers['user-agent'] }
}

function certificateOf(raw: RawRequest): ClientCertificate | undefined {
  const connection = isHttp2(raw) ? raw.stream.session : raw.socket
  if (connection === undefined) return undefined
  const known = certificates.get(connection)
  if (known !== undefined) return known.certificate
  const certificate = readCertificate(isHttp2(raw) ? raw.stream.session?.socket : raw.socket)
  certificates.set(connection, { certificate })
  return certificate
}

function isHttp2(raw: RawRequest): raw is Http2ServerRequest {
  return raw.httpVersionMajor === 2
}

function readCertificate(socket: unknown): ClientCertificate | undefined {
  if (!(socket instanceof TLSSocket)) return undefined
  const peer = socket.getPeerCertificate(true)
  if (Object.keys(peer).length === 0) return undefined
  return {
    isTrusted: socket.authorized,
    chain: chainOf(peer),
    commonName: valuesOf(peer, 'CN').at(-1) ?? '',
    organizations: valuesOf(peer, 'O'),
    fingerprint: peer.fingerprint256.replaceAll(':', '').toLowerCase(),
  }
}

const chainLengthMax = 10

/** The last one, where it is an authority, stands for itself as its own issuer. */
function chainOf(peer: DetailedPeerCertificate): readonly X509Certificate[] {
  const chain: X509Certificate[] = []
  let each: DetailedPeerCertificate | undefined = peer
  while (each !== undefined && chain.length < chainLengthMax) {
    chain.push(new X509Certificate(each.raw))
    const issuer: DetailedPeerCertificate | undefined = each.issuerCertificate
    each = issuer === each ? undefined : issuer
  }
  return chain
}

/**
 * Connections whose certificate came from no authority that was known at their handshake, where TLS judged it. When
 * authorities change they must be made anew: else a front proxy that was quicker than we would stay refused. A
 * connection knows the authorities of its first moment, so that one whose handshake lasts over a change ends with it.
 */
export class Strangers {
  readonly #sockets = new Set<TLSSocket>()
  /** How often authorities had changed when it was opened, of each whose handshake goes on. */
  readonly #opened = new Map<string, number>()
  #changes = 0

  opened(socket: Socket): void {
    const key = connectionKey(socket)
    this.#opened.set(key, this.#changes)
    socket.once('close', () => this.#opened.delete(key))
  }

  judged(socket: TLSSocket): void {
    const changes = this.#opened.get(connectionKey(socket))
    this.#opened.delete(connectionKey(socket))
    if (socket.authorized || socket.getPeerX509Certificate() === undefined) return
    if (changes !== this.#changes) return void socket.destroy()
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
  }

  end(): void {
    this.#changes += 1
    for (const socket of this.#sockets) socket.destroy()
  }
}

/** An attribute that is there more than once comes as an array. */
function valuesOf(peer: PeerCertificate, attribute: 'CN' | 'O'): readonly string[] {
  const value: unknown = peer.subject[attribute]
  if (typeof value === 'string') return [value]
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
}

/** Node joins repeated headers and reads bytes as latin1; identities need them apart and as UTF-8. */
function headerValues(rawHeaders: readonly string[], name: string): readonly string[] {
  const values: string[] = []
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() !== name) continue
    values.push(Buffer.from(rawHeaders[index + 1] ?? '', 'latin1').toString('utf8'))
  }
  return values
}
