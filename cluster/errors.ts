/**
 * cluster-config: the kubeconfig or the files of the ServiceAccount cannot be used. cluster-answer: whatever answers at
 * the cluster's address does not speak as a kube-apiserver. A server that cannot be reached is an OutboundError.
 */
export type ClusterErrorCode = 'cluster-config' | 'cluster-answer'

export class ClusterError extends Error {
  override readonly name = 'ClusterError'
  readonly code: ClusterErrorCode

  /** `subject` names a file, a field or a path, never what stands there. */
  constructor(code: ClusterErrorCode, subject: string) {
    super(`${code}: ${subject}`)
    this.code = code
  }
}
