/** What a scrape says, read by the Prometheus text format. */
export interface Exposition {
  /** By name, as `# TYPE` names it. */
  readonly families: ReadonlyMap<string, { readonly type: string; readonly help: string }>;
  readonly samples: readonly Sample[];
}

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** @throws Error naming the line that is none of the format */
export function parseExposition(text: string): Exposition {
  const families = new Map<string, { type: string; help: string }>();
  const samples: Sample[] = [];
  const help = new Map<string, string>();
  for (const line of text.split('\n')) {
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/.exec(line);
    if (comment !== null) {
      const [, word, name = '', rest = ''] = comment;
      if (word === 'HELP') help.set(name, rest);
      else families.set(name, { type: rest, help: help.get(name) ?? '' });
      continue;
    }
    if (line === '') continue;
    const sample = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (sample === null) throw new Error(`no line of the text format: ${line}`);
    const [, name = '', labels = '', value = ''] = sample;
    samples.push({ name, labels: parseLabels(labels), value: Number(value.replace('Inf', 'Infinity')) });
  }
  return { families, samples };
}

function parseLabels(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g)];
  return Object.fromEntries(pairs.map(([, name, value]) => [name, value]));
}

/** The samples of one name, with these labels. */
export function valuesOf({ samples }: Exposition, name: string, labels: Record<string, string> = {}): number[] {
  const matches = (sample: Sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === value);
  return samples.filter((sample) => sample.name === name && matches(sample)).map(({ value }) => value);
}
