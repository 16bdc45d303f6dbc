import type { Outbound } from '../../base/http.ts'
import { OutboundError } from '../../base/outbound/outbound-error.ts'
import { pathOf } from '../../cluster/resource-client.ts'
import { isJsonObject } from '../../machinery/json/member.ts'
import type { JsonObject } from '../../machinery/object.ts'
import { serviceUnavailable, statusErrorOf } from '../../machinery/status-errors.ts'
import type { AskedVerbs } from '../parts/verbs/answering-parts.ts'
import type { Handed } from '../parts/certificates/followed-certificate.ts'
import {
  type AskedPlace,
  type AskedSyncer,
  externalSecrets,
  group,
  storeResource,
  type SyncerCall,
  version,
} from './syncer-calls.ts'

interface RemoteSyncerOptions {
  /** `host:port`; the host is what its certificate has to name. */
  readonly address: string
  /** What we show, and whom we trust: as it is now. */
  readonly handed: () => Handed
  readonly outbound: Outbound
  /** How long an answer may take where the question does not say. */
  readonly timeoutMs: number
}

/** The process that synchronizes, over mutual TLS. Rejects with a StatusError. */
export function remoteSyncer(options: RemoteSyncerOptions): AskedSyncer {
  const ask = <T>(place: AskedPlace, call: SyncerCall, signal?: AbortSignal): Promise<T> =>
    answerOf(options, { place, call, signal: signal ?? AbortSignal.timeout(options.timeoutMs) }) as Promise<T>
  const verbs: AskedVerbs = {
    refresh: ({ metadata: { namespace = '', name = '', generation = 0 } }, signal) => {
      const place = { resource: externalSecrets, namespace, name, subresource: 'refresh' }
      return ask(place, { call: 'refresh', generation }, signal)
    },
    preview: (object, asked) => {
      const { namespace = '', name = '' } = object.metadata
      const place = { resource: externalSecrets, namespace, name, subresource: 'preview' }
      return ask(place, { call: 'preview', object, options: asked })
    },
    testStore: (store, spec) => {
      const { namespace, name } = store
      const place = { resource: storeResource(store), namespace, name, subresource: 'test' }
      return ask(place, { call: 'test-store', spec })
    },
    refreshStore: async (store, which) => {
      const { namespace, name } = store
      const place = { resource: storeResource(store), namespace, name, subresource: 'refresh' }
      const { refreshing } = await ask<{ readonly refreshing: number }>(place, { call: 'refresh-store', which })
      return refreshing
    },
  }
  return {
    verbs,
    lastSyncTimes: (signal) =>
      ask({ resource: externalSecrets, namespace: '', name: '', subresource: '' }, { call: 'last-sync-times' }, signal),
  }
}

interface Asked {
  readonly place: AskedPlace
  readonly call: SyncerCall
  readonly signal: AbortSignal
}

async function answerOf(
  { address, handed, outbound }: RemoteSyncerOptions,
  { place, call, signal }: Asked,
): Promise<JsonObject> {
  const { pair, authorityPem: ca } = handed()
  const { resource: plural, namespace, name, subresource } = place
  const path = pathOf(
    { group, version, plural },
    { ...(namespace && { namespace }), ...(name && { name }), subresource },
  )
  try {
    const { status, body } = await outbound.fetch({
      method: 'POST',
      url: new URL(path, `https://${address}`),
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body: JSON.stringify(call),
      tls: { ca, cert: pair.certificatePem, key: pair.keyPem },
      signal,
    })
    const answer = objectOf(body)
    if (status === 401 || status === 403) throw serviceUnavailable(stranger, { retryAfterSeconds: 5 })
    if (status !== 200) throw statusErrorOf(answer, status)
    return answer
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error
    const words = `the process that synchronizes cannot be asked (${error.code}); please try again`
    throw serviceUnavailable(words, { retryAfterSeconds: 1 })
  }
}

/** Who asks us is known: it is we who are not, while one of the two has a certificate of another authority. */
const stranger = 'the process that synchronizes does not know this one; please try again'

function objectOf(body: Uint8Array): JsonObject {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString())
    if (isJsonObject(value)) return value as JsonObject
  } catch {
    // Told below, in words of ours.
  }
  throw serviceUnavailable('what answers for the process that synchronizes is something else')
}
