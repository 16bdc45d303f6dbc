import { createHash, createPublicKey, type KeyObject, sign } from 'node:crypto'
import {
  bits,
  boolean,
  context,
  integer,
  nothing,
  objectId,
  octets,
  sequence,
  set,
  tagged,
  time,
} from '../../der/writer.ts'

export interface CertificateRequest {
  readonly commonName: string
  readonly addresses: readonly Uint8Array[]
  readonly hostNames: readonly string[]
  readonly notBeforeMs: number
  readonly notAfterMs: number
  readonly isAuthority: boolean
  /** The certificate's own key; its public half is certified. */
  readonly key: KeyObject
  readonly serial: Uint8Array
}

export interface Issuer {
  /** The distinguished name as it stands in the issuer's certificate. */
  readonly name: Uint8Array
  readonly key: KeyObject
  /** Empty if the issuer has none. */
  readonly subjectKeyId: Uint8Array
}

/** An X.509 certificate in DER, signed by the issuer, or by its own key. */
export function signedCertificate(request: CertificateRequest, issuer?: Issuer): Buffer {
  const subject = nameOf(request.commonName)
  const signer = issuer?.key ?? request.key
  const publicKey = createPublicKey(request.key).export({ type: 'spki', format: 'der' })
  const body = sequence(
    context(0, integer(2)),
    integer(request.serial),
    algorithmOf(signer).id,
    issuer?.name ?? subject,
    sequence(time(request.notBeforeMs), time(request.notAfterMs)),
    subject,
    publicKey,
    context(3, sequence(...extensions(request, { publicKey, issuerKeyId: issuer?.subjectKeyId ?? Buffer.alloc(0) }))),
  )
  return sequence(body, algorithmOf(signer).id, bits(sign(algorithmOf(signer).hash, body, signer)))
}

/** A name of nothing but a common name, printable where its letters allow it. */
function nameOf(commonName: string): Buffer {
  const isPrintable = /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(commonName)
  const value = tagged(isPrintable ? 0x13 : 0x0c, Buffer.from(commonName, 'utf8'))
  return sequence(set(sequence(objectId('2.5.4.3'), value)))
}

function algorithmOf(key: KeyObject): { readonly id: Buffer; readonly hash: string | null } {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return { id: sequence(objectId('1.2.840.113549.1.1.11'), nothing), hash: 'sha256' }
    case 'ec':
      return { id: sequence(objectId('1.2.840.10045.4.3.2')), hash: 'sha256' }
    default:
      return { id: sequence(objectId('1.3.101.112')), hash: null }
  }
}

interface KeyIds {
  readonly publicKey: Buffer
  readonly issuerKeyId: Uint8Array
}

function extensions(request: CertificateRequest, { publicKey, issuerKeyId }: KeyIds): Buffer[] {
  const { isAuthority, addresses, hostNames } = request
  const usages = isAuthority ? [0xa4, 2] : [0xa0, 5]
  const basic = isAuthority ? sequence(boolean(true)) : sequence()
  const purposes = sequence(objectId('1.3.6.1.5.5.7.3.1'), objectId('1.3.6.1.5.5.7.3.2'))
  const list = [
    extension('2.5.29.15', bits(Buffer.from([usages[0] ?? 0]), usages[1]), { isCritical: true }),
    extension('2.5.29.37', purposes),
    extension('2.5.29.19', basic, { isCritical: true }),
  ]
  if (isAuthority) list.push(extension('2.5.29.14', octets(keyIdOf(publicKey))))
  if (issuerKeyId.length > 0) list.push(extension('2.5.29.35', sequence(tagged(0x80, issuerKeyId))))
  const names = [
    ...hostNames.map((name) => tagged(0x82, Buffer.from(name, 'latin1'))),
    ...addresses.map((address) => tagged(0x87, address)),
  ]
  if (names.length > 0) list.push(extension('2.5.29.17', sequence(...names)))
  return list
}

function extension(oid: string, value: Uint8Array, { isCritical = false } = {}): Buffer {
  return sequence(objectId(oid), ...(isCritical ? [boolean(true)] : []), octets(value))
}

function keyIdOf(publicKey: Buffer): Buffer {
  return createHash('sha1').update(publicKey).digest()
}
