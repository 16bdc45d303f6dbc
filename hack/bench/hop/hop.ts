import { startPeer } from '../compare/contender.ts'
import { compareListing } from '../compare/lists.ts'
import type { Comparison } from '../compare/table.ts'
import { type Amounts, compareCreates, compareVerb, pathOf, verbWorks } from '../compare/verbs.ts'
import { expect } from '../expect.ts'
import { load } from '../load.ts'
import { measuredRow } from '../report.ts'
import type { ApiClient } from '../../../test/support/api-client.ts'
import { paths } from '../manifests.ts'
import { startBareBehindAggregator } from './bare-behind-aggregator.ts'
import { startBehindAggregator } from './behind-aggregator.ts'

/** The most that a request through the aggregator may cost, as a part of what a custom resource costs. */
const shares = { get: 0.75, create: 0.4, status: 0.4, apply: 0.35, list: 0.2 }
const hopMsMax = 1

/**
 * What the hop costs: CPU of kube-apiserver, etcd and our server together, beside that of the same objects as custom
 * resources of another kube-apiserver of the same build, and that of a bare Node server in the place of ours; and the
 * time that it adds to a call of our server.
 */
export async function benchHop(options: Amounts): Promise<readonly Comparison[]> {
  await using ours = await startBehindAggregator()
  await using peer = await startPeer()
  if (ours === undefined || peer === undefined) throw new Error('npm run peers builds the control plane where Go is')
  await using bare = await startBareBehindAggregator()
  const contenders = [ours, peer]
  const rows = [within(await compareCreates([...contenders, bare], options), shares.create)]
  await bare.api.post(paths.externalSecrets, (await ours.api.get(pathOf(0))).json)
  for (const name of ['get', 'status', 'apply'] as const) {
    const work = verbWorks[name]
    const those = name === 'get' ? [...contenders, bare] : contenders
    if (work !== undefined) rows.push(within(await compareVerb(those, work, options), shares[name]))
  }
  rows.push(within(await compareListing(contenders), shares.list))
  return [...rows, await addedTime(ours, options)]
}

function within({ work, unit, ours, peer, bare }: Comparison, share: number): Comparison {
  return { work, unit, ours, peer, bare, timesLess: 1 / share }
}

const rounds = 8
const callsOfRound = 500

/** One client, one GET after another, here and there by turns: the median of what the turns differ by. */
async function addedTime(
  { api, direct }: { readonly api: ApiClient; readonly direct: ApiClient },
  { objects }: Amounts,
): Promise<Comparison> {
  const p50Ms = async (title: string, client: ApiClient): Promise<number> => {
    const measured = await load([], { count: callsOfRound, clients: 1 }, async (index) =>
      expect((await client.get(pathOf(index % objects))).status, 200),
    )
    measuredRow(`GET, one client, ${title}`, measured)
    return measured.p50Ms
  }
  await p50Ms('warming up', direct)
  const added: number[] = []
  while (added.length < rounds) {
    const through = await p50Ms('through the aggregator', api)
    added.push(through - (await p50Ms('of our server', direct)))
  }
  const median = added.toSorted((left, right) => left - right)[rounds / 2] ?? Number.NaN
  return { work: 'p50 that the hop adds to a GET', unit: 'ms', ours: median, max: hopMsMax }
}
