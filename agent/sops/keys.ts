import { readFile } from 'node:fs/promises';
import { FairwayError, messageOf } from '../../core/errors.ts';
import type { Kube, Resource } from '../kube/port.ts';

/** A text with age keys, and where it stands. */
export interface KeyText {
  readonly text: string;
  readonly from: string;
}

/** Where an agent's age keys are. They are read anew whenever something is to be decrypted, and kept nowhere (A13). */
export interface KeyPlaces {
  /** A file, of an agent outside of its cluster or of one that has it mounted. */
  readonly file: string | null;
  /** The agent's namespace, where the Secret `fairway-sops` may be; null outside of a cluster. */
  readonly namespace: string | null;
}

/** The Secret whose entries, whatever their names, are age keys. */
const secretName = 'fairway-sops';
const secrets: Resource = { group: '', version: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true };

/**
 * Reads the keys that there are.
 * @throws FairwayError `sops-key-missing` where there is none; KubeError where the API server cannot say, for now
 */
export async function readKeys(
  { file, namespace }: KeyPlaces,
  kube: Pick<Kube, 'get'>,
  signal: AbortSignal,
): Promise<readonly KeyText[]> {
  const found = [
    ...(file === null ? [] : [{ text: await readKeyFile(file), from: file }]),
    ...(namespace === null ? [] : await readSecret(kube, namespace, signal)),
  ];
  if (found.length > 0) return found;
  throw new FairwayError('sops-key-missing', 'This agent has no age key.', {
    retry: 'again',
    remedy: remedy(namespace),
  });
}

async function readKeyFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new FairwayError('sops-key-missing', `The age key cannot be read: ${messageOf(cause)}`, {
      field: 'FAIRWAY_SOPS_AGE_KEY_FILE',
      retry: 'again',
      remedy: 'Put the file that `age-keygen` wrote there, readable for the agent.',
      cause,
    });
  }
}

async function readSecret(kube: Pick<Kube, 'get'>, namespace: string, signal: AbortSignal): Promise<KeyText[]> {
  const secret = await kube.get(secrets, { namespace, name: secretName }, { signal });
  const entries = Object.entries((secret?.data as Record<string, string> | undefined) ?? {});
  return entries.map(([entry, value]) => ({
    text: Buffer.from(value, 'base64').toString(),
    from: `${entry} of Secret ${namespace}/${secretName}`,
  }));
}

function remedy(namespace: string | null): string {
  if (namespace === null) return 'Name the file that `age-keygen` wrote: --sops-age-key-file FILE.';
  return `Give it one: \`kubectl -n ${namespace} create secret generic ${secretName} --from-file=age.agekey=FILE\`.`;
}
