import type { ObjectName } from '../../machinery/client.ts'
import type { Options } from '../options.ts'
import { ownNamespace } from '../parts/cluster/own-namespace.ts'
import { serviceHost } from '../parts/cluster/registration.ts'

/** What the two processes know each other by. */
export interface TwoProcesses {
  /** The Secret that one process writes and the other one reads: a certificate, its key and its authority. */
  readonly certificate: Required<ObjectName>
  /** The Secret with the key of the authority. */
  readonly authority: Required<ObjectName>
  readonly apiHost: string
  readonly syncHost: string
}

export async function twoProcesses(options: Options): Promise<TwoProcesses> {
  const { authoritySecret, certificateSecret, serviceName: name } = options
  const namespace = await ownNamespace(options)
  return {
    certificate: { namespace, name: certificateSecret || `${name}-tls` },
    authority: { namespace, name: authoritySecret || `${name}-ca` },
    apiHost: serviceHost({ namespace, name, port: 0 }),
    syncHost: serviceHost({ namespace, name: `${name}-sync`, port: 0 }),
  }
}
