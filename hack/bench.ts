import { parseArgs } from 'node:util'
import { compare, works } from './bench/compare/comparison.ts'
import { tableOf } from './bench/compare/table.ts'
import { benchStandalone, standaloneWorks } from './bench/standalone.ts'

/**
 * Speed and memory beside their targets: our server and, where it is here, the real peer, in the same run and by the
 * same clients. `npm run bench [-- --only get,create] [--objects 10000] [--watchers 300]`. The clients share the cores
 * with the servers: CPU is the servers' own, read the ratios rather than the times.
 */
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    objects: { type: 'string', default: '10000' },
    watchers: { type: 'string', default: '300' },
  },
})
const known = [...works, ...standaloneWorks]
const chosen = new Set(values.only?.split(',') ?? known)
for (const name of chosen) if (!known.includes(name)) throw new Error(`--only knows ${known.join(', ')}; not ${name}`)
const options = { chosen, objects: Number(values.objects), watchers: Number(values.watchers) }

if (works.some((name) => chosen.has(name))) process.stdout.write(`\n${tableOf(await compare(options))}\n`)
if (standaloneWorks.some((name) => chosen.has(name))) await benchStandalone(options)
