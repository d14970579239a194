import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FairwayError } from '../../core/errors.ts';
import { loadDataKey } from '../store/data-key.ts';
import { openAuthority } from './authority.ts';

/** Where each of a hub's keys lies in its data directory, by the name under which it travels. */
const files = {
  'data.key': 'data.key',
  'active.key': 'authority/active.key',
  'active.crt': 'authority/active.crt',
  'standby.key': 'authority/standby.key',
  'standby.crt': 'authority/standby.crt',
} as const;

/** What all replicas of one hub share: its data key and its authority. */
export type HubKeys = Readonly<Record<keyof typeof files, Buffer>>;

/** New keys, for a hub that is still to be started. Nothing of them stays on this machine. */
export async function makeKeys(): Promise<HubKeys> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-keys-'));
  try {
    await loadDataKey(directory);
    await openAuthority(directory);
    return await readKeys(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * The keys of a hub that has run on this data directory; the hub may be running.
 * @throws FairwayError `hub-keys-missing`
 */
export async function readKeys(dataDir: string): Promise<HubKeys> {
  const read = async ([name, path]: [string, string]) => [name, await readFile(join(dataDir, path))] as const;
  try {
    return Object.fromEntries(await Promise.all(Object.entries(files).map(read))) as unknown as HubKeys;
  } catch (cause) {
    throw new FairwayError('hub-keys-missing', `${dataDir} does not hold the keys of a hub.`, {
      field: 'from',
      remedy: 'Name the data directory of a hub that has been started, or leave it out for new keys.',
      cause,
    });
  }
}
