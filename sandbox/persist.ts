import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Keys } from './http/keys.ts';
import type { Snapshot, Store } from './store.ts';

/** Changes are written together after so long. Milliseconds. */
const delay = 100;

/** What a sandbox keeps in its directory. */
export interface Kept {
  readonly keys: Keys;
  readonly port: number;
}

/** Reads a file of the directory; null where it is not there. */
function readJson<T>(directory: string, name: string): T | null {
  try {
    return JSON.parse(readFileSync(join(directory, name), 'utf8')) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Writes a file of the directory whole or not at all. */
function writeText(directory: string, name: string, text: string): string {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, name);
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return path;
}

export const readSnapshot = (directory: string): Snapshot | null => readJson(directory, 'objects.json');
export const readKept = (directory: string): Kept | null => readJson(directory, 'sandbox.json');
export const writeKept = (directory: string, kept: Kept): string =>
  writeText(directory, 'sandbox.json', JSON.stringify(kept));
export const writeKubeconfig = (directory: string, text: string): string => writeText(directory, 'kubeconfig', text);

/**
 * Writes the store into the directory whenever it has changed.
 * @returns what writes the last change and ends it
 */
export function keepSnapshot(store: Store, directory: string): () => void {
  let timer: NodeJS.Timeout | null = null;
  const write = () => {
    timer = null;
    writeText(directory, 'objects.json', JSON.stringify(store.snapshot()));
  };
  write();
  const end = store.onChange(() => {
    timer ??= setTimeout(write, delay);
  });
  return () => {
    end();
    if (timer === null) return;
    clearTimeout(timer);
    write();
  };
}
