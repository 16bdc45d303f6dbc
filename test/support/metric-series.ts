/** One line of Prometheus' text form. */
export interface MetricSeries {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** The series of one name; of a histogram those of its `_count`. */
export function seriesOf(text: string, name: string): readonly MetricSeries[] {
  const plain = seriesNamed(text, name)
  return plain.length > 0 ? plain : seriesNamed(text, `${name}_count`)
}

/** All series of one name together. */
export function totalOf(text: string, name: string): number {
  return seriesOf(text, name).reduce((sum, { value }) => sum + value, 0)
}

/** The bounds of a histogram's buckets, as they are written. */
export function boundsOf(text: string, name: string): readonly string[] {
  return [...new Set(seriesNamed(text, `${name}_bucket`).map(({ labels }) => labels['le'] ?? ''))]
}

function seriesNamed(text: string, name: string): readonly MetricSeries[] {
  return text.split('\n').flatMap((line) => {
    const [, labels = '', value] =
      /^([{].*[}])? (\S+)$/.exec(line.startsWith(name) ? line.slice(name.length) : '') ?? []
    return value === undefined ? [] : [{ labels: labelsIn(labels), value: Number(value) }]
  })
}

function labelsIn(text: string): Readonly<Record<string, string>> {
  const pairs = [...text.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)].map(([, name = '', value = '']) => [name, value])
  return Object.fromEntries(pairs.toSorted()) as Record<string, string>
}
