import type { ObjectName } from '../../machinery/client.ts'
import type { Options } from '../options.ts'
import { ownNamespace } from '../parts/cluster/own-namespace.ts'
import { serviceHost } from '../parts/cluster/registration.ts'

/** What the two processes know each other by. */
export interface TwoProcesses {
  /** The Secret that one process writes and the other one reads: a certificate, its key and its authority. */
  readonly certificate: Required<ObjectName>
  /** The Secret that the process which synchronizes serves with, where somebody else makes certificates. */
  readonly syncCertificate: Required<ObjectName>
  /** The Secret with the key of the authority. */
  readonly authority: Required<ObjectName>
  readonly apiHost: string
  readonly syncHost: string
}

export async function twoProcesses(options: Options): Promise<TwoProcesses> {
  const { authoritySecret, certificates, certificateSecret, serve, serviceName: name } = options
  // A process that makes the other one's certificate is told where to put that one.
  const isOwnOfSync = serve === 'sync' && certificates === 'secret'
  const namespace = await ownNamespace(options)
  return {
    certificate: { namespace, name: (!isOwnOfSync && certificateSecret) || `${name}-tls` },
    syncCertificate: { namespace, name: (isOwnOfSync && certificateSecret) || `${name}-sync-tls` },
    authority: { namespace, name: authoritySecret || `${name}-ca` },
    apiHost: serviceHost({ namespace, name, port: 0 }),
    syncHost: serviceHost({ namespace, name: `${name}-sync`, port: 0 }),
  }
}
