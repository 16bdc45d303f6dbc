import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Agent } from 'undici'
import { unlessAborted } from './waiting/unless-aborted.ts'
import { outboundErrorOf, OutboundError } from './outbound/outbound-error.ts'
import { createAddressGuard, type AddressGuard, type Resolve } from './outbound/address-guard.ts'

/**
 * The way out of this process: one guarded client for everything that talks to a provider. Addresses are judged after
 * name resolution, redirects are refused, proxy variables are not read, and time and bytes have limits.
 */
export interface Outbound {
  /** Rejects with OutboundError. Any status but a redirect is an answer. */
  fetch(request: OutboundRequest): Promise<OutboundResponse>
  /** Addresses that replace those of well-known services (private endpoints, tests), by service: from options only. */
  readonly endpoints: Readonly<Record<string, string>>
}

export interface OutboundRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  readonly tls?: TlsIdentity
  /** An address that this request alone may go to although the guard refuses it: a constant of code, never a user's. */
  readonly exempt?: string
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
  /** For one request, from name resolution to the last byte. */
  readonly timeoutMs: number
  readonly responseBytesMax: number
  /** Per origin and TLS identity. */
  readonly connectionsMax: number
  /** TLS identities with open connections; the one unused for longest is closed first. */
  readonly identitiesMax: number
  readonly endpoints?: Readonly<Record<string, string>>
  /** Instead of the system's resolver. */
  readonly resolve?: Resolve
}

export function createOutbound(options: OutboundOptions): Outbound & AsyncDisposable {
  const guard = createAddressGuard(options.allowedNetworks, options.resolve)
  const open = new Set<Agent>()
  const agents = new LRUCache<string, Agent>({
    max: options.identitiesMax,
    // What it was asked is answered before it goes, unless all go.
    dispose: (agent) =>
      void agent.close().then(
        () => open.delete(agent),
        () => undefined,
      ),
  })
  let library: typeof import('undici') | undefined
  const agentFor = ({ Agent }: typeof import('undici'), tls: TlsIdentity): Agent => {
    const id = identityOf(tls)
    const known = agents.get(id)
    if (known !== undefined) return known
    const agent = new Agent(agentOptions(options, guard, tls))
    agents.set(id, agent)
    open.add(agent)
    return agent
  }
  return {
    endpoints: options.endpoints ?? {},
    fetch: async (request) => {
      judgeUrl(request, guard)
      // Its hundred files are loaded by the first request that leaves the process, not by its start.
      library ??= await import('undici')
      // A request that begins aborted costs the agent its connections.
      request.signal.throwIfAborted()
      return send(agentFor(library, request.tls ?? {}), request, options.timeoutMs)
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...open].map((agent) => agent.destroy()))
    },
  }
}

function judgeUrl({ url, exempt }: OutboundRequest, guard: AddressGuard): void {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new OutboundError('address-refused', `${url.host}: only http and https are spoken`)
  }
  guard.judge(url.hostname, exempt)
}

function agentOptions(options: OutboundOptions, guard: AddressGuard, tls: TlsIdentity): Agent.Options {
  return {
    connections: options.connectionsMax,
    pipelining: 1,
    maxResponseSize: options.responseBytesMax,
    headersTimeout: options.timeoutMs,
    bodyTimeout: options.timeoutMs,
    connect: { ...tls, lookup: guard.lookup, timeout: options.timeoutMs },
  }
}

/** Two requests share connections only when they trust the same CAs and show the same certificate. */
function identityOf({ ca = '', cert = '', key = '' }: TlsIdentity): string {
  return createHash('sha256')
    .update(JSON.stringify([ca, cert, key]))
    .digest('base64')
}

async function send(agent: Agent, request: OutboundRequest, timeoutMs: number): Promise<OutboundResponse> {
  const timeout = AbortSignal.timeout(timeoutMs)
  const { url, method, headers = {}, body = null, signal } = request
  try {
    const either = AbortSignal.any([signal, timeout])
    const path = url.pathname + url.search
    const asked = agent.request({ origin: url.origin, path, method, headers, body, signal: either })
    // The library looks at its signal only once there is a connection.
    const answer = await unlessAborted(asked, either)
    const bytes = new Uint8Array(await answer.body.arrayBuffer())
    if (redirects.has(answer.statusCode)) throw redirectError(url.host)
    return { status: answer.statusCode, headers: flat(answer.headers), body: bytes }
  } catch (error) {
    signal.throwIfAborted()
    if (timeout.aborted) throw new OutboundError('timeout', `${url.host}: no answer within ${timeoutMs} ms`)
    throw outboundErrorOf(error, url.host)
  }
}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** A redirect would carry our credentials to a host that nobody checked. */
function redirectError(host: string): OutboundError {
  return new OutboundError('redirect', `${host}: answered with a redirect, which is not followed`)
}

function flat(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')] as const)
  return Object.fromEntries(entries)
}
