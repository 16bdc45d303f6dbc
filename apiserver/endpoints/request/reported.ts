const reportedMax = 100

/** What strict decoding tells at most: the decoder of Kubernetes stops after a hundred errors (sigs.k8s.io/json). */
export function reported(findings: readonly string[]): readonly string[] {
  return findings.slice(0, reportedMax)
}
