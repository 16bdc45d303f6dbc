import type { KeyPair } from '../../apiserver/certificates/authority.ts'

/** JSON, which is YAML: every client reads it, and it needs no library at the start. */
export function kubeconfig(of: {
  readonly server: string
  readonly authorityPem: string
  readonly client: KeyPair
}): string {
  const name = 'external-secrets'
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: of.server, 'certificate-authority-data': base64(of.authorityPem) } }],
    users: [
      {
        name: 'admin',
        user: {
          'client-certificate-data': base64(of.client.certificatePem),
          'client-key-data': base64(of.client.keyPem),
        },
      },
    ],
    contexts: [{ name, context: { cluster: name, user: 'admin', namespace: 'default' } }],
    'current-context': name,
  }
  return `${JSON.stringify(config, null, 2)}\n`
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
