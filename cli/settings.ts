import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { FairwayError, messageOf } from '../core/errors.ts';

/** What `login` remembers: hubs by their URL, and which of them is used where nobody says. */
export interface Settings {
  readonly current: string | null;
  /** Tokens by URL. */
  readonly hubs: Readonly<Record<string, string>>;
  /** A fleet that `fairway up` runs on this machine: it is asked first for as long as its process is there. */
  readonly up?: { readonly url: string; readonly tokenFile: string; readonly pid: number };
}

/** `$XDG_CONFIG_HOME/fairway/config.json`, or `~/.config/fairway/config.json`. */
export function settingsFile(environment: NodeJS.ProcessEnv): string {
  const home = environment.XDG_CONFIG_HOME || join(environment.HOME || homedir(), '.config');
  return join(home, 'fairway', 'config.json');
}

/** @throws FairwayError `settings-invalid` */
export async function readSettings(environment: NodeJS.ProcessEnv): Promise<Settings> {
  const file = settingsFile(environment);
  try {
    const { current = null, hubs = {}, up } = JSON.parse(await readFile(file, 'utf8')) as Partial<Settings>;
    return { current, hubs, ...(up === undefined || !isRunning(up.pid) ? {} : { up }) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { current: null, hubs: {} };
    throw new FairwayError('settings-invalid', `${file} cannot be read: ${messageOf(error)}`, {
      remedy: 'correct it, or remove it and log in again',
    });
  }
}

/** Readable by its owner alone: it holds tokens. */
export async function writeSettings(environment: NodeJS.ProcessEnv, settings: Settings): Promise<void> {
  const file = settingsFile(environment);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600 });
  await rename(temporary, file);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
