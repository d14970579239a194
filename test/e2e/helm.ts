import { execFile, spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '../../core/objects/object.ts';

const charts = resolve(import.meta.dirname, '../../deploy/helm');

/** Why no chart can be rendered here; null where `helm` is on the PATH. */
export function helmMissing(): string | null {
  const { error } = spawnSync('helm', ['version', '--short'], { stdio: 'ignore' });
  return error === undefined ? null : 'there is no helm on the PATH (.ci/tools builds the one that CI takes)';
}

export interface HelmResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `helm ARGS` in the folder of the charts; `stdin` is what `-f -` reads. */
export function helm(args: readonly string[], stdin = ''): Promise<HelmResult> {
  return new Promise((done) => {
    const child = execFile('helm', args, { cwd: charts, maxBuffer: 16 << 20 }, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    );
    child.stdin?.end(stdin);
  });
}

/** The objects of a chart with these values. @throws Error with Helm's words */
export async function renderChart(chart: string, values: object, ...args: string[]): Promise<readonly Rendered[]> {
  const result = await helm(
    ['template', 'test', chart, '-n', 'fairway-system', '-f', '-', ...args],
    JSON.stringify(values),
  );
  if (result.code !== 0) throw new Error(result.stderr);
  return parseAllDocuments(result.stdout)
    .map((document) => document.toJS() as Rendered | null)
    .filter((object) => object !== null);
}

/** An object of Kubernetes as far as tests look into it. */
export type Rendered = KubeObject & {
  // biome-ignore lint/suspicious/noExplicitAny: the tests look into many kinds
  readonly [field: string]: any;
};
