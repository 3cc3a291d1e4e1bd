/** A metric as a scrape tells of it. */
export interface Metric {
  readonly type: string;
  readonly help: string;
  /** All that its samples have, without `le`. */
  readonly labels: ReadonlySet<string>;
  readonly samples: readonly Sample[];
}

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Reads the text of a scrape (Prometheus, exposition format 0.0.4); what is not of the format throws. */
export function readScrape(text: string): Map<string, Metric> {
  const metrics = new Map<string, { type: string; help: string; labels: Set<string>; samples: Sample[] }>();
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\w+) (.*)$/.exec(line) ?? [];
    if (kind !== undefined) {
      const metric = metrics.get(name) ?? { type: '', help: '', labels: new Set(), samples: [] };
      metrics.set(name, Object.assign(metric, kind === 'TYPE' ? { type: rest } : { help: rest }));
      continue;
    }
    const sample = readSample(line);
    const metric = metrics.get(metricOf(sample.name, metrics));
    if (metric === undefined) throw new Error(`a sample without a metric: ${line}`);
    metric.samples.push(sample);
    for (const label of Object.keys(sample.labels)) if (label !== 'le') metric.labels.add(label);
  }
  return metrics;
}

/** The metric that a name of a sample or of a query belongs to. */
export function metricOf(name: string, metrics: ReadonlyMap<string, unknown>): string {
  return metrics.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '');
}

function readSample(line: string): Sample {
  const [, name = '', labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === '') throw new Error(`not a sample: ${line}`);
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(
    ([, label = '', text = '']) => [label, text] as const,
  );
  return { name, labels: Object.fromEntries(pairs), value: Number(value) };
}

/** The sum of the samples of a name that have these labels. */
export function sumOf(
  metrics: ReadonlyMap<string, Metric>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const samples = metrics.get(metricOf(name, metrics))?.samples ?? [];
  return samples
    .filter((sample) => sample.name === name)
    .filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
    .reduce((sum, { value }) => sum + value, 0);
}
