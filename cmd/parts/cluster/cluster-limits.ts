import type { Clock } from '../../../base/clock.ts'
import type { ClusterClientOptions } from '../../../cluster/client.ts'
import type { Options } from '../../options.ts'

/** Of the client that requests wait for: the rates of k8s.io/apiserver's delegated clients. */
export function reviewLimits(options: Options, clock: Clock): ClusterClientOptions {
  const { reviewTimeout: timeoutMs, reviewQps: perSecond, reviewBurst: burst } = options
  return { clock, timeoutMs, perSecond, burst, ...shared(options) }
}

export function syncerLimits(options: Options, clock: Clock): ClusterClientOptions {
  const { clientTimeout: timeoutMs, clientQps: perSecond, clientBurst: burst } = options
  return { clock, timeoutMs, perSecond, burst, ...shared(options) }
}

function shared(options: Options): Pick<ClusterClientOptions, 'concurrencyMax' | 'responseBytesMax'> {
  return { concurrencyMax: options.clientConcurrency, responseBytesMax: options.clientMaxResponseBytes }
}
