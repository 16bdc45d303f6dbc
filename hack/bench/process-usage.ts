import { readFileSync } from 'node:fs'

/** What processes have used so far, all together, as the kernel counts it (proc(5)). */
export interface Usage {
  readonly cpuMs: number
  readonly rssAnonMiB: number
  /** Mapped files: the store's own file counts here and is given back under pressure. */
  readonly rssFileMiB: number
}

const ticksPerSecond = 100

export function usageOf(pids: readonly number[]): Usage {
  const usages = pids.map(usageOfOne)
  const sum = (figure: keyof Usage): number => usages.reduce((total, usage) => total + usage[figure], 0)
  return { cpuMs: sum('cpuMs'), rssAnonMiB: sum('rssAnonMiB'), rssFileMiB: sum('rssFileMiB') }
}

function usageOfOne(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = Number(fields[11]) + Number(fields[12])
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const mebibytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) / 1024
  return { cpuMs: (ticks * 1000) / ticksPerSecond, rssAnonMiB: mebibytes('RssAnon'), rssFileMiB: mebibytes('RssFile') }
}
