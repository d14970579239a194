import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decodeJoinToken } from '../../core/link/join-token.ts';
import {
  allowCluster,
  cordonCluster,
  issueJoinToken,
  registerCluster,
  relabelCluster,
  removeCluster,
  revokeCluster,
  uncordonCluster,
} from '../../hub/fleet/clusters.ts';
import type { FleetContext } from '../../hub/fleet/context.ts';
import { startTestDatabase, type TestDatabase } from '../database.ts';

const actor = 'token:test';
const fingerprints = ['a'.repeat(64), 'b'.repeat(64)] as const;
let database: TestDatabase;
let context: FleetContext;
let woken: string[] = [];

beforeAll(async () => {
  database = await startTestDatabase();
  const { db } = database;
  const wake: FleetContext['loops']['wake'] = async (loop, key) => {
    if (loop === 'placement') woken.push(key);
  };
  context = { db, authority: { fingerprints }, loops: { wake }, now: Date.now };
  await db
    .insertInto('applications')
    .values({ name: 'shop', source: 'fleet', path: 'shop', tree: 't', commit: 'c' })
    .execute();
});
beforeEach(() => {
  woken = [];
});
afterAll(() => database.stop());

const ledgerOf = async (cluster: string) =>
  (
    await context.db
      .selectFrom('ledger')
      .select(['action', 'actor', 'subject'])
      .where('cluster', '=', cluster)
      .orderBy('id')
      .execute()
  ).map(({ action, actor, subject }) => `${actor} ${action} ${subject}`);

describe('clusters', () => {
  it('[U1] each command leaves its row in the ledger, and wakes the placements', async () => {
    const name = 'eu-1';
    const { cluster, token, expiresAt } = await registerCluster(context, { name, labels: { env: 'dev' }, actor });
    expect(cluster).toMatchObject({ name, labels: { env: 'dev' }, allow: null, state: 'registered' });
    expect(decodeJoinToken(token).fingerprints).toEqual(fingerprints);
    expect(expiresAt.getTime() - Date.now()).toBeGreaterThan(59 * 60_000);
    expect((await issueJoinToken(context, { name, actor })).token).not.toBe(token);
    const relabelled = await relabelCluster(context, { name, labels: { region: 'eu', env: null }, actor });
    expect(relabelled.labels).toEqual({ region: 'eu' });
    const allowed = await allowCluster(context, { name, allow: { namespaces: ['shop-*'] }, actor });
    expect(allowed.allow).toEqual({ namespaces: ['shop-*'] });
    const cordoned = await cordonCluster(context, { name, reason: 'maintenance', actor });
    expect(cordoned).toMatchObject({ cordoned_reason: 'maintenance', cordoned_at: expect.any(Date) });
    expect(await uncordonCluster(context, { name, actor })).toMatchObject({ cordoned_at: null });
    expect(await revokeCluster(context, { name, reason: 'lost', actor })).toMatchObject({ state: 'revoked' });
    await removeCluster(context, { name, actor });
    const actions = ['register', 'token', 'relabel', 'allow', 'cordon', 'uncordon', 'revoke', 'remove'];
    expect(await ledgerOf(name)).toEqual(actions.map((action) => `${actor} cluster.${action} cluster/${name}`));
    expect(woken).toEqual(Array.from({ length: 7 }, () => 'shop'));
  });

  it('[X4] refuses bad input by its field, and changes nothing', async () => {
    const refused: [Parameters<typeof registerCluster>[1], object][] = [
      [
        { name: 'EU_1', actor },
        { code: 'cluster-name-invalid', field: 'name' },
      ],
      [
        { name: 'a'.repeat(64), actor },
        { code: 'cluster-name-invalid', field: 'name' },
      ],
      [
        { name: 'eu-9', labels: { 'a b': 'c' }, actor },
        { code: 'label-invalid', field: 'labels.a b' },
      ],
      [
        { name: 'eu-9', labels: { a: '-' }, actor },
        { code: 'label-invalid', field: 'labels.a' },
      ],
      [
        { name: 'eu-9', allow: { kinds: ['Secret'] }, actor },
        { code: 'allow-invalid', field: 'allow.kinds[0]' },
      ],
      [
        { name: 'eu-9', allow: { namespaces: ['A'] }, actor },
        { code: 'allow-invalid', field: 'allow.namespaces[0]' },
      ],
      [
        { name: 'eu-9', timeToLive: -1, actor },
        { code: 'time-to-live-invalid', field: 'ttl' },
      ],
    ];
    for (const [command, error] of refused) {
      await expect(registerCluster(context, command)).rejects.toMatchObject(error);
    }
    expect(await context.db.selectFrom('clusters').selectAll().where('name', '=', 'eu-9').execute()).toEqual([]);
    expect(await ledgerOf('eu-9')).toEqual([]);
    await expect(relabelCluster(context, { name: 'nowhere', labels: {}, actor })).rejects.toMatchObject({
      code: 'cluster-not-found',
      field: 'name',
    });
  });

  it('[X2] a name is registered once, unless its cluster is replaced', async () => {
    const name = 'eu-2';
    const { token } = await registerCluster(context, { name, labels: { env: 'prod' }, actor });
    await expect(registerCluster(context, { name, actor })).rejects.toMatchObject({ code: 'cluster-exists' });
    await context.db
      .insertInto('certificates')
      .values({ serial: '41', cluster: name, expires_at: new Date(Date.now() + 60_000) })
      .execute();
    const replaced = await registerCluster(context, { name, replace: true, actor });
    expect(replaced.cluster).toMatchObject({ labels: { env: 'prod' }, state: 'registered' });
    expect(replaced.token).not.toBe(token);
    const [certificate] = await context.db
      .selectFrom('certificates')
      .select('revoked_at')
      .where('cluster', '=', name)
      .execute();
    expect(certificate?.revoked_at).toBeInstanceOf(Date);
    const tokens = await context.db.selectFrom('join_tokens').selectAll().where('cluster', '=', name).execute();
    expect(tokens).toHaveLength(1);
    expect(JSON.stringify(tokens)).not.toContain(replaced.token.slice(5, 40));
  });
});
