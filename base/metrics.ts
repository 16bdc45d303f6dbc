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
      remove: (labels) => family.series.remove(labels),
    }
  }

  histogram(name: string, help: string, bounds: readonly number[]): Histogram {
    const family = this.#add({ name, help, type: 'histogram', series: new Series(bounds.length), bounds })
    return {
      observe: (labels, value) => observe(family.series.of(labels), bounds, value),
      of: (labels) => {
        const sample = family.series.of(labels)
        return { observe: (value) => observe(sample, bounds, value) }
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
  remove(labels: Labels | LabelText): void
}

export interface Histogram {
  observe(labels: Labels, value: number): void
  of(labels: Labels): { observe(value: number): void }
}

interface Family {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly series: Series
  readonly bounds?: readonly number[]
}

interface Sample {
  readonly labels: string
  value: number
  count: number
  readonly buckets: number[]
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
    const sample = this.samples.get(key) ?? { labels: key, value: 0, count: 0, buckets: this.#newBuckets() }
    this.samples.set(key, sample)
    return sample
  }

  remove(labels: Labels | LabelText): void {
    this.samples.delete(typeof labels === 'string' ? labels : labelText(labels))
  }

  #newBuckets(): number[] {
    return new Array<number>(this.#bucketCount).fill(0)
  }
}

function observe(sample: Sample, bounds: readonly number[], value: number): void {
  sample.value += value
  sample.count += 1
  let bucket = 0
  while (bucket < bounds.length && !(value <= (bounds[bucket] ?? 0))) bucket++
  if (bucket < bounds.length) sample.buckets[bucket] = (sample.buckets[bucket] ?? 0) + 1
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
  const lines = [...series.samples.values()].flatMap((sample) =>
    bounds === undefined ? [`${name}${braced(sample.labels)} ${sample.value}`] : histogramLines(name, bounds, sample),
  )
  return `${[`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines].join('\n')}\n`
}

function histogramLines(name: string, bounds: readonly number[], sample: Sample): string[] {
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
