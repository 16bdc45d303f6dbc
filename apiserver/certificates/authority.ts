import { randomBytes, webcrypto } from 'node:crypto'
import { isIP } from 'node:net'

/** Makes P-256 certificates. The library is loaded by the first one that is made: a restart finds its files. */
export interface Authority {
  readonly certificatePem: string
  readonly keyPem: string
}

export interface KeyPair {
  readonly certificatePem: string
  readonly keyPem: string
}

export interface Validity {
  readonly fromMs: number
  readonly untilMs: number
}

export type LeafRequest =
  | {
      /** A peer is a client, too. */
      readonly use: 'server' | 'peer'
      readonly commonName: string
      readonly hosts: readonly string[]
      readonly validity: Validity
    }
  | {
      readonly use: 'client'
      readonly commonName: string
      readonly groups: readonly string[]
      readonly validity: Validity
    }

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

export async function makeAuthority(commonName: string, validity: Validity): Promise<Authority> {
  const x509 = await loadX509()
  const keys = await generateKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [{ CN: [commonName] }],
    ...datesOf(validity),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { certificatePem: certificate.toString('pem'), keyPem: await privatePem(keys.privateKey) }
}

export async function makeLeaf(authority: Authority, request: LeafRequest): Promise<KeyPair> {
  const x509 = await loadX509()
  const issuer = new x509.X509Certificate(authority.certificatePem)
  const keys = await generateKeys()
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: subjectOf(request),
    issuer: issuer.subject,
    ...datesOf(request.validity),
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.keyPem),
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(purposes[request.use].map((purpose) => x509.ExtendedKeyUsage[purpose])),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ...('hosts' in request ? [new x509.SubjectAlternativeNameExtension(request.hosts.map(generalName))] : []),
    ],
  })
  const certificatePem = `${certificate.toString('pem')}\n${authority.certificatePem}`
  return { certificatePem, keyPem: await privatePem(keys.privateKey) }
}

const purposes = {
  server: ['serverAuth'],
  peer: ['serverAuth', 'clientAuth'],
  client: ['clientAuth'],
} as const

/** The library's own dependency tsyringe wants the metadata API to be there first. */
async function loadX509(): Promise<typeof import('@peculiar/x509')> {
  await import('reflect-metadata')
  return import('@peculiar/x509')
}

function subjectOf(request: LeafRequest): Record<string, string[]>[] {
  const groups = request.use === 'client' ? request.groups : []
  return [...groups.map((group) => ({ O: [group] })), { CN: [request.commonName] }]
}

function generalName(host: string): { readonly type: 'ip' | 'dns'; readonly value: string } {
  return { type: isIP(host) ? 'ip' : 'dns', value: host }
}

function datesOf({ fromMs, untilMs }: Validity): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(fromMs), notAfter: new Date(untilMs) }
}

/** Positive and unpredictable (CA/Browser Forum, 7.1). */
function serialNumber(): string {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40
  return bytes.toString('hex')
}

function generateKeys(): Promise<CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
}

async function privatePem(key: CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key))
  const lines = der.toString('base64').replace(/.{64}(?=.)/g, '$&\n')
  return `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`
}

function importKey(pem: string): Promise<CryptoKey> {
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64')
  return webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign'])
}

type CryptoKey = webcrypto.CryptoKey
type CryptoKeyPair = webcrypto.CryptoKeyPair
