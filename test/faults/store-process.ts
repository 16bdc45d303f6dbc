// A process that works on a store until it is killed: node store-process.js <directory> <work>. Its lines go out by
// synchronous writes: what was said before a SIGKILL was said.
import { writeSync } from 'node:fs'
import { once } from 'node:events'
import type { Backend, Key } from '../../storage/backend.ts'
import { embeddedTestOptions } from '../../storage/conformance/embedded-options.ts'
import { runWriters } from '../../storage/conformance/faults.ts'
import { StorageError } from '../../storage/errors.ts'
import { openBackend } from '../../storage/open.ts'

/** Compaction is under way most of the time, so that kills hit it too. */
const restless = { retainMs: 0, retainCount: 500, intervalMs: 20 }

const works: Readonly<Record<string, (backend: Backend) => Promise<void>>> = {
  writers: (backend) => runWriters(backend, say),
  traced: async (backend) => {
    await Promise.all(Array.from({ length: 16 }, (_, index) => askAndAcknowledge(backend, index)))
  },
  fill: async (backend) => {
    for (let index = 0; ; index++) {
      const revision = await backend.create(`/f/fill/${index}` as Key, Buffer.alloc(20_000, 7))
      say(`ack ${index} ${revision}`)
    }
  },
  hold: async () => {
    await once(process.stdin, 'close')
  },
}

async function askAndAcknowledge(backend: Backend, index: number): Promise<void> {
  for (let step = 0; step < 5; step++) {
    say(`ask ${index}-${step}`)
    await backend.create(`/f/traced/${index}-${step}` as Key, Buffer.alloc(3000))
    say(`ack ${index}-${step}`)
  }
}

/** A full pipe is tried again until its reader has caught up. */
function say(line: string): void {
  for (;;) {
    try {
      writeSync(1, `${line}\n`)
      return
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error
    }
  }
}

async function main(directory = '', work = ''): Promise<void> {
  try {
    await play(directory, work)
    say('closed')
  } catch (error) {
    say(`error ${error instanceof StorageError ? error.code : 'unknown'}`)
    process.exitCode = 1
  }
  process.stdin.destroy()
}

/** Closed however the work ends: a backend that is open keeps its process. */
async function play(directory: string, work: string): Promise<void> {
  await using backend = await openBackend({ kind: 'lmdb', directory, ...embeddedTestOptions, ...restless })
  say('open')
  process.stdin.resume()
  await works[work]?.(backend)
}

await main(...process.argv.slice(2))
