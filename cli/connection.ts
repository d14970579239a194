import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { dataHome } from '../core/data-home.ts';
import { FairwayError } from '../core/errors.ts';
import { usageError } from './exit.ts';
import { readSettings } from './settings.ts';

/** Which hub to ask, and as whom. */
export interface Connection {
  /** Without a slash at its end. */
  readonly url: string;
  readonly token: string | null;
}

export interface ConnectionFlags {
  readonly url?: string | undefined;
  readonly token?: string | undefined;
}

export const localUrl = 'http://127.0.0.1:7070';

/**
 * Flags win over `FAIRWAY_URL` and `FAIRWAY_TOKEN`, those over a fleet that `fairway up` runs here, that over what
 * `login` remembers; where none of them says, the hub on this machine is asked, with the administrator's token in its
 * data directory if that can be read.
 */
export async function locateHub(flags: ConnectionFlags, environment: NodeJS.ProcessEnv): Promise<Connection> {
  const settings = await readSettings(environment);
  const { up, current, hubs } = settings;
  const url = checkUrl(flags.url ?? (environment.FAIRWAY_URL || up?.url || current || localUrl));
  const given = flags.token ?? (environment.FAIRWAY_TOKEN || null);
  if (given !== null) return { url, token: given };
  if (url === up?.url) return { url, token: await readToken(up.tokenFile) };
  return { url, token: hubs[url] ?? (url === localUrl ? await readLocalToken(environment) : null) };
}

/** @throws FairwayError `usage` */
export function checkUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw usageError(
      `${JSON.stringify(text)} is no URL of a hub`,
      'write it as https://hub.example or http://127.0.0.1:7070',
    );
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

/** The token that a hub on this machine wrote at its first start. */
export async function readLocalToken(environment: NodeJS.ProcessEnv): Promise<string | null> {
  const dataDir = environment.FAIRWAY_DATA_DIR || dataHome({ HOME: homedir(), ...environment });
  return readToken(join(dataDir, 'admin.token'));
}

async function readToken(file: string): Promise<string | null> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EACCES' || code === 'ENOTDIR') return null;
    throw new FairwayError('token-unreadable', `${file} cannot be read`, { cause: error });
  }
}
