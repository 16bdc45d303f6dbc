/** One line of the table: what was measured, and the most that it may be. */
export interface Measured {
  readonly what: string
  readonly value: number
  readonly unit: string
  readonly max?: number
}

const header = ['what', 'measured', 'to reach', '']

/** As Markdown, in columns that can be read without rendering. Nothing fails here: the reader judges. */
export function syncTable(rows: readonly Measured[]): string {
  const cells = [header, ...rows.map(cellsOf)]
  const widths = header.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)))
  const lines = cells.map((line) => `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`)
  lines.splice(1, 0, `| ${widths.map((width) => '-'.repeat(Math.max(3, width))).join(' | ')} |`)
  return `${lines.join('\n')}\n`
}

function cellsOf({ what, value, unit, max }: Measured): readonly string[] {
  const measured = `${value === 0 || value >= 1000 ? value.toFixed(0) : value.toPrecision(3)} ${unit}`.trim()
  if (max === undefined) return [what, measured, '', '']
  return [what, measured, `${max} ${unit}`.trim(), value <= max ? 'reached' : 'MISSED']
}
