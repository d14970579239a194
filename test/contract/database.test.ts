import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Kysely, sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { record } from '../../hub/audit/ledger.ts';
import { openDataDirectory } from '../../hub/store/data-directory.ts';
import { checkDataKey, createDataKey } from '../../hub/store/data-key.ts';
import { openDatabase } from '../../hub/store/database.ts';
import { startEmbeddedPostgres } from '../../hub/store/embedded-postgres.ts';
import { up as keepOpenedWindows } from '../../hub/store/migrations/0007-opened-windows.ts';
import { inTransaction } from '../../hub/store/transaction.ts';
import { startTestDatabase, type TestDatabase } from '../database.ts';
import { until } from '../until.ts';

const log = pino({ level: 'silent' });

describe('the embedded PostgreSQL', () => {
  const cleanups: (() => Promise<unknown> | unknown)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  /** Under a folder that only its owner can enter: where the owner is root, PostgreSQL's account cannot. */
  async function directory(name = 'data'): Promise<string> {
    const parent = await mkdtemp(join(tmpdir(), 'fairway-store-'));
    cleanups.push(() => rm(parent, { recursive: true, force: true }));
    await chmod(parent, 0o700);
    const path = join(parent, name);
    await mkdir(path, { recursive: true, mode: 0o700 });
    return path;
  }

  async function open(path: string) {
    const postgres = await startEmbeddedPostgres(path, log);
    cleanups.push(() => postgres.stop());
    const database = await openDatabase({ address: postgres.connection, log });
    cleanups.push(() => database.close().catch(() => undefined));
    const close = async () => {
      await database.close();
      await postgres.stop();
    };
    return { ...database, postgres, close };
  }

  /** A hub of its own process, which has written the row. */
  async function startHub(path: string, row: string): Promise<{ hub: ChildProcess; postgres: number }> {
    const script = join(import.meta.dirname, 'hub-process.ts');
    const hub = spawn(process.execPath, [script, path, row], { stdio: ['ignore', 'pipe', 'inherit'] });
    cleanups.push(() => hub.kill('SIGKILL'));
    const [line] = await once(createInterface({ input: hub.stdout }), 'line');
    return { hub, postgres: (JSON.parse(line) as { postgres: number }).postgres };
  }

  async function rows(db: Awaited<ReturnType<typeof open>>['db']): Promise<string[]> {
    const found = await db.selectFrom('settings').select('name').orderBy('name').execute();
    return found.map((row) => row.name);
  }

  it('keeps what was written over a stop and a start, with fsync, and listens on no port', async () => {
    const path = await directory();
    const first = await open(path);
    const { rows: settings } = await sql<Record<string, string>>`select current_setting('fsync') as fsync,
      current_setting('synchronous_commit') as commit, current_setting('listen_addresses') as addresses,
      current_setting('data_checksums') as checksums`.execute(first.db);
    expect(settings).toEqual([{ fsync: 'on', commit: 'on', addresses: '', checksums: 'on' }]);
    await first.db.insertInto('settings').values({ name: 'a', value: '1' }).execute();
    await first.close();
    expect(await first.postgres.ended).toBeUndefined();

    const second = await open(path);
    expect(await rows(second.db)).toEqual(['a']);
  });

  it('leaves its files to their owner alone', async () => {
    const path = await directory();
    await open(path);
    expect((await stat(join(path, 'postgres'))).mode & 0o777).toBe(0o700);
  });

  it('begins anew where a hub was killed while it set the cluster up', async () => {
    const path = await directory();
    await mkdir(join(path, 'postgres.new', 'base'), { recursive: true });
    const { db } = await open(path);
    expect(await rows(db)).toEqual([]);
  });

  it('starts under a path that is too long for a socket', async () => {
    const path = await directory(join('d'.repeat(60), 'e'.repeat(60)));
    const { db, close } = await open(path);
    expect(await rows(db)).toEqual([]);
    await close();
    const left = (await readdir(tmpdir())).filter((name) => /^fairway-[0-9a-f]{12}-/.test(name));
    expect(left).toEqual([]);
  });

  it('[X1] stops by itself when the hub is killed, and loses nothing that was acknowledged', async () => {
    const path = await directory();
    const { hub, postgres } = await startHub(path, 'written');
    hub.kill('SIGKILL');
    await until(() => !isRunning(postgres), { what: 'PostgreSQL has stopped' });

    const held = await openDataDirectory(path);
    const { db } = await open(path);
    expect(await rows(db)).toEqual(['written']);
    await held.release();
  });

  it.runIf(process.platform === 'linux')('[X1] stops a PostgreSQL that outlived its hub, and starts', async () => {
    const path = await directory();
    const { hub, postgres } = await startHub(path, 'written');
    // What watches over PostgreSQL dies with the hub, as when the machine's memory runs out.
    const [, guardian] = readFileSync(`/proc/${postgres}/stat`, 'utf8').match(/\) \S (\d+)/) ?? [];
    const children = readFileSync(`/proc/${guardian}/task/${guardian}/children`, 'utf8').trim().split(' ');
    for (const pid of [...children.map(Number).filter((pid) => pid !== postgres), Number(guardian)]) {
      process.kill(pid, 'SIGKILL');
    }
    hub.kill('SIGKILL');
    await once(hub, 'exit');
    expect(isRunning(postgres)).toBe(true);

    const { db } = await open(path);
    expect(await rows(db)).toEqual(['written']);
    expect(isRunning(postgres)).toBe(false);
  });

  it('[X1] says why when PostgreSQL ends without being told to, and starts again', async () => {
    const path = await directory();
    const { postgres } = await open(path);
    process.kill(postgres.pid, 'SIGKILL');
    expect(await postgres.ended).toMatchObject({ code: 'postgres-ended' });
    const again = await open(path);
    expect(await rows(again.db)).toEqual([]);
  });

  it('refuses a second hub on one directory, naming the first, until that is gone', async () => {
    const path = await directory();
    const { hub } = await startHub(path, 'a');
    await expect(openDataDirectory(path)).rejects.toMatchObject({
      code: 'data-directory-in-use',
      message: expect.stringContaining(String(hub.pid)),
    });
    hub.kill('SIGKILL');
    await once(hub, 'exit');
    const held = await openDataDirectory(path);
    await expect(openDataDirectory(path)).rejects.toMatchObject({ code: 'data-directory-in-use' });
    await held.release();
    await (await openDataDirectory(path)).release();
  });
});

describe('the database', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await startTestDatabase();
  });
  afterAll(() => test?.stop());

  it('reads bigint as a number, timestamptz as a Date and jsonb as a value, and refuses what no number can hold', async () => {
    const { rows } = await sql`select 9007199254740991::bigint as big, timestamptz '2026-01-02T03:04:05Z' as time,
      '{"a": [1]}'::jsonb as json`.execute(test.db);
    expect(rows).toEqual([{ big: Number.MAX_SAFE_INTEGER, time: new Date('2026-01-02T03:04:05Z'), json: { a: [1] } }]);
    await expect(sql`select 9007199254740993::bigint as big`.execute(test.db)).rejects.toThrow(RangeError);
  });

  it('opens twice at once, and again', async () => {
    const opened = await Promise.all([1, 2].map(() => openDatabase({ address: test.address, log })));
    for (const database of opened) await database.close();
  });

  it('goes on after its connections were broken', async () => {
    const others = sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`;
    await Promise.all([1, 2, 3].map(() => sql`select pg_sleep(0.05)`.execute(test.db)));
    await others.execute(test.db);
    await until(
      async () => {
        const { rows } = await sql<{ one: number }>`select 1 as one`.execute(test.db);
        return rows[0]?.one === 1;
      },
      { what: 'a query succeeds' },
    );
  });

  it('[P4] learns of windows that were opened by force before it kept which: all that the environment names', async () => {
    const old = await startTestDatabase();
    const { db } = old;
    await sql`drop index overrides_once`.execute(db);
    await sql`alter table overrides drop column name, add primary key (promotion, gate)`.execute(db);
    const spec = JSON.stringify({ promotion: { windows: ['noon', 'sale'] } });
    const place = { environment: 'prod', application: 'shop', kind: 'release', origin: 'request' } as const;
    await db
      .insertInto('declarations')
      .values({ kind: 'Environment', name: 'prod', spec, labels: '{}', file: 'environments/prod.yaml', commit: 'c' })
      .execute();
    await db
      .insertInto('promotions')
      .values({ ...place, state: 'rolling-out', requested_by: 'user:dana@example.com' })
      .execute();
    for (const gate of ['window', 'soak'])
      await sql`insert into overrides (promotion, gate, actor, reason)
        select id, ${gate}, 'user:lead@example.com', 'on fire' from promotions`.execute(db);
    await keepOpenedWindows(db as unknown as Kysely<unknown>);
    const rows = await db.selectFrom('overrides').select(['gate', 'name', 'reason']).orderBy('name').execute();
    await old.stop();
    expect(rows).toEqual([
      { gate: 'window', name: 'noon', reason: 'on fire' },
      { gate: 'window', name: 'sale', reason: 'on fire' },
      { gate: 'soak', name: null, reason: 'on fire' },
    ]);
  });

  it('refuses a database that a newer version used', async () => {
    const other = await startTestDatabase();
    await sql`insert into kysely_migration (name, timestamp) values ('9999-tomorrow', now())`.execute(other.db);
    await expect(openDatabase({ address: other.address, log })).rejects.toMatchObject({
      code: 'database-newer',
      message: expect.stringContaining('9999-tomorrow'),
    });
    await other.stop();
  });

  it('names the host of a database that does not answer, and never the password', async () => {
    const address = { connectionString: 'postgresql://fairway:hunter2@127.0.0.1:1/fairway' };
    const error = await openDatabase({ address, connectWithin: 200, log }).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'database-unreachable', field: 'FAIRWAY_DATABASE_URL' });
    expect(error.message).toContain('127.0.0.1:1/fairway');
    expect(JSON.stringify([error, error.message, error.stack])).not.toContain('hunter2');
  });

  it('refuses an address that is none, without repeating it', async () => {
    for (const connectionString of [
      'mysql://fairway:hunter2@db/fairway',
      'postgresql://fairway:hunter2%@db:x/f',
      'hunter2',
    ]) {
      const error = await openDatabase({ address: { connectionString }, log }).catch((thrown) => thrown);
      expect(error).toMatchObject({ code: 'database-url-invalid', field: 'FAIRWAY_DATABASE_URL' });
      expect(JSON.stringify([error, error.message, error.stack, error.cause])).not.toContain('hunter2');
    }
  });

  it('does not wait for a database that is not there', async () => {
    const address = { ...test.address, database: 'missing' };
    await expect(openDatabase({ address, log })).rejects.toMatchObject({ code: 'database-refused' });
  });

  it('runs a transaction again that lost a deadlock', async () => {
    await test.db
      .insertInto('settings')
      .values([
        { name: 'x', value: '0' },
        { name: 'y', value: '0' },
      ])
      .execute();
    const bump = (names: readonly string[]) =>
      inTransaction(test.db, async (transaction) => {
        for (const name of names) {
          await sql`update settings set value = to_jsonb((value #>> '{}')::int + 1) where name = ${name}`.execute(
            transaction,
          );
          await sql`select pg_sleep(0.1)`.execute(transaction);
        }
      });
    await Promise.all([bump(['x', 'y']), bump(['y', 'x'])]);
    const values = await test.db.selectFrom('settings').select('value').where('name', 'in', ['x', 'y']).execute();
    expect(values).toEqual([{ value: 2 }, { value: 2 }]);
  });

  it('[U1] takes ledger rows with what they record, and lets nobody change them', async () => {
    await test.db
      .transaction()
      .execute((transaction) =>
        record(transaction, [
          { actor: 'user:a', action: 'cluster.register', subject: 'cluster/eu-1', cluster: 'eu-1', detail: { a: 1 } },
        ]),
      );
    const abandoned = test.db.transaction().execute(async (transaction) => {
      await record(transaction, [{ actor: 'hub', action: 'x', subject: 'y' }]);
      throw new Error('abandoned');
    });
    await expect(abandoned).rejects.toThrow('abandoned');
    await expect(test.db.updateTable('ledger').set({ actor: 'b' }).execute()).rejects.toThrow('append-only');
    await expect(test.db.deleteFrom('ledger').execute()).rejects.toThrow('append-only');
    await expect(sql`truncate ledger`.execute(test.db)).rejects.toThrow('append-only');
    const rows = await test.db.selectFrom('ledger').select(['actor', 'subject', 'detail']).execute();
    expect(rows).toEqual([{ actor: 'user:a', subject: 'cluster/eu-1', detail: { a: 1 } }]);
  });

  it('[G4] says at once that its secrets were sealed with another key', async () => {
    const key = createDataKey(new Uint8Array(32).fill(1));
    await checkDataKey(test.db, key);
    await checkDataKey(test.db, key);
    const other = createDataKey(new Uint8Array(32).fill(2));
    await expect(checkDataKey(test.db, other)).rejects.toMatchObject({ code: 'data-key-mismatch' });
  });
});

/** A process that has ended and that its parent has not noticed yet does not run. */
function isRunning(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.startsWith('Z');
}
