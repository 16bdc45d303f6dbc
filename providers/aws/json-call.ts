import type { Outbound } from '../../base/http.ts'
import { clientConfig } from './client-config.ts'
import type { CredentialSource } from './credentials.ts'
import { requestHandler } from './request-handler.ts'
import { providerErrorOf } from './sdk-error.ts'

/** An operation of a service that is too small for a client of the SDK: JSON 1.1, named by a header. */
export interface JsonCall {
  /** The name that the request is signed for, and of the option that replaces the host. */
  readonly service: string
  readonly region: string
  readonly host: string
  /** As `X-Amz-Target` has it. */
  readonly target: string
  readonly credentials: CredentialSource
  /** What was tried, before every error. */
  readonly purpose: string
}

/** Signed by the signer of the SDK's own clients. Rejects with ProviderError. */
export async function jsonCall(call: JsonCall, outbound: Outbound, signal: AbortSignal): Promise<Uint8Array> {
  const request = await signed(call, outbound)
  const { response } = await requestHandler(outbound)
    .handle(request, { abortSignal: signal })
    .catch((error: unknown) => {
      throw providerErrorOf(error, call.purpose, signal)
    })
  if (response.statusCode === 200) return response.body
  throw providerErrorOf(new ServiceRefusal(response), call.purpose, signal)
}

async function signed({ service, region, host, target, credentials, purpose }: JsonCall, outbound: Outbound) {
  const { STSClient } = await import('@aws-sdk/client-sts')
  const client = new STSClient({ ...clientConfig(region, 'sts', outbound), credentials })
  const url = new URL(outbound.endpoints[service] ?? `https://${host}`)
  const request = {
    method: 'POST',
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port !== '' && { port: Number(url.port) }),
    path: '/',
    query: {},
    headers: { host: url.host, 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
    body: '{}',
  }
  try {
    const signer = await client.config.signer({
      name: 'sigv4',
      signingName: service,
      signingRegion: region,
      properties: {},
    })
    return await signer.sign(request)
  } catch (error) {
    throw providerErrorOf(error, purpose, noSignal)
  } finally {
    client.destroy()
  }
}

/** Signing asks for credentials alone, and those belong to no single reader. */
const noSignal = new AbortController().signal

/** An answer in the form of the SDK's own errors: its type is looked up by name and never told otherwise. */
class ServiceRefusal extends Error {
  override readonly name: string
  readonly $metadata: { readonly httpStatusCode: number }

  constructor({ statusCode, body }: { readonly statusCode: number; readonly body: Uint8Array }) {
    super('refused')
    // `prefix#Name` or `Name`.
    this.name = /"__type"\s*:\s*"(?:[^"#]*#)?(\w+)"/.exec(Buffer.from(body).toString())?.[1] ?? ''
    this.$metadata = { httpStatusCode: statusCode }
  }
}
