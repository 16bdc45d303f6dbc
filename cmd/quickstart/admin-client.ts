import { Agent } from 'undici'
import type { JsonObject, KubeObject } from '../../machinery/object.ts'
import { QuickstartError } from '../errors.ts'
import type { Standalone } from '../standalone.ts'

/** The administrator's few requests to the server's own API, over the network as everybody's. */
export interface AdminClient extends AsyncDisposable {
  /** Server-side apply: the same again changes nothing. */
  apply(path: string, object: KubeObject): Promise<void>
  get(path: string): Promise<JsonObject>
}

export function adminClient({ url, authorityPem, admin }: Standalone): AdminClient {
  const connect = { ca: authorityPem, cert: admin.certificatePem, key: admin.keyPem, servername: 'localhost' }
  const agent = new Agent({ connect, connections: 1 })
  const call = async (request: Call): Promise<JsonObject> => {
    const { method, path, body = null, contentType = 'application/json' } = request
    const headers = { 'content-type': contentType, 'user-agent': 'quickstart/1' }
    const answer = await agent.request({ origin: url, path, method, headers, body })
    const json = (await answer.body.json()) as JsonObject
    if (answer.statusCode >= 300) throw new QuickstartError(`${method} ${path}: ${JSON.stringify(json['message'])}`)
    return json
  }
  return {
    apply: async (path, object) => {
      const query = 'fieldManager=quickstart&force=true'
      const body = JSON.stringify(object)
      await call({ method: 'PATCH', path: `${path}?${query}`, body, contentType: 'application/apply-patch+yaml' })
    },
    get: (path) => call({ method: 'GET', path }),
    [Symbol.asyncDispose]: () => agent.destroy(),
  }
}

interface Call {
  readonly method: 'GET' | 'PATCH'
  readonly path: string
  readonly body?: string
  readonly contentType?: string
}
