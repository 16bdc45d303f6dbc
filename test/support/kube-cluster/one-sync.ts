/** A store with one value, and an ExternalSecret that pours it into the Secret `db`; `more` is of its spec. */
export function oneSync(more: Readonly<Record<string, string>> = {}): string {
  const members = Object.entries(more).map(([name, value]) => `\n  ${name}: ${value}`)
  return `
apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: {name: fake, namespace: default}
spec: {provider: {fake: {data: [{key: /db, value: hunter2}]}}}
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: db, namespace: default}
spec:
  secretStoreRef: {name: fake, kind: SecretStore}${members.join('')}
  data: [{secretKey: password, remoteRef: {key: /db}}]
`
}
