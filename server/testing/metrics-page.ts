/** A page of metrics as Prometheus reads it, for tests: each value by the name of its metric and its labels. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export class MetricsPage {
  readonly samples: readonly Sample[]
  /** The type of each metric, by its name. */
  readonly types: ReadonlyMap<string, string>

  /** @throws Error where a line has not the form of the text format */
  constructor(text: string) {
    const lines = text.split('\n').filter((line) => line !== '')
    this.samples = lines.filter((line) => !line.startsWith('#')).map(sampleOf)
    this.types = new Map(
      lines.flatMap((line) => {
        const [, name = '', type = ''] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? []
        return name === '' ? [] : [[name, type] as const]
      }),
    )
  }

  /** Those of a metric that have these labels, and perhaps others. */
  find(name: string, labels: Sample['labels'] = {}): Sample[] {
    return this.samples.filter(
      (each) =>
        each.name === name && Object.entries(labels).every(([label, value]) => each.labels[label] === value),
    )
  }

  /** @throws Error where there is not exactly one */
  value(name: string, labels: Sample['labels'] = {}): number {
    const [sample, ...others] = this.find(name, labels)
    if (!sample || others.length > 0) {
      throw new Error(`${name}${JSON.stringify(labels)} is there ${others.length + (sample ? 1 : 0)} times`)
    }
    return sample.value
  }

  /** The values of a metric by one of its labels. */
  by(name: string, label: string): Record<string, number> {
    return Object.fromEntries(this.find(name).map(({ labels, value }) => [labels[label] ?? '', value]))
  }

  /** Those that never go back while a master runs. */
  get counters(): Sample[] {
    return this.samples.filter(({ name }) => {
      if (this.types.get(name) === 'counter') return true
      return this.types.get(name.replace(/_(bucket|sum|count)$/, '')) === 'histogram'
    })
  }
}

function sampleOf(line: string): Sample {
  const [, name, labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
  if (name === undefined || value === undefined) throw new Error(`Not a sample: ${line}`)
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)]
  return {
    name,
    labels: Object.fromEntries(pairs.map(([, label = '', text = '']) => [label, unescaped(text)])),
    value: value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value),
  }
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_all, character: string) => (character === 'n' ? '\n' : character))
}
