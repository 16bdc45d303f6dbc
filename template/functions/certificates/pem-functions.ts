import {
  constants,
  createPrivateKey,
  createPublicKey,
  type JsonWebKey,
  type KeyObject,
  privateDecrypt,
} from 'node:crypto'
import { bytesOf, byteStringOf, unicodeText } from '../../byte-string.ts'
import { stringList } from '../../value.ts'
import { FunctionFailure, type FunctionTable, takes } from '../definition.ts'
import { certificateOf } from './certificate.ts'
import { certificatesIn, certificatesText, chainOf, chainPart } from './chain.ts'
import { pemBlocks, pemText } from './pem.ts'

/** Functions of External Secrets Operator over PEM texts and JSON web keys. */
export const pemFunctions: FunctionTable = {
  filterPEM: takes(['string', 'string'], ([type, text]) => {
    const { blocks, rest } = pemBlocks(text.slice(Math.max(0, text.indexOf('-----BEGIN'))))
    const kept = blocks.filter((block) => block.type.toLowerCase() === type.toLowerCase())
    if (kept.length === 0 && rest !== '') throw new FunctionFailure('error filtering pem: found junk')
    return kept.map(pemText).join('')
  }),
  filterCertChain: takes(['string', 'string'], ([kind, text]) =>
    certificatesText(chainPart(kind, chainOf(certificatesIn(text)))),
  ),
  certSANs: takes(['string'], ([text]) => {
    const [block] = pemBlocks(text).blocks
    if (!block) throw new FunctionFailure('failed to decode PEM block')
    const certificate = certificateOf(block.bytes)
    if (!certificate) throw new FunctionFailure('failed to parse certificate')
    return stringList(certificate.alternativeNames)
  }),
  jwkPublicKeyPem: takes(['string'], ([text]) => {
    const jwk = jwkOf(text)
    if ('d' in jwk) throw new FunctionFailure('the web key is a private one')
    const key = keyOf(() => createPublicKey({ key: jwk, format: 'jwk' }), 'the text is not a public web key')
    return pemText({ type: 'PUBLIC KEY', bytes: key.export({ type: 'spki', format: 'der' }) })
  }),
  jwkPrivateKeyPem: takes(['string'], ([text]) => {
    const jwk = jwkOf(text)
    if (!('d' in jwk)) throw new FunctionFailure('the web key is not a private one')
    const key = keyOf(() => createPrivateKey({ key: jwk, format: 'jwk' }), 'the text is not a private web key')
    return pemText({ type: 'PRIVATE KEY', bytes: key.export({ type: 'pkcs8', format: 'der' }) })
  }),
  rsaDecrypt: takes(['string', 'string', 'string', 'string'], ([scheme, hash, ciphertext, key]) => {
    if (scheme === 'None') return ciphertext
    if (scheme !== 'RSA-OAEP') throw new FunctionFailure('that decryption scheme is not supported')
    return oaepDecrypted(ciphertext, hash, rsaKeyOf(key))
  }),
}

function jwkOf(text: string): JsonWebKey {
  const parsed = keyOf(() => JSON.parse(unicodeText(text)) as JsonWebKey | null, 'the text is not a web key')
  if (typeof parsed !== 'object' || parsed === null) throw new FunctionFailure('the text is not a web key')
  return parsed
}

/** Answers what `make` makes; what it throws may hold the key and goes no further. */
function keyOf<T = KeyObject>(make: () => T, refusal: string): T {
  try {
    return make()
  } catch {
    throw new FunctionFailure(refusal)
  }
}

function rsaKeyOf(text: string): KeyObject {
  const [block] = pemBlocks(text).blocks
  if (!block) throw new FunctionFailure('failed to decode PEM block')
  const key = privateKeyOf(block.bytes)
  if (!key) throw new FunctionFailure('could not parse private key')
  if (key.asymmetricKeyType !== 'rsa') throw new FunctionFailure('could not parse RSA private key')
  return key
}

/** A private key in PKCS#8, PKCS#1 or SEC1 form. */
export function privateKeyOf(bytes: Buffer): KeyObject | undefined {
  for (const type of ['pkcs8', 'pkcs1', 'sec1'] as const) {
    try {
      return createPrivateKey({ key: bytes, format: 'der', type })
    } catch {
      // Another form, then.
    }
  }
  return undefined
}

const oaepHashes: Readonly<Record<string, string>> = { SHA1: 'sha1', SHA512: 'sha512' }

function oaepDecrypted(ciphertext: string, hash: string, key: KeyObject): string {
  const oaepHash = oaepHashes[hash] ?? 'sha256'
  return keyOf(
    () =>
      byteStringOf(privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, bytesOf(ciphertext))),
    'error decrypting data with RSA',
  )
}
