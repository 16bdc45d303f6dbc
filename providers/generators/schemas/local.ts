import {
  array,
  boolean,
  integer,
  map,
  object,
  oneOf,
  required,
  string,
  type Infer,
} from '../../../machinery/schema/builder.ts'
import { secretKey } from '../../selectors.ts'

/** Generators that need nothing but this process. */

export const fake = object('Values as they stand here, for trying things out.', {
  controller: string('The class of the controller that is to serve this generator; all when absent.'),
  data: map('Keys and their values.', string('One value.')),
})

export const password = object('Random texts.', {
  length: required(integer('How many characters.', { default: 24 })),
  digits: integer('How many of them are digits; a quarter when absent.'),
  symbols: integer('How many of them are symbols; a quarter when absent.'),
  symbolCharacters: string('The symbols to choose from.'),
  noUpper: required(boolean('Without upper-case letters.', { default: false })),
  allowRepeat: required(boolean('A character may come twice.', { default: false })),
  encoding: oneOf('How the text is written.', ['base64', 'base64url', 'base32', 'hex', 'raw'], { default: 'raw' }),
  secretKeys: array('Keys that get a text each; password when absent.', string('One key.'), { minItems: 1 }),
})

export const sshKey = object('A pair of SSH keys.', {
  keyType: oneOf('The kind of key.', ['rsa', 'ecdsa', 'ed25519'], { default: 'rsa' }),
  keySize: integer('Bits of the key, where its kind has a choice.', { minimum: 256, maximum: 8192 }),
  comment: string('The comment of the keys.'),
})

export const uuid = object('A random UUID, version 4.', {})

export const mfa = object('One-time passwords that follow the time.', {
  secret: required(secretKey('The Secret key that holds the shared key, in base32.')),
  length: integer('How many digits; 6 when absent.'),
  timePeriod: integer('Seconds in which a password stays the same; 30 when absent.'),
  algorithm: string('Not read: the original always takes SHA-1.'),
  when: string('The time to take instead of now.', { format: 'date-time' }),
})

export type FakeGeneratorSpec = Infer<typeof fake>
export type PasswordSpec = Infer<typeof password>
export type SshKeySpec = Infer<typeof sshKey>
export type MfaSpec = Infer<typeof mfa>
