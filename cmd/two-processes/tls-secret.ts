import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { KeyPair } from '../../apiserver/certificates/authority.ts'
import type { Secret } from '../../kinds/core/secret/v1.ts'
import type { ObjectName } from '../../machinery/client.ts'
import type { Handed } from '../parts/certificates/followed-certificate.ts'

/** Of the type and with the keys that cert-manager uses as well. */
export function secretOf(at: Required<ObjectName>, { certificatePem, keyPem }: KeyPair): Secret {
  const labels = { 'app.kubernetes.io/name': 'external-secrets-apiserver' }
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { ...at, labels },
    type: 'kubernetes.io/tls',
    data: {
      'tls.crt': base64(certificatePem),
      'tls.key': base64(keyPem),
      'ca.crt': base64(lastCertificate(certificatePem)),
    },
  }
}

/** Undefined where it has no certificate with its key and its authority. */
export function handedOf(secret: Secret | undefined): Handed | undefined {
  const [certificatePem, keyPem, authorityPem] = ['tls.crt', 'tls.key', 'ca.crt'].map((key) => text(secret, key))
  if (!certificatePem || !keyPem || !authorityPem) return undefined
  try {
    const fits = new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(keyPem))
    return fits && new X509Certificate(authorityPem).ca ? { pair: { certificatePem, keyPem }, authorityPem } : undefined
  } catch {
    return undefined
  }
}

/** Ours end with their authority, and the authority is its own. */
function lastCertificate(chainPem: string): string {
  const blocks = chainPem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  return `${blocks.at(-1) ?? ''}\n`
}

function text(secret: Secret | undefined, key: string): string {
  return Buffer.from(secret?.data?.[key] ?? '', 'base64').toString()
}

function base64(pem: string): string {
  return Buffer.from(pem).toString('base64')
}
