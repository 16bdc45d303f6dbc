// Verifies a store from its files: npm run check-store -- DIRECTORY [--force-readonly]. Prints what it counted and what
// it found, and exits 1 with findings. A store in use is refused, unless --force-readonly asks for a look at the state
// of this moment: LMDB gives a reader in another process a snapshot, and nothing is written.
import { fileURLToPath } from 'node:url'
import { checkRecords, type StoreReport } from '../storage/embedded/check-records.ts'
import { readStore } from '../storage/embedded/read-store.ts'
import { StorageError } from '../storage/errors.ts'

export function checkStore(directory: string, options: { readonly inUse?: boolean } = {}): Promise<StoreReport> {
  return readStore(directory, { ...options, look: checkRecords })
}

async function main(args: readonly string[]): Promise<number> {
  const inUse = args.includes('--force-readonly')
  const [directory] = args.filter((arg) => !arg.startsWith('--'))
  if (directory === undefined) return say('usage: check-store DIRECTORY [--force-readonly]', 2)
  try {
    const { findings, ...counts } = await checkStore(directory, { inUse })
    for (const finding of findings) say(finding)
    const shown = Object.entries(counts).map(([name, count]) => `${name} ${count}`)
    return say(`${shown.join(', ')}: ${findings.length} findings`, findings.length === 0 ? 0 : 1)
  } catch (error) {
    if (!(error instanceof StorageError)) throw error
    return say(error.message, 1)
  }
}

function say(line: string, code = 0): number {
  process.stdout.write(`${line}\n`)
  return code
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main(process.argv.slice(2))
