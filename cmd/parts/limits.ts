import { isIP } from 'node:net'
import { join } from 'node:path'
import { keyPairFiles } from '../../apiserver/certificates/certificate-files.ts'
import type { KeyPairs } from '../../apiserver/certificates/key-pairs.ts'
import type { SelfMadeOptions } from '../../apiserver/certificates/self-made.ts'
import type { Clock } from '../../base/clock.ts'
import type { OutboundOptions } from '../../base/http.ts'
import type { Logger } from '../../base/log.ts'
import type { ServerLimits } from '../../apiserver/server.ts'
import type { BackendOptions } from '../../storage/open.ts'
import type { CachedStoreOptions } from '../../storage/cached-store.ts'
import type { SyncerOptions } from '../../syncer/options.ts'
import { UsageError } from '../errors.ts'
import type { Options } from '../options.ts'

/** The options in the words of each part. */
export function serverLimits(options: Options): ServerLimits {
  return {
    connectionsMax: options.maxConnections,
    addressConnectionsMax: options.maxAddressConnections,
    headerBytesMax: options.maxHeaderBytes,
    headersTimeoutMs: options.headerTimeout,
    requestTimeoutMs: options.requestTimeout,
    writeTimeoutMs: options.writeTimeout,
    idleTimeoutMs: options.idleTimeout,
    streamsPerConnectionMax: options.http2MaxStreamsPerConnection,
    readOnlyInFlightMax: options.maxRequestsInflight,
    mutatingInFlightMax: options.maxMutatingRequestsInflight,
    userQueueLengthMax: options.maxUserQueueLength,
    queueLengthMax: options.maxQueueLength,
    queueWaitMs: options.maxQueueWait,
    watchesMax: options.maxWatches,
    userWatchesMax: options.maxUserWatches,
    bodyBytesMax: options.maxRequestBodyBytes,
    bodyGraceMs: options.bodyTimeout,
    bodyBytesPerSecondMin: options.minBodyBytesPerSecond,
    stuckReaderMs: options.stuckReaderTimeout,
    drainTimeoutMs: options.shutdownTimeout,
    pressure: { maxEventLoopDelay: options.maxEventLoopDelay, maxHeapUsedBytes: options.maxHeapBytes },
  }
}

export function certificateOptions(options: Options, clock: Clock, pairs?: KeyPairs): SelfMadeOptions {
  return {
    pairs: pairs ?? keyPairFiles(join(options.dataDir, 'pki')),
    clock,
    authorityDays: options.certificateAuthorityDays,
    leafDays: options.certificateDays,
  }
}

/** What every serving certificate names. */
export const localHosts: readonly string[] = ['localhost', '127.0.0.1', '::1']

/** What clients may call the server: an unspecified address is called by no client. */
export function servingHosts(options: Options): readonly string[] {
  const { host } = listenAddress(options)
  const own = isIP(host) !== 0 && /^[0.:]+$/.test(host) ? [] : [host]
  return [...new Set([...localHosts, ...own, ...options.tlsSan])]
}

/** `127.0.0.1:7443` and `[::1]:7443`. */
export function listenAddress({ listen }: Options): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(listen) ?? []
  const host = bracketed ?? plain
  if (host === undefined || Number(port) > 65_535)
    throw new UsageError(`--listen: ${JSON.stringify(listen)} is not HOST:PORT`)
  return { host: host === '' ? '0.0.0.0' : host, port: Number(port) }
}

interface Surroundings {
  readonly clock: Clock
  readonly log: Logger
}

/** Sixteen clients behind kube-apiserver are back with their next writes by then. */
const commitDelayMs = 20

export function backendOptions(options: Options, directory: string, around: Surroundings): BackendOptions {
  const embedded = {
    ...around,
    writeQueueLengthMax: options.maxWriteQueue,
    commitDelayMs,
    tailCountMax: options.logTailCount,
    tailBytesMax: options.logTailBytes,
    retainMs: options.historyRetention,
    retainCount: options.historyCount,
    retainCountMax: options.maxHistoryCount,
    watchLagMax: options.maxWatchLag,
    intervalMs: options.compactionInterval,
  }
  return options.storageBackend === 'memory'
    ? { kind: 'memory', ...embedded }
    : { kind: 'lmdb', directory, ...embedded }
}

export function cacheOptions(
  options: Options,
  around: Surroundings,
): Omit<CachedStoreOptions<unknown>, 'range' | 'codec'> {
  return {
    ...around,
    historyCountMax: options.watchCacheSize,
    historyBytesMax: options.watchCacheBytes,
    historyMs: options.watchCacheHistory,
    freshnessWaitMs: options.watchCacheWait,
    reloadDelayMs: options.watchCacheReloadDelay,
  }
}

export function outboundOptions(options: Options): OutboundOptions {
  return {
    allowedNetworks: options.providerAllowNetworks,
    timeoutMs: options.providerTimeout,
    responseBytesMax: options.providerMaxResponseBytes,
    connectionsMax: options.providerMaxConnections,
    identitiesMax: options.providerMaxIdentities,
    endpoints: Object.fromEntries(options.providerEndpoints.map(endpointOf)),
  }
}

function endpointOf(text: string): readonly [string, string] {
  const equals = text.indexOf('=')
  if (equals < 1) throw new UsageError(`--provider-endpoints: ${JSON.stringify(text)} is not SERVICE=URL`)
  return [text.slice(0, equals), text.slice(equals + 1)]
}

export function syncerOptions(options: Options): SyncerOptions {
  return {
    controllerClass: options.controllerClass,
    workers: options.concurrent,
    storeRequeueIntervalMs: options.storeRequeueInterval,
    refreshTimeGranularityMs: options.refreshTimeGranularity,
    valueAgeMaxMs: options.valueMaxAge,
    valueCacheBytesMax: options.valueCacheBytes,
    storeConcurrency: options.storeConcurrency,
    storeCallsPerSecond: options.storeCallsPerSecond,
    providerTimeoutMs: options.providerTimeout,
    clientIdleMs: options.providerClientIdle,
    retryFirstMs: options.retryFirst,
    retryMaxMs: options.retryMax,
    storeGraceMs: options.storeGrace,
    driftCheckIntervalMs: options.driftCheckInterval,
    storeProbeMaxMs: options.storeProbeMax,
    storeOutageGraceMs: options.storeOutageGrace,
    eventsWaitingMax: options.maxEventsWaiting,
    missingConfirmationMs: options.missingConfirmationInterval,
    deletionBrakeCount: options.deletionBrakeCount,
    deletionBrakePercent: options.deletionBrakePercent,
    keepsGeneratorState: options.enableGeneratorState,
    generatorGraceMs: options.generatorGcGracePeriod,
    adoption: options.adopt,
  }
}
