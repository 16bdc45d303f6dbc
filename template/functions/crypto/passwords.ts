import { createHash, createHmac, scryptSync } from 'node:crypto'
import { bytesOf } from '../../byte-string.ts'
import { type CallContext, type FunctionTable, heavyCost, takes } from '../definition.ts'
import { bcryptHash, passwordBytesMax } from './bcrypt.ts'

export const passwordFunctions: FunctionTable = {
  bcrypt: takes(['string'], ([password], context) => bcrypt(password, context), heavyCost),
  htpasswd: takes(
    ['string', 'string', 'constant'],
    ([user, password, algorithm], context) => {
      // What is wrong is the value, as in the original; the name itself is not said.
      if (user.includes(':')) return `invalid username: ${user}`
      if (algorithm !== 'sha') return `${user}:${bcrypt(password, context)}`
      return `${user}:{SHA}${createHash('sha1').update(bytesOf(password)).digest('base64')}`
    },
    heavyCost,
  ),
  derivePassword: takes(
    ['uint32', 'string', 'string', 'string', 'string'],
    ([counter, type, password, user, site]) => derived({ counter, type, password, user, site }),
    heavyCost,
  ),
}

const bcryptCost = 10

function bcrypt(password: string, { random }: CallContext): string {
  if (password.length > passwordBytesMax) {
    return 'failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes'
  }
  return bcryptHash(bytesOf(password), random(16), bcryptCost)
}

interface Derivation {
  readonly counter: number
  readonly type: string
  readonly password: string
  readonly user: string
  readonly site: string
}

const scope = 'com.lyndir.masterpassword'

/** Patterns of the Master Password algorithm: a letter stands for a set of characters. */
const patterns: Readonly<Record<string, string>> = {
  maximum: 'anoxxxxxxxxxxxxxxxxx axxxxxxxxxxxxxxxxxno',
  long:
    'CvcvnoCvcvCvcv CvcvCvcvnoCvcv CvcvCvcvCvcvno CvccnoCvcvCvcv CvccCvcvnoCvcv CvccCvcvCvcvno CvcvnoCvccCvcv ' +
    'CvcvCvccnoCvcv CvcvCvccCvcvno CvcvnoCvcvCvcc CvcvCvcvnoCvcc CvcvCvcvCvccno CvccnoCvccCvcv CvccCvccnoCvcv ' +
    'CvccCvccCvcvno CvcvnoCvccCvcc CvcvCvccnoCvcc CvcvCvccCvccno CvccnoCvcvCvcc CvccCvcvnoCvcc CvccCvcvCvccno',
  medium: 'CvcnoCvc CvcCvcno',
  short: 'Cvcn',
  basic: 'aaanaaan aannaaan aaannaaa',
  pin: 'nnnn',
}
const consonants = 'bcdfghjklmnpqrstvwxyz'
const anyLetter = `AEIOUaeiou${consonants.toUpperCase()}${consonants}`
const sets: Readonly<Record<string, string>> = {
  V: 'AEIOU',
  C: consonants.toUpperCase(),
  v: 'aeiou',
  c: consonants,
  A: `AEIOU${consonants.toUpperCase()}`,
  a: anyLetter,
  n: '0123456789',
  o: "@&%?,=[]_:-+*$#!'^~;()/.",
  x: `${anyLetter}0123456789!@#$%^&*()`,
}

function derived({ counter, type, password, user, site }: Derivation): string {
  const choices = Object.hasOwn(patterns, type) ? (patterns[type] ?? '').split(' ') : undefined
  if (!choices) return `cannot find password template ${type}`
  const salt = Buffer.concat([Buffer.from(scope), lengthOf(user), bytesOf(user)])
  const key = scryptSync(bytesOf(password), salt, 64, { N: 32_768, r: 8, p: 2, maxmem: 64 << 20 })
  const message = Buffer.concat([Buffer.from(scope), lengthOf(site), bytesOf(site), numberBytes(counter)])
  const seed = createHmac('sha256', key).update(message).digest()
  const pattern = choices[(seed[0] ?? 0) % choices.length] ?? ''
  return [...pattern]
    .map((letter, index) => {
      const set = sets[letter] ?? ''
      return set[(seed[index + 1] ?? 0) % set.length] ?? ''
    })
    .join('')
}

function lengthOf(text: string): Buffer {
  return numberBytes(text.length)
}

function numberBytes(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
