import { parseArgs } from 'node:util'
import { compare, works } from './bench/compare/comparison.ts'
import { tableOf } from './bench/compare/table.ts'
import { benchHop } from './bench/hop/hop.ts'
import { benchSync } from './bench/sync/sync.ts'
import { benchStandalone, standaloneWorks } from './bench/standalone.ts'

/**
 * Speed and memory beside their targets: our server and, where it is here, the real peer, in the same run and by the
 * same clients. `npm run bench [-- --only get,create] [--objects 10000] [--watchers 300]`, and for `--only sync` also
 * `--provider-delay MS` (of each call), `--down SECONDS` (an outage at the end), and, of External Secrets Operator,
 * `--peer-objects N` and `--peer-flags='--concurrent=10 --client-qps=500'`. `--through-aggregator` measures nothing but
 * what it costs to be reached through a kube-apiserver. The clients share the cores with the servers: CPU is the
 * servers' own, read the ratios rather than the times.
 */
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    objects: { type: 'string', default: '10000' },
    watchers: { type: 'string', default: '300' },
    'provider-delay': { type: 'string', default: '0' },
    down: { type: 'string', default: '60' },
    'peer-objects': { type: 'string', default: '1000' },
    'peer-flags': { type: 'string', default: '' },
    'through-aggregator': { type: 'boolean', default: false },
  },
})
const known = [...works, ...standaloneWorks, 'sync']
const isHop = values['through-aggregator']
const chosen = new Set(isHop ? [] : (values.only?.split(',') ?? known))
for (const name of chosen) if (!known.includes(name)) throw new Error(`--only knows ${known.join(', ')}; not ${name}`)
const options = { chosen, objects: Number(values.objects), watchers: Number(values.watchers) }

if (isHop) process.stdout.write(`\n${tableOf(await benchHop(options))}\n`)
if (works.some((name) => chosen.has(name))) process.stdout.write(`\n${tableOf(await compare(options))}\n`)
if (standaloneWorks.some((name) => chosen.has(name))) await benchStandalone(options)
if (chosen.has('sync')) {
  await benchSync({
    objects: options.objects,
    providerDelayMs: Number(values['provider-delay']),
    downMs: 1000 * Number(values.down),
    peerObjects: Number(values['peer-objects']),
    peerFlags: values['peer-flags'].split(' ').filter((flag) => flag !== ''),
  })
}
