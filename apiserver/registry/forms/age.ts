const minute = 60
const hour = 60 * minute
const day = 24 * hour
const year = 365 * day

/** As kubectl writes ages: two units where the first is small, else one (k8s.io/apimachinery HumanDuration). */
export function humanAge(durationMs: number): string {
  const seconds = Math.trunc(durationMs / 1000)
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 2 * minute) return `${seconds}s`
  if (seconds < 10 * minute) return twoUnits(seconds, [minute, 'm'], [1, 's'])
  if (seconds < 3 * hour) return `${Math.floor(seconds / minute)}m`
  if (seconds < 8 * hour) return twoUnits(seconds, [hour, 'h'], [minute, 'm'])
  if (seconds < 2 * day) return `${Math.floor(seconds / hour)}h`
  if (seconds < 8 * day) return twoUnits(seconds, [day, 'd'], [hour, 'h'])
  if (seconds < 2 * year) return `${Math.floor(seconds / day)}d`
  if (seconds < 8 * year) return twoUnits(seconds, [year, 'y'], [day, 'd'])
  return `${Math.floor(seconds / year)}y`
}

type Unit = readonly [seconds: number, name: string]

function twoUnits(seconds: number, [large, largeName]: Unit, [small, smallName]: Unit): string {
  const rest = Math.floor((seconds % large) / small)
  return `${Math.floor(seconds / large)}${largeName}${rest === 0 ? '' : `${rest}${smallName}`}`
}
