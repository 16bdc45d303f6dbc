import { isIP } from 'node:net'
import type { Dispatcher, Pool } from 'undici'
import { OutboundError, outboundErrorOf } from '../../base/outbound/outbound-error.ts'
import { unlessAborted } from '../../base/waiting/unless-aborted.ts'
import { CallError } from './call-error.ts'
import type { ServiceAddress, ServicePlace } from './service-address.ts'

/** Where a webhook is: admissionregistration.k8s.io's WebhookClientConfig. */
export interface WebhookTarget {
  readonly url?: string
  readonly service?: {
    readonly namespace: string
    readonly name: string
    readonly path?: string
    readonly port?: number
  }
  readonly caBundle?: string
}

export interface WebhookCallerOptions {
  readonly addressOf: (at: ServicePlace) => Promise<ServiceAddress>
  readonly answerBytesMax: number
  /** To one webhook at a time; more wait, within their time. */
  readonly connectionsMax: number
}

export interface WebhookCaller extends AsyncDisposable {
  /** The body of a 2xx answer. Rejects with our own words, never with those of the other side. */
  readonly call: (target: WebhookTarget, body: string, options: CallOptions) => Promise<Uint8Array>
}

interface CallOptions {
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

const poolCountMax = 64

/** POSTs of JSON over TLS; connections are kept for each webhook, the longest unused go first. */
export function webhookCaller(options: WebhookCallerOptions): WebhookCaller {
  const pools = new Map<string, Promise<Pool>>()
  const poolFor = (place: Place): Promise<Pool> => {
    const key = JSON.stringify(place)
    const pool = pools.get(key) ?? openPool(place, options)
    pools.delete(key)
    pools.set(key, pool)
    const [oldest] = pools
    if (pools.size > poolCountMax && oldest !== undefined) {
      pools.delete(oldest[0])
      oldest[1].then((old) => old.close()).catch(() => undefined)
    }
    return pool
  }
  return {
    call: (target, body, call) => post({ options, poolFor }, { target, body, call }),
    async [Symbol.asyncDispose]() {
      await Promise.all([...pools.values()].map(async (pool) => (await pool).destroy()))
    },
  }
}

interface Place {
  readonly origin: string
  readonly serverName: string
  readonly authorityPem: string
}

async function openPool({ origin, serverName, authorityPem }: Place, options: WebhookCallerOptions): Promise<Pool> {
  const { Pool } = await import('undici')
  return new Pool(origin, {
    connections: options.connectionsMax,
    pipelining: 1,
    maxResponseSize: options.answerBytesMax,
    connect: {
      ...(authorityPem !== '' && { ca: authorityPem }),
      // An address is no name of a server; its certificate is checked for it all the same.
      ...(isIP(serverName) === 0 && { servername: serverName }),
    },
  })
}

interface Post {
  readonly target: WebhookTarget
  readonly body: string
  readonly call: CallOptions
}

async function post(
  { options, poolFor }: { options: WebhookCallerOptions; poolFor: (place: Place) => Promise<Pool> },
  { target, body, call }: Post,
): Promise<Uint8Array> {
  const tooLate = AbortSignal.timeout(call.timeoutMs)
  const signal = call.signal === undefined ? tooLate : AbortSignal.any([tooLate, call.signal])
  const { url, place } = await routeOf(target, options)
  url.searchParams.set('timeout', `${Math.ceil(call.timeoutMs / 1000)}s`)
  const named = `Post ${JSON.stringify(url.href)}`
  try {
    const pool = await poolFor(place)
    const headers = { accept: 'application/json', 'content-type': 'application/json' }
    const asked = pool.request({ method: 'POST', path: url.pathname + url.search, headers, body, signal })
    // The library looks at its signal only once there is a connection.
    return await bodyOf(await unlessAborted(asked, signal))
  } catch (error) {
    call.signal?.throwIfAborted()
    if (error instanceof CallError) throw error
    if (tooLate.aborted) throw new OutboundError('timeout', `${named}: context deadline exceeded`)
    const { code, message } = outboundErrorOf(error, url.host)
    throw new OutboundError(code, `${named}: ${message}`)
  }
}

interface Route {
  /** As messages name it. */
  readonly url: URL
  readonly place: Place
}

/** A service is called by its cluster-wide name, which its certificate has to have, at its address. */
async function routeOf(target: WebhookTarget, { addressOf }: WebhookCallerOptions): Promise<Route> {
  const authorityPem = Buffer.from(target.caBundle ?? '', 'base64').toString()
  const { service } = target
  if (service === undefined) {
    if (target.url === undefined || !URL.canParse(target.url)) throw new CallError('no usable URL', unusable)
    const url = new URL(target.url)
    if (url.protocol !== 'https:') throw new CallError('the URL of a webhook is not an https URL', unusable)
    return { url, place: { origin: url.origin, serverName: url.hostname, authorityPem } }
  }
  const { namespace, name, path = '', port = defaultPort } = service
  const serverName = `${name}.${namespace}.svc`
  const url = new URL(`https://${serverName}:${port}`)
  url.pathname = path
  const { host, port: at } = await addressOf({ namespace, name, port })
  const origin = `https://${host.includes(':') ? `[${host}]` : host}:${at}`
  return { url, place: { origin, serverName, authorityPem } }
}

const defaultPort = 443
/** As kube-apiserver counts a webhook that it cannot make a client for. */
const unusable = 500

/** What another answer says is the webhook's, not ours to tell. */
async function bodyOf({ statusCode, body }: Dispatcher.ResponseData): Promise<Uint8Array> {
  if (statusCode >= 200 && statusCode < 300) return new Uint8Array(await body.arrayBuffer())
  await body.dump()
  throw new CallError(refusals.get(statusCode) ?? otherRefusal(statusCode), statusCode)
}

const refusals: ReadonlyMap<number, string> = new Map([
  [400, 'the server rejected our request for an unknown reason'],
  [401, 'the server has asked for the client to provide credentials'],
  [403, 'forbidden'],
  [404, 'the server could not find the requested resource'],
  [405, 'the server does not allow this method on the requested resource'],
  [413, 'request entity is too large'],
  [429, 'the server has received too many requests and has asked us to try again later'],
  [503, 'the server is currently unable to handle the request'],
  [504, 'the server was unable to return a response in the time allotted, but may still be processing the request'],
])

function otherRefusal(code: number): string {
  if (code < 500) return `the server responded with the status code ${code} but did not return more information`
  return 'an error on the server ("unknown") has prevented the request from succeeding'
}
