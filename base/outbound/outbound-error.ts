/**
 * address-refused: the guard said no. name-unresolved, unreachable, tls, timeout: the other side could not be talked
 * to. redirect, too-large: it answered in a way we do not accept.
 */
export type OutboundErrorCode =
  | 'address-refused'
  | 'name-unresolved'
  | 'unreachable'
  | 'tls'
  | 'timeout'
  | 'redirect'
  | 'too-large'

/** The message names the host and what went wrong, in our words: texts of libraries quote headers and bodies. */
export class OutboundError extends Error {
  override readonly name = 'OutboundError'
  readonly code: OutboundErrorCode

  constructor(code: OutboundErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/** What undici, net and tls said, told again without their words. `host` is `name:port`. */
export function outboundErrorOf(error: unknown, host: string): OutboundError {
  if (error instanceof OutboundError) return error
  const code = codeOf(error)
  const known = causes.get(code)
  if (known !== undefined) return new OutboundError(known.code, known.text.replaceAll('HOST', host))
  if (
    code.startsWith('ERR_TLS') ||
    code.startsWith('ERR_SSL') ||
    code.startsWith('CERT_') ||
    code.startsWith('UNABLE_TO')
  ) {
    return new OutboundError('tls', 'tls: failed to verify certificate')
  }
  return new OutboundError('unreachable', `${host}: the connection failed`)
}

/** Several addresses fail as one AggregateError: the first one tells why. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  if (typeof error !== 'object' || error === null || !('code' in error)) return ''
  return typeof error.code === 'string' ? error.code : ''
}

const unknownAuthority = {
  code: 'tls',
  text: 'tls: failed to verify certificate: x509: certificate signed by unknown authority',
} as const
const noAnswer = { code: 'timeout', text: 'HOST: no answer in time' } as const
const unresolved = { code: 'name-unresolved', text: 'dial tcp: lookup HOST: no such host' } as const
const closed = { code: 'unreachable', text: 'HOST: the connection was closed before the answer' } as const

interface Cause {
  readonly code: OutboundErrorCode
  readonly text: string
}

const causes: ReadonlyMap<string, Cause> = new Map<string, Cause>([
  ['ECONNREFUSED', { code: 'unreachable', text: 'dial tcp HOST: connect: connection refused' }],
  ['EHOSTUNREACH', { code: 'unreachable', text: 'dial tcp HOST: connect: no route to host' }],
  ['ENETUNREACH', { code: 'unreachable', text: 'dial tcp HOST: connect: network is unreachable' }],
  ['ENOTFOUND', unresolved],
  ['EAI_AGAIN', unresolved],
  ['ECONNRESET', closed],
  ['EPIPE', closed],
  ['UND_ERR_SOCKET', closed],
  ['ETIMEDOUT', noAnswer],
  ['UND_ERR_CONNECT_TIMEOUT', noAnswer],
  ['UND_ERR_HEADERS_TIMEOUT', noAnswer],
  ['UND_ERR_BODY_TIMEOUT', noAnswer],
  ['UND_ERR_RES_EXCEEDED_MAX_SIZE', { code: 'too-large', text: 'HOST: the answer is larger than allowed' }],
  ['UND_ERR_HEADERS_OVERFLOW', { code: 'too-large', text: 'HOST: the headers of the answer are larger than allowed' }],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', unknownAuthority],
  ['SELF_SIGNED_CERT_IN_CHAIN', unknownAuthority],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', unknownAuthority],
  ['UNABLE_TO_GET_ISSUER_CERT', unknownAuthority],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', unknownAuthority],
  ['CERT_HAS_EXPIRED', { code: 'tls', text: 'tls: failed to verify certificate: it has expired' }],
  ['ERR_TLS_CERT_ALTNAME_INVALID', { code: 'tls', text: 'tls: failed to verify certificate: it is for another name' }],
])
