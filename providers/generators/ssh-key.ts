import { generateKeyPair, randomBytes, type JsonWebKey, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { textEntries, type PassingGenerator } from './generator.ts'
import type { SshKeySpec } from './schemas/local.ts'

export const sshKeyGenerator: PassingGenerator<SshKeySpec> = {
  async generate(spec) {
    const { comment = '' } = spec
    const { name, isPublic, isPrivate } = await newKey(spec)
    const blob = Buffer.concat([sshString(name), ...isPublic])
    const publicKey = `${name} ${blob.toString('base64')}${comment === '' ? '' : ` ${comment}`}`
    const secret = Buffer.concat([sshString(name), ...isPrivate, sshString(comment)])
    return textEntries({ privateKey: privateKeyFile(blob, secret), publicKey: `${publicKey}\n` })
  },
}

/** The fields of a key in the wire's form, as PROTOCOL.key of OpenSSH and RFC 4253, 5656 and 8709 order them. */
interface SshKey {
  readonly name: string
  readonly isPublic: readonly Buffer[]
  readonly isPrivate: readonly Buffer[]
}

const generate = promisify(generateKeyPair)

async function newKey({ keyType = 'rsa', keySize }: SshKeySpec): Promise<SshKey> {
  switch (keyType) {
    case 'rsa':
      return rsaKey(await generate('rsa', { modulusLength: Math.max(keySize ?? 2048, 1024) }))
    case 'ecdsa':
      return ecdsaKey(keySize ?? 256)
    case 'ed25519':
      return ed25519Key(await generate('ed25519', {}))
  }
}

interface KeyPair {
  readonly privateKey: KeyObject
}

function rsaKey({ privateKey }: KeyPair): SshKey {
  const part = partsOf(privateKey)
  const [e, n] = [sshNumber(part('e')), sshNumber(part('n'))]
  const rest = (['d', 'qi', 'p', 'q'] as const).map((name) => sshNumber(part(name)))
  return { name: 'ssh-rsa', isPublic: [e, n], isPrivate: [n, e, ...rest] }
}

/** Any other size is 256, as in the original. */
async function ecdsaKey(keySize: number): Promise<SshKey> {
  const bits = keySize === 384 || keySize === 521 ? keySize : 256
  const curve = `nistp${bits}`
  const { privateKey } = await generate('ec', { namedCurve: `P-${bits}` })
  const part = partsOf(privateKey)
  const point = Buffer.concat([Buffer.from([4]), part('x'), part('y')])
  const isPublic = [sshString(curve), sshString(point)]
  return { name: `ecdsa-sha2-${curve}`, isPublic, isPrivate: [...isPublic, sshNumber(part('d'))] }
}

function ed25519Key({ privateKey }: KeyPair): SshKey {
  const part = partsOf(privateKey)
  const isPublic = [sshString(part('x'))]
  return { name: 'ssh-ed25519', isPublic, isPrivate: [...isPublic, sshString(Buffer.concat([part('d'), part('x')]))] }
}

function partsOf(key: KeyObject): (name: keyof JsonWebKey & string) => Buffer {
  const jwk = key.export({ format: 'jwk' })
  return (name) => Buffer.from(String(jwk[name]), 'base64url')
}

/** `openssh-key-v1` without a passphrase: the secret part is padded to blocks of eight by 1, 2, 3 and so on. */
function privateKeyFile(publicBlob: Buffer, secret: Buffer): string {
  const check = randomBytes(4)
  const content = Buffer.concat([check, check, secret])
  const padding = Buffer.from(Array.from({ length: (8 - (content.length % 8)) % 8 }, (_, index) => index + 1))
  const file = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    ...['none', 'none', ''].map(sshString),
    uint32(1),
    sshString(publicBlob),
    sshString(Buffer.concat([content, padding])),
  ])
  const lines = file.toString('base64').match(/.{1,70}/g) ?? []
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n')
}

function sshString(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([uint32(bytes.length), bytes])
}

/** Without leading zeros, and with one where the number would look negative. */
function sshNumber(bytes: Buffer): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0)
  const digits = start < 0 ? Buffer.alloc(0) : bytes.subarray(start)
  return sshString((digits[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), digits]) : digits)
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
