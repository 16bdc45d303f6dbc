/** Numbers about the process in Prometheus' text form. Label values are names and codes, never data. */
export class Metrics {
  readonly #families: Family[] = []

  counter(name: string, help: string): Counter {
    const family = this.#add({ name, help, type: 'counter', series: new Series() })
    return {
      add: (labels, amount = 1) => (family.series.of(labels).value += amount),
      remove: (labels) => family.series.remove(labels),
      of: (labels) => {
        const sample = family.series.of(labels)
        return { add: (amount = 1) => (sample.value += amount) }
      },
    }
  }

  gauge(name: string, help: string): Gauge {
    const family = this.#add({ name, help, type: 'gauge', series: new Series() })
    return {
      set: (labels, value) => (family.series.of(labels).value = value),
      add: (labels, amount) => (family.series.of(labels).value += amount),
      remove: (labels) => family.series.remove(labels),
    }
  }

  histogram(name: string, help: string, bounds: readonly number[]): Histogram {
    const family = this.#add({ name, help, type: 'histogram', series: new Series(bounds.length), bounds })
    return {
      observe: (labels, value) => observe(family.series.of(labels), bounds, value),
      of: (labels) => {
        const sample = family.series.of(labels)
        return { observe: (value) => observe(sample, bounds, value), add: (tally) => addTally(sample, tally) }
      },
      tally: (values) => {
        const tally = { value: 0, count: 0, buckets: zeros(bounds.length) }
        for (const value of values) observe(tally, bounds, value)
        return tally
      },
    }
  }

  /** Runs before each rendering, for gauges that are read off something. */
  onRender(read: () => void): void {
    this.#reads.push(read)
  }
  readonly #reads: (() => void)[] = []

  render(): string {
    return this.renderBytes().toString()
  }

  /** Family by family: as one text, all of it would be on the heap more than once. */
  renderBytes(): Buffer {
    for (const read of this.#reads) read()
    return Buffer.concat(this.#families.map((family) => Buffer.from(renderFamily(family))))
  }

  #add(family: Family): Family {
    this.#families.push(family)
    return family
  }
}

export type Labels = Readonly<Record<string, string>>

/** Labels as they are rendered: for what is counted in several families, since to write them costs more than that. */
export type LabelText = string & { readonly brand: 'LabelText' }

export interface Counter {
  add(labels: Labels | LabelText, amount?: number): void
  /** One series of it, for hot paths: labels cost more than counting. */
  of(labels: Labels): { add(amount?: number): void }
  /** What it was about is gone. */
  remove(labels: Labels | LabelText): void
}

export interface Gauge {
  set(labels: Labels | LabelText, value: number): void
  add(labels: Labels | LabelText, amount: number): void
  remove(labels: Labels | LabelText): void
}

export interface Histogram {
  observe(labels: Labels, value: number): void
  of(labels: Labels): { observe(value: number): void; add(tally: Tally): void }
  /** What is observed together, more than once. */
  tally(values: readonly number[]): Tally
}

/** Values as a histogram counts them: their sum, how many there are, and in which buckets. */
export interface Tally {
  readonly value: number
  readonly count: number
  readonly buckets: readonly number[]
}

interface Family {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly series: Series
  readonly bounds?: readonly number[]
}

interface Sums {
  value: number
  count: number
  readonly buckets: number[]
}

interface Sample extends Sums {
  readonly labels: string
}

/** Whoever can choose a label's value must not be able to fill the memory: what comes later shares one series. */
const seriesCountMax = 2000

class Series {
  readonly samples = new Map<string, Sample>()
  readonly #bucketCount: number

  constructor(bucketCount = 0) {
    this.#bucketCount = bucketCount
  }

  of(labels: Labels | LabelText): Sample {
    const text = typeof labels === 'string' ? labels : labelText(labels)
    const known = this.samples.get(text)
    if (known !== undefined) return known
    const key = this.samples.size < seriesCountMax ? text : labelText({ overflow: 'true' })
    const sample = this.samples.get(key) ?? { labels: key, value: 0, count: 0, buckets: zeros(this.#bucketCount) }
    this.samples.set(key, sample)
    return sample
  }

  remove(labels: Labels | LabelText): void {
    this.samples.delete(typeof labels === 'string' ? labels : labelText(labels))
  }
}

function zeros(count: number): number[] {
  return new Array<number>(count).fill(0)
}

function observe(sums: Sums, bounds: readonly number[], value: number): void {
  sums.value += value
  sums.count += 1
  let bucket = 0
  while (bucket < bounds.length && !(value <= (bounds[bucket] ?? 0))) bucket++
  if (bucket < bounds.length) sums.buckets[bucket] = (sums.buckets[bucket] ?? 0) + 1
}

function addTally(sums: Sums, { value, count, buckets }: Tally): void {
  sums.value += value
  sums.count += count
  for (let bucket = 0; bucket < buckets.length; bucket++) {
    sums.buckets[bucket] = (sums.buckets[bucket] ?? 0) + (buckets[bucket] ?? 0)
  }
}

export function labelText(labels: Labels): LabelText {
  let text = ''
  for (const name in labels) text += `${text === '' ? '' : ','}${name}="${escaped(labels[name] ?? '')}"`
  return text as LabelText
}

const special = /[\\"\n]/

function escaped(value: string): string {
  return special.test(value) ? value.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n') : value
}

function renderFamily({ name, help, type, series, bounds }: Family): string {
  const texts = bounds?.map(boundText)
  const lines = [...series.samples.values()].flatMap((sample) =>
    texts === undefined ? [`${name}${braced(sample.labels)} ${sample.value}`] : histogramLines(name, texts, sample),
  )
  return `${[`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines].join('\n')}\n`
}

/** As Go writes numbers: whoever sums over servers compares bounds as texts. */
function boundText(bound: number): string {
  const isPlain = bound === 0 || (bound >= 1e-4 && bound < 1e6)
  return isPlain ? String(bound) : bound.toExponential().replace(/(?<=e[+-])(?=\d$)/, '0')
}

function histogramLines(name: string, bounds: readonly string[], sample: Sample): string[] {
  const prefix = sample.labels === '' ? '' : `${sample.labels},`
  let count = 0
  const buckets = bounds.map((bound, index) => {
    count += sample.buckets[index] ?? 0
    return `${name}_bucket{${prefix}le="${bound}"} ${count}`
  })
  const labels = braced(sample.labels)
  return [
    ...buckets,
    `${name}_bucket{${prefix}le="+Inf"} ${sample.count}`,
    `${name}_sum${labels} ${sample.value}`,
    `${name}_count${labels} ${sample.count}`,
  ]
}

function braced(labels: string): string {
  return labels === '' ? '' : `{${labels}}`
}
