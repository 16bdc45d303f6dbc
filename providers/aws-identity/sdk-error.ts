import { OutboundError } from '../../base/outbound/outbound-error.ts'
import { ProviderError, type ProviderErrorCode } from '../errors.ts'

/**
 * What an error of the SDK means, by its name alone: its message is the service's and its properties hold the answer.
 * `what` says what was tried. An abort is passed on as the caller's own reason; without a signal, nobody's call in
 * particular failed.
 */
export function providerErrorOf(error: unknown, what: string, signal?: AbortSignal): ProviderError {
  signal?.throwIfAborted()
  if (error instanceof ProviderError) return error
  if (error instanceof OutboundError) return new ProviderError('unavailable', `${what}: ${error.message}`)
  const name = nameOf(error)
  if (missing.has(name)) return new ProviderError('secret-missing', 'Secret does not exist')
  const code = codes.get(name)
  if (code !== undefined) return new ProviderError(code, `${what}: ${name}`)
  return new ProviderError(codeOfStatus(statusOf(error)), `${what}: the service did not answer as expected`)
}

/** ParameterVersionNotFound is none of them: a version that is not there is an ordinary error for ESO. */
const missing: ReadonlySet<string> = new Set(['ResourceNotFoundException', 'ParameterNotFound'])

const codes: ReadonlyMap<string, ProviderErrorCode> = new Map<string, ProviderErrorCode>([
  ['UnrecognizedClientException', 'auth-failed'],
  ['InvalidClientTokenId', 'auth-failed'],
  ['InvalidClientTokenIdException', 'auth-failed'],
  ['InvalidSignatureException', 'auth-failed'],
  ['SignatureDoesNotMatch', 'auth-failed'],
  ['IncompleteSignature', 'auth-failed'],
  ['MissingAuthenticationToken', 'auth-failed'],
  ['MissingAuthenticationTokenException', 'auth-failed'],
  ['ExpiredToken', 'auth-failed'],
  ['ExpiredTokenException', 'auth-failed'],
  ['AccessDenied', 'denied'],
  ['AccessDeniedException', 'denied'],
  ['NotAuthorized', 'denied'],
  ['DecryptionFailure', 'denied'],
  ['RegionDisabledException', 'denied'],
  ['ThrottlingException', 'throttled'],
  ['Throttling', 'throttled'],
  ['TooManyRequestsException', 'throttled'],
  ['RequestLimitExceeded', 'throttled'],
  ['LimitExceededException', 'throttled'],
  ['InvalidParameterException', 'invalid-ref'],
  ['InvalidRequestException', 'invalid-ref'],
  ['ValidationException', 'invalid-ref'],
  ['ValidationError', 'invalid-ref'],
  ['ParameterVersionNotFound', 'invalid-ref'],
  ['InvalidFilterKey', 'invalid-ref'],
  ['InvalidFilterOption', 'invalid-ref'],
  ['InvalidFilterValue', 'invalid-ref'],
  ['InvalidKeyId', 'denied'],
  ['InvalidResourceId', 'invalid-ref'],
  ['InvalidNextTokenException', 'unavailable'],
  ['InternalServiceError', 'unavailable'],
  ['InternalFailure', 'unavailable'],
  ['ServiceUnavailable', 'unavailable'],
])

function codeOfStatus(status: number | undefined): ProviderErrorCode {
  if (status === 429) return 'throttled'
  if (status === 401) return 'auth-failed'
  return status === 403 ? 'denied' : 'unavailable'
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : ''
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return undefined
  const metadata = error.$metadata
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined
}
