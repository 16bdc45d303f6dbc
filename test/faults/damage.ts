import { randomBytes, randomInt } from 'node:crypto'
import { closeSync, openSync, readSync, rmSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const pageBytes = 8192

/** Kinds of harm to a store's directory, and the code that opening it must reject with. */
export const damages: Readonly<Record<string, { readonly harm: (directory: string) => void; readonly code: string }>> =
  {
    'an empty data file': { harm: (directory) => truncateSync(dataPath(directory), 0), code: 'corrupt' },
    'a missing data file': { harm: (directory) => rmSync(dataPath(directory)), code: 'corrupt' },
    'half a data file': {
      harm: (directory) => truncateSync(dataPath(directory), sizeOf(directory) / 2),
      code: 'corrupt',
    },
    'text instead of data': {
      harm: (directory) => writeFileSync(dataPath(directory), 'x'.repeat(100_000)),
      code: 'corrupt',
    },
    'two bytes of data': { harm: (directory) => truncateSync(dataPath(directory), 2), code: 'corrupt' },
    'a format to come': { harm: (directory) => writeFileSync(join(directory, 'format'), '999\n'), code: 'format' },
    'no format': { harm: (directory) => rmSync(join(directory, 'format')), code: 'format' },
  }

/** Does something to the file at a random place; answers what, for the test's message. */
export function damage(path: string, kind: number): string {
  const size = statSync(path).size
  const at = randomInt(size)
  const page = at - (at % pageBytes)
  const descriptor = openSync(path, 'r+')
  try {
    switch (kind % 4) {
      case 0: {
        const byte = Buffer.alloc(1)
        readSync(descriptor, byte, 0, 1, at)
        writeSync(descriptor, Buffer.from([byte.readUInt8() ^ (1 << randomInt(8))]), 0, 1, at)
        return `a flipped bit at ${at}`
      }
      case 1:
        writeSync(descriptor, randomBytes(64), 0, 64, at)
        return `64 random bytes at ${at}`
      case 2: {
        const copied = Buffer.alloc(pageBytes)
        const from = randomInt(size / pageBytes) * pageBytes
        readSync(descriptor, copied, 0, pageBytes, from)
        writeSync(descriptor, copied, 0, pageBytes, page)
        return `the page at ${from} written over the one at ${page}`
      }
      default:
        truncateSync(path, at)
        return `truncated to ${at}`
    }
  } finally {
    closeSync(descriptor)
  }
}

function dataPath(directory: string): string {
  return join(directory, 'data.mdb')
}

function sizeOf(directory: string): number {
  return statSync(dataPath(directory)).size
}
