/**
 * The way out of this process: one guarded client for everything that talks to a provider. Addresses are judged after name
 * resolution, redirects are refused, proxy variables are not read, and time and bytes have limits.
 */
export interface Outbound {
  /** Rejects with OutboundError. Any status but a redirect is an answer. */
  fetch(request: OutboundRequest): Promise<OutboundResponse>
  /** Addresses that replace those of well-known services (private endpoints, tests), by service: from options only. */
  readonly endpoints: Readonly<Record<string, string>>
}

export interface OutboundRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'LIST' | 'HEAD'
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  readonly tls?: TlsIdentity
  readonly signal: AbortSignal
}

/** Whom a connection trusts and who it is. Connections are shared within one identity and never between two. */
export interface TlsIdentity {
  /** PEM bundle that replaces the system's trust. */
  readonly ca?: string
  /** PEM client certificate and its key. */
  readonly cert?: string
  readonly key?: string
}

export interface OutboundResponse {
  readonly status: number
  /** Names in lower case; a repeated header is joined by a comma. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export interface OutboundOptions {
  /** CIDR ranges that may be reached although they are loopback, link-local, metadata, unspecified or multicast. */
  readonly allowedNetworks: readonly string[]
  readonly timeoutMs: number
  readonly responseBytesMax: number
  /** Per origin and TLS identity. */
  readonly connectionsMax: number
  /** TLS identities with open connections; the one unused for longest is closed first. */
  readonly identitiesMax: number
  readonly endpoints?: Readonly<Record<string, string>>
}

export function createOutbound(options: OutboundOptions): Outbound & AsyncDisposable {
  throw new Error(`not there yet: ${options.timeoutMs}`)
}
