import type { Outbound } from '../../base/http.ts'
import { clientConfig } from './client-config.ts'
import type { SignedRequest } from './request-handler.ts'
import type { CredentialSource } from './role-assumer.ts'
import { providerErrorOf } from './sdk-error.ts'

/** A POST to the root of a service. */
interface UnsignedRequest {
  /** The name that it is signed for. */
  readonly service: string
  readonly region: string
  readonly url: URL
  /** All of them are signed, and the host. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly credentials: CredentialSource
  /** What was tried, before every error. */
  readonly purpose: string
}

/** Signed by the signer of the SDK's own clients, and sent nowhere. Rejects with ProviderError. */
export async function signedRequest(request: UnsignedRequest, outbound: Outbound): Promise<SignedRequest> {
  const { service, region, url, headers, body, credentials, purpose } = request
  const { STSClient } = await import('@aws-sdk/client-sts')
  const client = new STSClient({ ...clientConfig(region, 'sts', outbound), credentials })
  const unsigned = {
    method: 'POST',
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port !== '' && { port: Number(url.port) }),
    path: '/',
    query: {},
    headers: { host: url.host, ...headers },
    body,
  }
  const scheme = { name: 'sigv4', signingName: service, signingRegion: region, properties: {} }
  try {
    const signer = await client.config.signer(scheme)
    return await signer.sign(unsigned)
  } catch (error) {
    // It asks for credentials alone, and those belong to no single reader.
    throw providerErrorOf(error, purpose)
  } finally {
    client.destroy()
  }
}
