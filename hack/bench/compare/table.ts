/** One line of the table: a figure of ours, the peer's where there is one, and what ours has to reach. */
export interface Comparison {
  readonly work: string
  readonly unit: string
  readonly ours: number
  readonly peer?: number | undefined
  /** Of a bare Node server in the same place, where it was measured: the least that ours could need. */
  readonly bare?: number | undefined
  /** How many times less than the peer's ours has to be. */
  readonly timesLess?: number
  /** The most that ours may be. */
  readonly max?: number
  /** It grows with the number of objects, which is not the same on both sides: no ratio says anything. */
  readonly isOfAmount?: boolean
}

/** As Markdown, in columns that can be read without rendering. */
export function tableOf(rows: readonly Comparison[], peer = 'peer'): string {
  const hasBare = rows.some(({ bare }) => bare !== undefined)
  const header = ['work', 'ours', ...(hasBare ? ['bare'] : []), peer, `ours / ${peer}`, 'to reach', '']
  const cells = [header, ...rows.map((each) => cellsOf(each, hasBare))]
  const widths = header.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)))
  const lines = cells.map((line) => `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`)
  lines.splice(1, 0, `| ${widths.map((width) => '-'.repeat(Math.max(3, width))).join(' | ')} |`)
  return `${lines.join('\n')}\n`
}

/** As it stands in a report. */
export function figureOf(value: number, unit: string): string {
  return `${value === 0 || value >= 999.5 ? value.toFixed(0) : value.toPrecision(3)} ${unit}`.trim()
}

function cellsOf(row: Comparison, hasBare: boolean): readonly string[] {
  const { work, unit, ours, bare, peer, timesLess, max } = row
  const goals = [
    ...(timesLess === undefined ? [] : [`1/${Number(timesLess.toPrecision(3))}`]),
    ...(max === undefined ? [] : [`${max} ${unit}`.trim()]),
  ]
  return [
    work,
    figureOf(ours, unit),
    ...(hasBare ? [bare === undefined ? '' : figureOf(bare, unit)] : []),
    peer === undefined ? '' : figureOf(peer, unit),
    peer === undefined || row.isOfAmount || ours === 0 ? '' : `1/${(peer / ours).toFixed(1)}`,
    goals.join(', '),
    verdictOf(row),
  ]
}

/** Nothing fails here: the reader judges. */
function verdictOf({ ours, peer, timesLess, max }: Comparison): string {
  if (timesLess === undefined && max === undefined) return ''
  const isBelow = max === undefined || ours <= max
  if (timesLess === undefined) return isBelow ? 'reached' : 'MISSED'
  if (peer === undefined) return isBelow ? 'no peer' : 'MISSED'
  return isBelow && ours * timesLess <= peer ? 'reached' : 'MISSED'
}
