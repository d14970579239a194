import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join, resolve } from 'node:path';

/** One row of a benchmark. A goal that is not met is said, not hidden. */
export interface Figure {
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  /** Null: shown to be read beside the others. */
  readonly goal: { readonly atMost: number } | { readonly atLeast: number } | null;
}

/** Prints the table and writes `results/NAME.json`. @returns whether every goal is met */
export function report(name: string, figures: readonly Figure[]): boolean {
  const rows = figures.map((figure) => ({ ...figure, met: isMet(figure) }));
  const width = Math.max(...rows.map(({ figure }) => figure.length));
  process.stdout.write(`\n${name}\n`);
  for (const { figure, value, unit, goal, met } of rows) {
    const wanted =
      goal === null
        ? ''
        : `  goal ${'atMost' in goal ? `≤ ${goal.atMost}` : `≥ ${goal.atLeast}`}  ${met ? 'met' : 'MISSED'}`;
    process.stdout.write(`  ${figure.padEnd(width)}  ${format(value).padStart(9)} ${unit.padEnd(4)}${wanted}\n`);
  }
  const folder = resolve(import.meta.dirname, 'results');
  mkdirSync(folder, { recursive: true });
  const document = { name, at: new Date().toISOString(), commit: commit(), machine: machine(), figures: rows };
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(document, null, 2)}\n`);
  return rows.every(({ met }) => met !== false);
}

/** The value below which a share of the samples lies. @param share from 0 to 1 */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

function isMet({ value, goal }: Figure): boolean | null {
  if (goal === null) return null;
  return 'atMost' in goal ? value <= goal.atMost : value >= goal.atLeast;
}

function format(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(value < 10 ? 2 : 1);
}

function commit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).trim();
  return `${git('rev-parse', '--short=12', 'HEAD')}${git('status', '--porcelain') === '' ? '' : ' and changes'}`;
}

function machine() {
  const [cpu] = cpus();
  return {
    cores: cpus().length,
    cpu: cpu?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
}
