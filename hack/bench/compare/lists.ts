import type { ApiClient } from '../../../test/support/api-client.ts'
import { load } from '../load.ts'
import { paths } from '../manifests.ts'
import { measuredRow } from '../report.ts'
import type { Contender } from './contender.ts'
import type { Comparison } from './table.ts'

const listCount = 12

/** Lists of everything, one after another, and how late our event loop is meanwhile. */
export async function compareLists(contenders: readonly Contender[]): Promise<readonly Comparison[]> {
  const ours = contenders.find(({ name }) => name === 'ours')
  if (ours !== undefined) await latenessOf(ours.api)
  let lateness = { p999Ms: 0, maxMs: 0 }
  const lists = await compareListing(contenders, async ({ name, api }) => {
    if (name === 'ours') lateness = await latenessOf(api)
  })
  return [
    { ...lists, timesLess: 10, max: 100 },
    { work: 'event-loop delay p99.9 during it', unit: 'ms', ours: lateness.p999Ms, max: 20 },
    { work: 'event-loop delay, longest', unit: 'ms', ours: lateness.maxMs },
  ]
}

/** The CPU of a list of everything; `listed` is called when a contender has made its lists. */
export async function compareListing(
  contenders: readonly Contender[],
  listed: (contender: Contender) => Promise<void> = async () => undefined,
): Promise<Comparison> {
  const figures = new Map<string, number>()
  let bytes = 0
  for (const contender of contenders) {
    await readAll(contender.api)
    const measured = await load(contender.pids, { count: listCount, clients: 1 }, async () => {
      bytes = await readAll(contender.api)
    })
    await listed(contender)
    measuredRow(`list of ${(bytes / 1e6).toFixed(1)} MB, ${contender.name}`, measured)
    figures.set(contender.name, measured.cpuMsEach)
  }
  const work = `LIST, ${(bytes / 1e6).toFixed(1)} MB`
  return { work, unit: 'ms', ours: figures.get('ours') ?? 0, peer: figures.get('peer') }
}

/** Read and thrown away: what the client makes of it is not the servers' work. Answers its length. */
async function readAll(api: ApiClient): Promise<number> {
  let bytes = 0
  for await (const piece of await api.stream(paths.externalSecrets, new AbortController().signal)) {
    bytes += piece.length
  }
  return bytes
}

/** The server's own figures since the last scrape. */
async function latenessOf(api: ApiClient): Promise<{ p999Ms: number; maxMs: number }> {
  const { text } = await api.get('/metrics')
  const at = (quantile: string): number =>
    1000 *
    Number(new RegExp(`^process_event_loop_delay_seconds\\{quantile="${quantile}"\\} (\\S+)$`, 'm').exec(text)?.[1])
  return { p999Ms: at('0.999'), maxMs: at('1') }
}
