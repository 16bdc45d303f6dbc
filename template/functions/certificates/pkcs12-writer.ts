import { createCipheriv, createHash, createHmac, type KeyObject, pbkdf2Sync, X509Certificate } from 'node:crypto'
import { context, integer, nothing, objectId, octets, sequence, set, tagged } from '../../der/writer.ts'

export interface Pkcs12Wish {
  /** Absent for a trust store. */
  readonly key?: KeyObject
  /** The key's own first. */
  readonly certificates: readonly Buffer[]
  readonly password: string
  readonly random: (byteCount: number) => Uint8Array
}

const oids = {
  data: '1.2.840.113549.1.7.1',
  encryptedData: '1.2.840.113549.1.7.6',
  shroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  certBag: '1.2.840.113549.1.12.10.1.3',
  x509: '1.2.840.113549.1.9.22.1',
  localKeyId: '1.2.840.113549.1.9.21',
  friendlyName: '1.2.840.113549.1.9.20',
  /** Java takes a certificate for trusted only with this attribute. */
  trustedKeyUsage: '2.16.840.1.113894.746875.1.1',
  anyPurpose: '2.5.29.37.0',
  pbes2: '1.2.840.113549.1.5.13',
  pbkdf2: '1.2.840.113549.1.5.12',
  hmacSha256: '1.2.840.113549.2.9',
  aes256: '2.16.840.1.101.3.4.1.42',
  sha256: '2.16.840.1.101.3.4.2.1',
}
const iterations = 2048

/** An archive with AES-256-CBC under PBKDF2, and a MAC with SHA-256: what Go's library calls its modern profile. */
export function writePkcs12(wish: Pkcs12Wish): Buffer {
  const keyId =
    wish.key &&
    createHash('sha1')
      .update(wish.certificates[0] ?? Buffer.alloc(0))
      .digest()
  const bags = wish.certificates.map((raw, index) => certificateBag(raw, index === 0 ? keyId : undefined))
  const contents = [encryptedContent(sequence(...bags), wish)]
  if (wish.key && keyId) contents.push(dataContent(sequence(keyBag(wish.key, keyId, wish))))
  const safe = sequence(...contents)
  return sequence(integer(3), dataContent(safe), macOf(safe, wish))
}

function certificateBag(raw: Buffer, keyId: Buffer | undefined): Buffer {
  const value = context(0, sequence(objectId(oids.x509), context(0, octets(raw))))
  return sequence(objectId(oids.certBag), value, attributes(raw, keyId))
}

/** Of the key's certificate whose it is; of others in a trust store a name, and that they are trusted. */
function attributes(raw: Buffer, keyId: Buffer | undefined): Buffer {
  if (keyId) return set(attribute(oids.localKeyId, octets(keyId)))
  const name = Buffer.from(new X509Certificate(raw).subject, 'utf16le').swap16()
  return set(
    attribute(oids.friendlyName, tagged(0x1e, name)),
    attribute(oids.trustedKeyUsage, objectId(oids.anyPurpose)),
  )
}

function attribute(oid: string, value: Uint8Array): Buffer {
  return sequence(objectId(oid), set(value))
}

function keyBag(key: KeyObject, keyId: Buffer, wish: Pkcs12Wish): Buffer {
  const { algorithm, ciphertext } = encrypted(key.export({ type: 'pkcs8', format: 'der' }), wish)
  const shrouded = sequence(algorithm, octets(ciphertext))
  return sequence(objectId(oids.shroudedKeyBag), context(0, shrouded), set(attribute(oids.localKeyId, octets(keyId))))
}

function dataContent(bytes: Uint8Array): Buffer {
  return sequence(objectId(oids.data), context(0, octets(bytes)))
}

function encryptedContent(bytes: Uint8Array, wish: Pkcs12Wish): Buffer {
  const { algorithm, ciphertext } = encrypted(bytes, wish)
  const info = sequence(objectId(oids.data), algorithm, tagged(0x80, ciphertext))
  return sequence(objectId(oids.encryptedData), context(0, sequence(integer(0), info)))
}

interface Encrypted {
  readonly algorithm: Buffer
  readonly ciphertext: Buffer
}

function encrypted(bytes: Uint8Array, { password, random }: Pkcs12Wish): Encrypted {
  const [salt, vector] = [random(16), random(16)]
  const cipher = createCipheriv('aes-256-cbc', pbkdf2Sync(password, salt, iterations, 32, 'sha256'), vector)
  const derivation = sequence(octets(salt), integer(iterations), sequence(objectId(oids.hmacSha256), nothing))
  const parameters = sequence(
    sequence(objectId(oids.pbkdf2), derivation),
    sequence(objectId(oids.aes256), octets(vector)),
  )
  const ciphertext = Buffer.concat([cipher.update(bytes), cipher.final()])
  return { algorithm: sequence(objectId(oids.pbes2), parameters), ciphertext }
}

function macOf(bytes: Uint8Array, { password, random }: Pkcs12Wish): Buffer {
  const salt = random(16)
  const mac = createHmac('sha256', macKey(password, salt)).update(bytes).digest()
  const digestInfo = sequence(sequence(objectId(oids.sha256), nothing), octets(mac))
  return sequence(digestInfo, octets(salt), integer(iterations))
}

/** RFC 7292, appendix B.2 with purpose 3; one block of SHA-256 is all that is needed. */
function macKey(password: string, salt: Uint8Array): Buffer {
  const text = Buffer.from(`${password}\0`, 'utf16le').swap16()
  const blocks = [Buffer.alloc(64, 3), filled(salt), filled(text)]
  let key = createHash('sha256').update(Buffer.concat(blocks)).digest()
  for (let round = 1; round < iterations; round += 1) key = createHash('sha256').update(key).digest()
  return key
}

/** Repeated up to a multiple of the hash's block. */
function filled(bytes: Uint8Array): Buffer {
  return Buffer.alloc(64 * Math.ceil(bytes.length / 64), bytes)
}
