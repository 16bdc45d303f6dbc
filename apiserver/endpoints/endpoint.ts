import type { KubeObject } from '../../machinery/object.ts'
import type { RequestContext } from '../request-context.ts'
import type { RequestInfo } from '../request-info.ts'

/** What a verb gets: the request as parsed by http/, with no Fastify in it. */
export interface ApiRequest {
  readonly info: RequestInfo
  readonly query: URLSearchParams
  /** Lower-case names; repeated headers joined with a comma. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Uint8Array
  readonly context: RequestContext
}

/** What a verb answers; http/ writes it with the response headers that every answer has. */
export type ApiResponse =
  /** Encoded by http/ as JSON or YAML as `accept` says; `object` may be a Status or a Table. */
  | { readonly type: 'object'; readonly code: number; readonly object: KubeObject | Readonly<Record<string, unknown>> }
  /** Already encoded. */
  | {
      readonly type: 'bytes'
      readonly code: number
      readonly contentType: string
      readonly body: Uint8Array
      readonly headers?: Readonly<Record<string, string>>
    }
  /** Sent piece by piece with back-pressure; ends when the iteration ends. `flush` sends each piece at once (watch). */
  | {
      readonly type: 'stream'
      readonly code: number
      readonly contentType: string
      readonly pieces: AsyncIterable<Uint8Array>
      readonly flush: boolean
    }
