import { usageOf } from '../process-usage.ts'
import { row } from '../report.ts'
import type { Contender, Restartable } from './contender.ts'
import type { Comparison } from './table.ts'
import type { Amounts } from './verbs.ts'

/** Before anything but creation has happened to the objects. */
export function compareMemory(contenders: readonly Contender[], { objects }: Amounts): readonly Comparison[] {
  const figures = new Map(contenders.map(({ name, pids }) => [name, usageOf(pids)]))
  const [ours, peer] = [figures.get('ours'), figures.get('peer')]
  const work = `after ${objects} creates`
  return [
    { work: `RssAnon ${work}`, unit: 'MiB', ours: ours?.rssAnonMiB ?? 0, peer: peer?.rssAnonMiB, max: 200 },
    { work: `RssFile ${work}`, unit: 'MiB', ours: ours?.rssFileMiB ?? 0, peer: peer?.rssFileMiB },
  ]
}

/** From the start of the first process to the first answer to a list: the time, and the CPU that it took. */
export async function compareStarts(
  contenders: readonly Restartable[],
  { objects }: Amounts,
): Promise<readonly Comparison[]> {
  const figures = new Map<string, { readonly wallMs: number; readonly cpuMs: number }>()
  for (const contender of contenders) {
    const wallMs = await contender.restart()
    const { cpuMs } = usageOf(contender.pids)
    row(`start, ${contender.name}`, { wall: `${wallMs.toFixed(0)} ms`, cpu: `${cpuMs.toFixed(0)} ms` })
    figures.set(contender.name, { wallMs, cpuMs })
  }
  const [ours, peer] = [figures.get('ours'), figures.get('peer')]
  const work = `start to ready, ${objects} objects`
  return [
    { work, unit: 'ms', ours: ours?.wallMs ?? 0, peer: peer?.wallMs, timesLess: 2, max: 1000 },
    { work: 'CPU of it', unit: 'ms', ours: ours?.cpuMs ?? 0, peer: peer?.cpuMs },
  ]
}
