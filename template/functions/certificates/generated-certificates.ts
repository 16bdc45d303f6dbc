import { createPrivateKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto'
import { byteString, unicodeText } from '../../byte-string.ts'
import { childrenOf, derValues } from '../../der/reader.ts'
import { List, Structure, type Value } from '../../value.ts'
import { type CallContext, FunctionFailure, type FunctionTable, heavyCost, takes } from '../definition.ts'
import { addressBytes, certificateOf } from './certificate.ts'
import { pemBlocks, pemText } from './pem.ts'
import { type Issuer, signedCertificate } from './signed-certificate.ts'

const newKeyCost = 2 * heavyCost

/** Sprig's certificates: RSA 2048 unless a key is given, valid from now on, for servers and clients. */
export const certificateFunctions: FunctionTable = {
  genCA: takes(
    ['string', 'int'],
    ([name, days], context) => authority({ name, days, key: newKey() }, context),
    newKeyCost,
  ),
  genCAWithKey: takes(
    ['string', 'int', 'string'],
    ([name, days, key], context) => authority({ name, days, key: keyOf(key) }, context),
    heavyCost,
  ),
  genSelfSignedCert: takes(
    ['string', 'list', 'list', 'int'],
    ([name, addresses, hosts, days], context) => issued({ name, addresses, hosts, days, key: newKey() }, context),
    newKeyCost,
  ),
  genSelfSignedCertWithKey: takes(
    ['string', 'list', 'list', 'int', 'string'],
    ([name, addresses, hosts, days, key], context) =>
      issued({ name, addresses, hosts, days, key: keyOf(key) }, context),
    heavyCost,
  ),
  genSignedCert: takes(
    ['string', 'list', 'list', 'int', 'structure'],
    ([name, addresses, hosts, days, ca], context) =>
      issued({ name, addresses, hosts, days, ca, key: newKey() }, context),
    newKeyCost,
  ),
  genSignedCertWithKey: takes(
    ['string', 'list', 'list', 'int', 'structure', 'string'],
    ([name, addresses, hosts, days, ca, key], context) =>
      issued({ name, addresses, hosts, days, ca, key: keyOf(key) }, context),
    heavyCost,
  ),
  buildCustomCert: takes(['string', 'string'], ([certificate, key]) => {
    const [certificateText, keyText] = [certificate, key].map((text) => Buffer.from(text, 'base64').toString('latin1'))
    const [block] = pemBlocks(certificateText ?? '').blocks
    if (!block || !certificateOf(block.bytes)) throw new FunctionFailure('unable to decode certificate')
    if (pemBlocks(keyText ?? '').blocks.length === 0) throw new FunctionFailure('unable to decode key')
    return certificateValue(certificateText ?? '', keyText ?? '')
  }),
}

interface Wish {
  readonly name: string
  readonly days: number
  readonly key: KeyObject
  readonly addresses?: List
  readonly hosts?: List
  readonly ca?: Structure
}

function authority(wish: Wish, context: CallContext): Structure {
  return made(wish, { context, isAuthority: true })
}

function issued(wish: Wish, context: CallContext): Structure {
  return made(wish, { context, isAuthority: false })
}

const dayMs = 86_400_000

function made(
  wish: Wish,
  { context, isAuthority }: { readonly context: CallContext; readonly isAuthority: boolean },
): Structure {
  const { clock, random } = context
  const notBeforeMs = clock.now()
  const notAfterMs = notBeforeMs + wish.days * dayMs
  if (!(Math.abs(notAfterMs) < 250_000_000_000_000)) throw new FunctionFailure('the certificate ends too far from now')
  const serial = Buffer.from(random(16))
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 1
  const raw = signedCertificate(
    {
      commonName: unicodeText(wish.name),
      addresses: texts(wish.addresses).map((text) => addressBytes(text) ?? refuse('an address is malformed')),
      hostNames: texts(wish.hosts),
      notBeforeMs,
      notAfterMs,
      isAuthority,
      key: wish.key,
      serial,
    },
    wish.ca && issuerOf(wish.ca),
  )
  return certificateValue(pemText({ type: 'CERTIFICATE', bytes: raw }), keyText(wish.key))
}

function certificateValue(certificate: string, key: string): Structure {
  return new Structure('sprig.certificate', { fields: { Cert: certificate, Key: key } })
}

function issuerOf({ fields }: Structure): Issuer {
  const text = (name: string): string => {
    const value: Value = fields.get(name) ?? null
    return typeof value === 'string' ? value : refuse('the authority is not a certificate with its key')
  }
  const certificate = certificateOf(pemBlocks(text('Cert')).blocks[0]?.bytes ?? Buffer.alloc(0))
  if (!certificate) return refuse('unable to parse the certificate of the authority')
  const [body] = childrenOf(derValues(certificate.raw)?.[0])
  // Version, serial number, algorithm, issuer, validity, subject; the first has a default and may be missing.
  const parts = childrenOf(body)
  const subject = parts[parts[0]?.tag === 0xa0 ? 5 : 4]
  const key = keyOf(text('Key'))
  if (!subject || !new X509Certificate(certificate.raw).checkPrivateKey(key))
    return refuse('the authority has another key')
  return { name: subject.whole, key, subjectKeyId: certificate.subjectKeyId }
}

function texts(list: List = new List([])): string[] {
  return list.items.map((item) => (typeof item === 'string' ? item : refuse('names and addresses are strings')))
}

function newKey(): KeyObject {
  return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
}

function keyOf(text: string): KeyObject {
  try {
    return createPrivateKey(text)
  } catch {
    return refuse('the text is not a private key')
  }
}

/** In the form that Go writes for this sort of key. */
function keyText(key: KeyObject): string {
  const type = ({ rsa: 'pkcs1', ec: 'sec1' } as const)[key.asymmetricKeyType as 'rsa' | 'ec'] ?? 'pkcs8'
  return byteString(key.export({ type, format: 'pem' }).toString())
}

function refuse(reason: string): never {
  throw new FunctionFailure(reason)
}
