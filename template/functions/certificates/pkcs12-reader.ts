import { createRequire } from 'node:module'
import { createPrivateKey, type KeyObject } from 'node:crypto'
import { FunctionFailure } from '../definition.ts'
import { type Certificate, certificateOf } from './certificate.ts'

/** What a PKCS#12 archive holds. */
export interface Pkcs12Content {
  readonly key: KeyObject | undefined
  /** The key's own first, else in the order of the archive. */
  readonly certificates: readonly Certificate[]
}

/** The parts of node-forge that are used here; it has no types of its own. */
interface Forge {
  readonly asn1: {
    fromDer(bytes: string, options: { readonly strict: boolean; readonly parseAllBytes: boolean }): Asn1
    toDer(value: Asn1): { getBytes(): string }
  }
  readonly pkcs12: { pkcs12FromAsn1(value: Asn1, strict: boolean, password: string): Pfx }
  readonly pki: {
    certificateToAsn1(certificate: object): Asn1
    privateKeyToAsn1(key: object): Asn1
    wrapRsaPrivateKey(key: Asn1): Asn1
    readonly oids: Readonly<Record<'certBag' | 'keyBag' | 'pkcs8ShroudedKeyBag', string>>
  }
}

interface Asn1 {
  readonly brand?: 'asn1'
}

interface Pfx {
  getBags(filter: { readonly bagType: string }): Readonly<Record<string, readonly Bag[] | undefined>>
}

interface Bag {
  readonly attributes: { readonly localKeyId?: readonly string[] }
  /** Null where the library does not know the kind of key, which `asn1` then holds. */
  readonly cert?: object | null
  readonly key?: object | null
  readonly asn1?: Asn1
}

/** `bytes` is a byte string, the password's characters are Unicode. */
export function readPkcs12(bytes: string, password: string): Pkcs12Content {
  // Loaded by those who read archives only: it knows the old ciphers that OpenSSL has put away.
  const forge = createRequire(import.meta.url)('node-forge') as Forge
  try {
    const archive = forge.asn1.fromDer(bytes, { strict: false, parseAllBytes: false })
    return contentOf(forge, forge.pkcs12.pkcs12FromAsn1(archive, false, password))
  } catch {
    throw new FunctionFailure('the archive or its password is wrong')
  }
}

function contentOf(forge: Forge, archive: Pfx): Pkcs12Content {
  const { certBag, keyBag, pkcs8ShroudedKeyBag } = forge.pki.oids
  const bags = (bagType: string): readonly Bag[] => archive.getBags({ bagType })[bagType] ?? []
  const [keyBagFound] = [...bags(pkcs8ShroudedKeyBag), ...bags(keyBag)]
  const keyId = keyBagFound?.attributes.localKeyId?.[0]
  const isOwn = (bag: Bag): boolean => keyId !== undefined && bag.attributes.localKeyId?.[0] === keyId
  const ordered = [...bags(certBag).filter(isOwn), ...bags(certBag).filter((bag) => !isOwn(bag))]
  return {
    key: keyBagFound && createPrivateKey({ key: keyBytes(forge, keyBagFound), format: 'der', type: 'pkcs8' }),
    certificates: ordered.flatMap((bag) => certificateOf(certificateBytes(forge, bag)) ?? []),
  }
}

function certificateBytes(forge: Forge, { cert, asn1 = {} }: Bag): Buffer {
  return derBytes(forge, cert ? forge.pki.certificateToAsn1(cert) : asn1)
}

function keyBytes(forge: Forge, { key, asn1 = {} }: Bag): Buffer {
  return derBytes(forge, key ? forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(key)) : asn1)
}

function derBytes(forge: Forge, value: Asn1): Buffer {
  return Buffer.from(forge.asn1.toDer(value).getBytes(), 'latin1')
}
