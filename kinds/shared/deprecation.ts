/** What the API server of Kubernetes says about a deprecated version of a custom resource. */
export function deprecationOf(version: string, kind: string): string {
  return `external-secrets.io/${version} ${kind} is deprecated; use external-secrets.io/v1 ${kind}`
}
