import { createHash } from 'node:crypto'
import { bytesOf } from '../../byte-string.ts'
import { type FunctionTable, takes } from '../definition.ts'

export const hashFunctions: FunctionTable = {
  sha1sum: hash('sha1'),
  sha256sum: hash('sha256'),
  sha512sum: hash('sha512'),
  adler32sum: takes(['string'], ([text]) => `${adler32(text)}`),
}

function hash(algorithm: string): FunctionTable[string] {
  return takes(['string'], ([text]) => createHash(algorithm).update(bytesOf(text)).digest('hex'))
}

function adler32(text: string): number {
  let low = 1
  let high = 0
  for (let index = 0; index < text.length; index += 1) {
    low = (low + text.charCodeAt(index)) % 65_521
    high = (high + low) % 65_521
  }
  return high * 65_536 + low
}
