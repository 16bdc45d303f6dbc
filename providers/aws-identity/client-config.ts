import type { Outbound } from '../../base/http.ts'
import { requestHandler } from './request-handler.ts'

/**
 * What every SDK client is made with. Each setting that the SDK would otherwise look up in environment variables and in
 * files of the home directory is given: only options decide where requests go.
 */
export function clientConfig(region: string, service: 'secretsmanager' | 'ssm' | 'sts', outbound: Outbound) {
  const endpoint = outbound.endpoints[service]
  const schemes: string[] = ['sigv4']
  return {
    region,
    ...(endpoint !== undefined && { endpoint }),
    requestHandler: requestHandler(outbound),
    ignoreConfiguredEndpointUrls: true,
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    authSchemePreference: schemes,
    defaultsMode: 'standard' as const,
    maxAttempts: 3,
    retryMode: 'standard',
    userAgentAppId: 'external-secrets-apiserver',
    logger: silent,
  }
}

/** The SDK would warn on the console. */
const silent = {
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}
