import { type ApiClient, type Json, listOf } from '../../../test/support/api-client.ts'
import { load, type Measured } from '../load.ts'
import { expect } from '../expect.ts'
import { externalSecretManifest, paths } from '../manifests.ts'
import { measuredRow } from '../report.ts'
import type { Contender } from './contender.ts'
import type { Comparison } from './table.ts'

export interface Amounts {
  /** How many ExternalSecrets there are. */
  readonly objects: number
}

/**
 * Requests that are not counted, of everybody alike: connections are opened, and V8 compiles what runs often. One of
 * the first 500 creates costs ours three times as much as one of those behind 4,000.
 */
export const warmUpCount = 4_000
export const clients = 16

/** With as many keys the object is 1.6 kB of JSON as it is read. */
const keyCount = 16

export async function compareCreates(contenders: readonly Contender[], { objects }: Amounts): Promise<Comparison> {
  const title = 'CREATE, durable'
  const warmUps = Math.min(warmUpCount, Math.floor(objects / 2))
  for (const contender of contenders) await createMany(contender, { from: 0, count: warmUps })
  const figures = await inTurns(contenders, { title, count: objects - warmUps }, (contender, from, count) =>
    createMany(contender, { from: warmUps + from, count }),
  )
  return comparisonOf(title, figures, { timesLess: 6, max: 0.5 })
}

/** The same objects, not measured. */
export async function fill(contender: Contender, { objects }: Amounts): Promise<void> {
  await createMany(contender, { from: 0, count: objects })
}

interface Creation {
  readonly from: number
  readonly count: number
}

function createMany(contender: Contender, { from, count }: Creation): Promise<Measured> {
  return load(contender.pids, { count, clients }, async (index) => {
    const body = externalSecretManifest(nameOf(from + index), from + index, keyCount)
    expect((await contender.api.post(paths.externalSecrets, body)).status, 201)
  })
}

export interface VerbWork {
  readonly title: string
  readonly count: number
  readonly timesLess: number
  /** What has to be known before; then one request for each round, to one object after the other. */
  prepare(api: ApiClient, objects: number): Promise<(round: number) => Promise<void>>
}

/** What is done to one object, by the name that --only knows it by. */
export const verbWorks: Readonly<Record<string, VerbWork>> = {
  get: {
    title: 'GET',
    count: 8_000,
    timesLess: 6,
    prepare: async (api, objects) => async (round) => expect((await api.get(pathOf(round % objects))).status, 200),
  },
  status: { title: 'PUT status', count: 4_000, timesLess: 6, prepare: statusUpdates },
  'merge-patch': {
    title: 'PATCH, merge',
    count: 4_000,
    timesLess: 8,
    prepare: async (api, objects) => async (round) => {
      const body = { metadata: { annotations: { 'bench/round': `round ${round}` } } }
      const answer = await api.call('PATCH', pathOf(round % objects), {
        body,
        contentType: 'application/merge-patch+json',
      })
      expect(answer.status, 200)
    },
  },
  apply: {
    title: 'PATCH, server-side apply',
    count: 4_000,
    timesLess: 6,
    // Another manager than the one that created the object, whose fields it shares; its remote keys are others.
    prepare: async (api, objects) => async (round) => {
      const path = `${pathOf(round % objects)}?fieldManager=applier&force=true`
      const body = externalSecretManifest(nameOf(round % objects), round + 1, keyCount)
      expect((await api.call('PATCH', path, { body, contentType: 'application/apply-patch+yaml' })).status, 200)
    },
  },
}

export async function compareVerb(
  contenders: readonly Contender[],
  work: VerbWork,
  { objects }: Amounts,
): Promise<Comparison> {
  const sends = new Map<Contender, (round: number) => Promise<void>>()
  for (const contender of contenders) {
    const send = await work.prepare(contender.api, objects)
    await load(contender.pids, { count: warmUpCount, clients }, send)
    sends.set(contender, send)
  }
  const figures = await inTurns(contenders, work, (contender, from, share) =>
    load(contender.pids, { count: share, clients }, (index) => sends.get(contender)?.(warmUpCount + from + index)),
  )
  return comparisonOf(work.title, figures, { timesLess: work.timesLess })
}

const turnCount = 4

/** Everybody's work in shares, by turns: what else the machine does meets all of them alike. CPU of each request. */
async function inTurns(
  contenders: readonly Contender[],
  { title, count }: { readonly title: string; readonly count: number },
  work: (contender: Contender, from: number, count: number) => Promise<Measured>,
): Promise<ReadonlyMap<string, number>> {
  const share = Math.floor(count / turnCount)
  const figures = new Map<string, number>()
  for (let turn = 0; turn < turnCount; turn += 1) {
    for (const contender of contenders) {
      const isLast = turn === turnCount - 1
      const measured = await work(contender, turn * share, isLast ? count - turn * share : share)
      measuredRow(`${title}, ${contender.name}`, measured)
      figures.set(contender.name, (figures.get(contender.name) ?? 0) + measured.cpuMsEach / turnCount)
    }
  }
  return figures
}

async function statusUpdates(api: ApiClient, count: number): Promise<(round: number) => Promise<void>> {
  const objects = new Map<string, Json>()
  let next = ''
  do {
    const { json } = await api.get(`${paths.externalSecrets}?limit=500&continue=${encodeURIComponent(next)}`)
    for (const object of listOf(json['items'])) objects.set(String(object['metadata']?.['name']), object)
    next = String(json['metadata']?.['continue'] ?? '')
  } while (next !== '')
  return async (round) => {
    const name = nameOf(round % count)
    const condition = { type: 'Ready', status: 'False', reason: 'SecretSyncedError', message: `round ${round}` }
    const body = { ...objects.get(name), status: { conditions: [condition] } }
    const answer = await api.call('PUT', `${paths.externalSecrets}/${name}/status`, { body })
    expect(answer.status, 200)
    objects.set(name, answer.json)
  }
}

function comparisonOf(
  work: string,
  figures: ReadonlyMap<string, number>,
  goal: { readonly timesLess: number; readonly max?: number },
): Comparison {
  const title = `${work}, ${clients} clients`
  const [ours = 0, peer, bare] = ['ours', 'peer', 'bare'].map((name) => figures.get(name))
  return { work: title, unit: 'ms', ours, peer, bare, ...goal }
}

function nameOf(index: number): string {
  return `es-${index}`
}

export function pathOf(index: number): string {
  return `${paths.externalSecrets}/${nameOf(index)}`
}
