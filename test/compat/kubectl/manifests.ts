export const namespace = `
apiVersion: v1
kind: Namespace
metadata: {name: demo}
`

export const store = `
apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: {name: fake, namespace: demo}
spec:
  provider:
    fake:
      data:
      - {key: /db/user, value: admin}
      - {key: /db/password, value: correct-horse}
`

/** An ExternalSecret in any version; v1alpha1 demands a target. */
export function externalSecret(version: string, name: string, key = '/db/user'): string {
  return `
apiVersion: external-secrets.io/${version}
kind: ExternalSecret
metadata: {name: ${name}, namespace: demo}
spec:
  refreshInterval: 1h
  secretStoreRef: {name: fake, kind: SecretStore}
  target: {name: ${name}}
  data:
  - secretKey: user
    remoteRef: {key: ${key}}
`
}
