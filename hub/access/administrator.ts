import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import { isUnbounded, type Principal } from '../../core/access.ts';
import { FairwayError } from '../../core/errors.ts';
import type { Schema } from '../store/schema.ts';
import { newTokenSecret } from './secret.ts';
import { createToken } from './tokens.ts';

const everywhere = { environments: ['*'], tenants: ['*'] } as const;
const hub: Principal = { actor: 'hub', role: 'admin', scope: everywhere };

/**
 * Sees to it that somebody can come in: where no administrator's token counts (the first start; or all were revoked
 * or have expired), a new one is written to `dataDir/admin.token`, mode 0600. The token itself is never logged.
 */
export async function ensureAdministrator(db: Kysely<Schema>, dataDir: string, log: Logger): Promise<void> {
  if (await hasAdministrator(db)) return;
  const file = join(dataDir, 'admin.token');
  const secret = newTokenSecret();
  const name = await freeName(db);
  // The file comes first: a crash in between leaves a file that opens nothing, which the next start replaces; the
  // other way round it would leave a token that nobody knows.
  await writeSecret(file, secret);
  try {
    await createToken(db, hub, { name, role: 'admin', scope: everywhere, expiresAt: null }, secret);
  } catch (error) {
    // Another replica was first; its own data directory has the token.
    if (!(error instanceof FairwayError && error.code === 'token-exists')) throw error;
    await rm(file, { force: true });
    return;
  }
  log.info({ file, name }, "wrote the administrator's token");
}

async function hasAdministrator(db: Kysely<Schema>): Promise<boolean> {
  const rows = await db
    .selectFrom('tokens')
    .select(['environments', 'tenants'])
    .where('role', '=', 'admin')
    .where('revoked_at', 'is', null)
    .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', new Date())]))
    .execute();
  return rows.some(isUnbounded);
}

async function writeSecret(file: string, secret: string): Promise<void> {
  await mkdir(join(file, '..'), { recursive: true });
  const temporary = `${file}.${process.pid}`;
  await rm(temporary, { force: true });
  await writeFile(temporary, `${secret}\n`, { mode: 0o600, flag: 'wx' });
  await rename(temporary, file);
}

/** Names are never used twice: `administrator`, `administrator-2`, … */
async function freeName(db: Kysely<Schema>): Promise<string> {
  const rows = await db.selectFrom('tokens').select('name').where('name', 'like', 'administrator%').execute();
  const taken = new Set(rows.map(({ name }) => name));
  let name = 'administrator';
  for (let number = 2; taken.has(name); number++) name = `administrator-${number}`;
  return name;
}
