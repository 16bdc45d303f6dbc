import { createCipheriv, createDecipheriv } from 'node:crypto'
import { bytesOf, byteStringOf } from '../../byte-string.ts'
import { FunctionFailure, type FunctionTable, takes } from '../definition.ts'

/** AES-256-CBC; the password's bytes are the key, and the first block of the base64 text is the vector. */
export const aesFunctions: FunctionTable = {
  encryptAES: takes(['string', 'string'], ([password, text], { random }) => {
    if (text === '') return ''
    const vector = random(16)
    const cipher = createCipheriv('aes-256-cbc', keyOf(password), vector)
    return Buffer.concat([vector, cipher.update(bytesOf(text)), cipher.final()]).toString('base64')
  }),
  decryptAES: takes(['string', 'string'], ([password, text]) => {
    if (text === '') return ''
    const bytes = Buffer.from(text, 'base64')
    if (bytes.length < 32 || bytes.length % 16 !== 0)
      throw new FunctionFailure('the text is not what encryptAES writes')
    const decipher = createDecipheriv('aes-256-cbc', keyOf(password), bytes.subarray(0, 16)).setAutoPadding(false)
    const padded = Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()])
    const padding = padded.at(-1) ?? 0
    if (padding > padded.length) throw new FunctionFailure('the padding is wrong')
    return byteStringOf(padded.subarray(0, padded.length - padding))
  }),
}

function keyOf(password: string): Buffer {
  const key = Buffer.alloc(32)
  bytesOf(password).copy(key)
  return key
}
