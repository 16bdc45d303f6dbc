import type { TlsIdentity } from '../../base/http.ts'
import { baseUrl } from '../base-url.ts'
import { ProviderError } from '../errors.ts'
import type { TokenSource } from '../token-source.ts'

/** Where the API server is, whom it is trusted by and who we are there. */
export interface Connection {
  readonly server: URL
  readonly tls: TlsIdentity
  readonly token?: TokenSource
}

/** Without a scheme, https is meant, as in a kubeconfig. */
export function serverUrl(text: string): URL {
  const url = baseUrl(/^https?:\/\//.test(text) ? text : `https://${text}`)
  if (url === undefined) throw new ProviderError('invalid-ref', 'server.url is not the address of an API server')
  return url
}
