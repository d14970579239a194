import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureAdministrator } from '../../../hub/access/administrator.ts';
import { createAuthenticator } from '../../../hub/access/authenticator.ts';
import { startTestDatabase, type TestDatabase } from '../../database.ts';

let database: TestDatabase;
let dataDir: string;
let logged: string;
const log = pino(
  { level: 'trace' },
  {
    write(line: string) {
      logged += line;
    },
  },
);

beforeEach(async () => {
  logged = '';
  dataDir = await mkdtemp(join(tmpdir(), 'fairway-admin-'));
  database = await startTestDatabase();
});
afterEach(async () => {
  await database.stop();
  await rm(dataDir, { recursive: true, force: true });
});

const file = () => join(dataDir, 'admin.token');
const secret = async () => (await readFile(file(), 'utf8')).trim();
const authenticate = async (token: string) => createAuthenticator(database.db).authenticate(`Bearer ${token}`);

describe('[T6] the administrator’s token', () => {
  it('is written once, for its owner alone, and never logged', async () => {
    await ensureAdministrator(database.db, dataDir, log);
    const first = await secret();
    expect((await stat(file())).mode & 0o777).toBe(0o600);
    expect(await authenticate(first)).toMatchObject({ actor: 'token:administrator', role: 'admin' });
    expect(logged).toContain('admin.token');
    expect(logged).not.toContain(first);
    await ensureAdministrator(database.db, dataDir, log);
    expect(await secret()).toBe(first);
    const { hash } = await database.db.selectFrom('tokens').select('hash').executeTakeFirstOrThrow();
    expect(hash).not.toContain(first);
  });

  it('is made anew where none counts any more', async () => {
    await ensureAdministrator(database.db, dataDir, log);
    const first = await secret();
    await database.db.updateTable('tokens').set({ revoked_at: new Date() }).execute();
    await ensureAdministrator(database.db, dataDir, log);
    expect(await secret()).not.toBe(first);
    expect(await authenticate(await secret())).toMatchObject({ actor: 'token:administrator-2' });
  });

  it('stays away where somebody else is administrator, though the file is gone', async () => {
    await ensureAdministrator(database.db, dataDir, log);
    await rm(file());
    await ensureAdministrator(database.db, dataDir, log);
    await expect(secret()).rejects.toThrow('ENOENT');
  });

  it('[X1] is made at the next start where a crash left only the file', async () => {
    await writeFile(file(), `fwt_${'x'.repeat(43)}\n`);
    await ensureAdministrator(database.db, dataDir, log);
    expect(await authenticate(await secret())).toMatchObject({ role: 'admin' });
  });

  it('notes when it was used', async () => {
    await ensureAdministrator(database.db, dataDir, log);
    const authenticator = createAuthenticator(database.db);
    await authenticator.authenticate(`Bearer ${await secret()}`);
    await authenticator.flush();
    const { last_used_at } = await database.db.selectFrom('tokens').select('last_used_at').executeTakeFirstOrThrow();
    expect(last_used_at).not.toBeNull();
  });
});
