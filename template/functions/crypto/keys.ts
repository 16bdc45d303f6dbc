import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { childrenOf, derValues } from '../../der/reader.ts'
import { integer, sequence } from '../../der/writer.ts'
import { pemText } from '../certificates/pem.ts'
import { type FunctionTable, heavyCost, takes } from '../definition.ts'

/** New keys come from the process's own randomness, which nobody can replay. */
export const keyFunctions: FunctionTable = {
  genPrivateKey: takes(['string'], ([type]) => newKeyText(type), 4 * heavyCost),
}

function newKeyText(type: string): string {
  switch (type) {
    case '':
    case 'rsa':
      return keyText(generateKeyPairSync('rsa', { modulusLength: 4096 }).privateKey, 'pkcs1')
    case 'ecdsa':
      return keyText(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, 'sec1')
    case 'ed25519':
      return keyText(generateKeyPairSync('ed25519').privateKey, 'pkcs8')
    case 'dsa':
      return dsaText(generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 }))
    default:
      return `Unknown type ${type}`
  }
}

function keyText(key: KeyObject, type: 'pkcs1' | 'sec1' | 'pkcs8'): string {
  return key.export({ type, format: 'pem' }).toString()
}

/** The traditional form: version, p, q, g, y, x. */
function dsaText({ publicKey, privateKey }: { publicKey: KeyObject; privateKey: KeyObject }): string {
  const [algorithm, secretBits] = childrenOf(derValues(privateKey.export({ type: 'pkcs8', format: 'der' }))?.[0]).slice(
    1,
  )
  const [p, q, g] = childrenOf(childrenOf(algorithm)[1]).map(({ whole }) => whole)
  const publicBits = childrenOf(derValues(publicKey.export({ type: 'spki', format: 'der' }))?.[0])[1]
  const y = publicBits?.content.subarray(1) ?? Buffer.alloc(0)
  const parts = [p, q, g, y, secretBits?.content].map((part) => part ?? Buffer.alloc(0))
  return pemText({ type: 'DSA PRIVATE KEY', bytes: sequence(integer(0), ...parts) })
}
