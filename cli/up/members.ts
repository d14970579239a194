import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { parse } from 'yaml';
import { FairwayError, messageOf } from '../../core/errors.ts';
import type { Labels } from '../../core/selector.ts';

/** A cluster of the fleet that `fairway up` runs. */
export interface Member {
  readonly name: string;
  readonly labels: Labels;
  /** Of a cluster that is there already; null: a sandbox is started for it. */
  readonly kubeconfig: string | null;
}

/** One whose cluster is there. */
export interface RunningMember extends Member {
  readonly kubeconfig: string;
}

/**
 * The clusters that kubeconfigs lead to, each named after its current context.
 * @throws FairwayError `kubeconfig-invalid`, naming the file
 */
export async function realMembers(kubeconfigs: readonly string[]): Promise<readonly Member[]> {
  const members: Member[] = [];
  for (const file of kubeconfigs) {
    const context = nameOf(await currentContext(file), file);
    let name = context;
    for (let twin = 2; members.some((member) => member.name === name); twin++) name = `${context}-${twin}`;
    members.push({ name, labels: { env: 'dev' }, kubeconfig: resolve(file) });
  }
  return members;
}

async function currentContext(file: string): Promise<string> {
  let config: unknown;
  try {
    config = parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw invalid(file, messageOf(error), error);
  }
  const context = (config as { readonly 'current-context'?: unknown } | null)?.['current-context'];
  if (typeof context !== 'string' || context === '') throw invalid(file, 'it has no current-context');
  return context;
}

/** `kind-one` of `kind-one`; `admin-eu-1` of `admin@eu_1`: what a cluster may be called. */
function nameOf(context: string, file: string): string {
  const tame = (text: string) =>
    text
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .slice(0, 50)
      .replace(/^-+|-+$/g, '');
  return tame(context) || tame(basename(file)) || 'cluster';
}

function invalid(file: string, why: string, cause?: unknown): FairwayError {
  return new FairwayError('kubeconfig-invalid', `${file}: ${why}`, {
    field: '--kubeconfig',
    remedy: 'give a kubeconfig that `kubectl --kubeconfig FILE get nodes` works with',
    cause,
  });
}
