import { type OpenBao, startOpenBao } from '../../../test/support/openbao.ts'
import { type Comparison, figureOf, tableOf } from '../compare/table.ts'
import { bareCreates } from '../first-sync.ts'
import { externalSecretsMissing, startExternalSecrets } from './external-secrets.ts'
import { unitCount, writeUnits } from './fixtures.ts'
import { outage } from './outage.ts'
import { ProviderProxy } from './provider-proxy.ts'
import { startOurs, type Synchronizer } from './synchronizer.ts'
import { type Figure, initialSyncName, works } from './works.ts'

export interface SyncBenchOptions {
  readonly objects: number
  /** Added to every call of the provider. */
  readonly providerDelayMs: number
  /** How long the provider is down; 0 leaves it up. */
  readonly downMs: number
  /** Of the peer; 0 leaves it out. */
  readonly peerObjects: number
  readonly peerFlags: readonly string[]
}

/**
 * The sync of many ExternalSecrets from OpenBao, each one extract of one of 200 secrets: by ours, beside the targets,
 * and then by External Secrets Operator, where it is.
 */
export async function benchSync(options: SyncBenchOptions): Promise<void> {
  const bareMs = await bareCreates(options.objects)
  await using openBao = await startOpenBao()
  await using proxy = await ProviderProxy.start(openBao.url, options.providerDelayMs)
  const provider = { openBao, proxy }
  const ours = withBareCreates(await figuresOf(await startOurs(options.objects), provider, options.downMs), bareMs)
  const peer = await figuresOfPeer(provider, options)
  process.stdout.write(`\n${tableOf(besideEachOther(ours, peer), 'ESO')}\n`)
}

interface Provider {
  readonly openBao: OpenBao
  readonly proxy: ProviderProxy
}

async function figuresOf(started: Synchronizer, provider: Provider, downMs: number): Promise<readonly Figure[]> {
  await using synchronizer = started
  const bench = { synchronizer, ...provider }
  await writeUnits(provider.openBao, unitCount, 'first')
  const figures: Figure[] = []
  for (const work of works) figures.push(...report(synchronizer, await work(bench)))
  if (downMs > 0) figures.push(...report(synchronizer, await outage(bench, downMs)))
  return figures
}

/** One line each as it comes: a run takes a quarter of an hour. */
function report({ name }: Synchronizer, figures: readonly Figure[]): readonly Figure[] {
  for (const { work, value, unit } of figures) process.stdout.write(`${name}: ${work}: ${figureOf(value, unit)}\n`)
  return figures
}

async function figuresOfPeer(
  provider: Provider,
  { peerObjects: objects, peerFlags: flags }: SyncBenchOptions,
): Promise<readonly Figure[]> {
  if (objects === 0) return []
  const missing = externalSecretsMissing()
  if (missing === undefined) {
    return figuresOf(await startExternalSecrets({ objects, flags, proxy: provider.proxy }), provider, 0)
  }
  process.stdout.write(`not beside External Secrets Operator: ${missing}\n`)
  return []
}

function withBareCreates(figures: readonly Figure[], bareMs: number): readonly Figure[] {
  return figures.flatMap((figure) => (figure.work === initialSyncName ? [figure, ...barely(figure, bareMs)] : [figure]))
}

function barely(initialSync: Figure, bareMs: number): readonly Figure[] {
  return [
    { work: 'bare creates of as many Secrets', value: bareMs / 1000, unit: 's' },
    { work: 'initial sync / bare creates', value: (1000 * initialSync.value) / bareMs, unit: 'x', max: 1.5 },
  ]
}

/** Where the peer is there, what ours is to be a part of is measured and not remembered. */
function besideEachOther(ours: readonly Figure[], peers: readonly Figure[]): readonly Comparison[] {
  return ours.map(({ value, timesLess, max, ...row }) => {
    const peer = peers.find(({ work }) => work === row.work)?.value
    const isMeasured = peer !== undefined && timesLess !== undefined
    return { ...row, ours: value, peer, ...(isMeasured ? { timesLess } : max !== undefined && { max }) }
  })
}
