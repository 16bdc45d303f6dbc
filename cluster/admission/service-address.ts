import type { ResourceClient } from '../../machinery/client.ts'
import { isJsonObject } from '../../machinery/json/member.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { isStatusReason } from '../../machinery/status.ts'
import { CallError } from './call-error.ts'

export interface ServicePlace {
  readonly namespace: string
  readonly name: string
  readonly port: number
}

export interface ServiceAddress {
  readonly host: string
  readonly port: number
}

/**
 * Where a Service is reached: its cluster address, which works wherever cluster addresses do, without asking for names
 * that only the cluster's DNS knows. A Service of type ExternalName is its name.
 */
export function serviceAddresses(services: ResourceClient<KubeObject>): (at: ServicePlace) => Promise<ServiceAddress> {
  return async ({ namespace, name, port }) => {
    const service = await found(services, { namespace, name })
    const spec = isJsonObject(service.spec) ? service.spec : {}
    const { type, externalName, clusterIP, ports } = spec
    if (type === 'ExternalName' && typeof externalName === 'string') return { host: externalName, port }
    const isServed = Array.isArray(ports) && ports.some((each) => isJsonObject(each) && each.port === port)
    if (!isServed) throw new CallError(`no service port ${port} found for service "${name}"`)
    const host = typeof clusterIP === 'string' && clusterIP !== 'None' ? clusterIP : `${name}.${namespace}.svc`
    return { host, port }
  }
}

async function found(
  services: ResourceClient<KubeObject>,
  at: { readonly namespace: string; readonly name: string },
): Promise<KubeObject> {
  try {
    return await services.get(at)
  } catch (error) {
    if (isStatusReason(error, 'NotFound')) throw new CallError(`service "${at.name}" not found`)
    throw new CallError(`service "${at.name}" cannot be read`)
  }
}
