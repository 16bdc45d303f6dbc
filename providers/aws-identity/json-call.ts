import type { Outbound } from '../../base/http.ts'
import { requestHandler } from './request-handler.ts'
import type { CredentialSource } from './role-assumer.ts'
import { providerErrorOf } from './sdk-error.ts'
import { signedRequest } from './signed-request.ts'

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

/** Rejects with ProviderError. */
export async function jsonCall(call: JsonCall, outbound: Outbound, signal: AbortSignal): Promise<Uint8Array> {
  const { service, host, target } = call
  const url = new URL(outbound.endpoints[service] ?? `https://${host}`)
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target }
  const request = await signedRequest({ ...call, url, headers, body: '{}' }, outbound)
  const { response } = await requestHandler(outbound)
    .handle(request, { abortSignal: signal })
    .catch((error: unknown) => {
      throw providerErrorOf(error, call.purpose, signal)
    })
  if (response.statusCode === 200) return response.body
  throw providerErrorOf(new ServiceRefusal(response), call.purpose, signal)
}

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
