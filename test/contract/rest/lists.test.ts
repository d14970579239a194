import { sql } from 'kysely';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApplicationStatus } from '../../../core/link/status.ts';
import { Application } from '../../../proto/rest/applications.ts';
import { AuditEntry } from '../../../proto/rest/audit.ts';
import { Cluster, ClusterResource } from '../../../proto/rest/clusters.ts';
import { DriftRecord } from '../../../proto/rest/drift.ts';
import { Environment } from '../../../proto/rest/environments.ts';
import { FleetEvent } from '../../../proto/rest/events.ts';
import { PageOf } from '../../../proto/rest/page.ts';
import { Placement } from '../../../proto/rest/placements.ts';
import { Release, ReleaseBundle } from '../../../proto/rest/releases.ts';
import { Source } from '../../../proto/rest/sources.ts';
import { Status } from '../../../proto/rest/status.ts';
import { Token } from '../../../proto/rest/tokens.ts';
import { addDrift, addEvent, seedFleet } from './fleet.ts';
import { startTestApi, type TestApi } from './harness.ts';

let api: TestApi;
const release = `shop@${'a'.repeat(12)}`;

beforeAll(async () => {
  api = await startTestApi();
  await seedFleet(api.database.db);
  await addEvent(api.database.db, { cluster: 'dev-1', application: 'shop', environment: 'dev', message: 'applied' });
  await addDrift(api.database.db, 'prod-1', 'shop', new Date());
});
afterAll(() => api.stop());

const names = async (path: string, token?: string) => {
  const { status, body } = await api.ask('GET', path, token === undefined ? {} : { token });
  expect(status).toBe(200);
  return body.items.map((item: { name?: string; cluster?: string; application?: string; id?: string }) =>
    [item.cluster, item.application, item.name].filter((part) => part !== undefined).join('/'),
  );
};

describe('a placement', () => {
  const wait = { reason: 'another try', since: 1_000, deadline: 2_000 };

  /** What the agent of dev-1 says of shop, for as long as `look` looks. */
  async function whileReported(
    phase: 'applied' | 'failed',
    status: Partial<ApplicationStatus>,
    look: () => Promise<void>,
  ): Promise<void> {
    const { db } = api.database;
    const shop = db
      .selectFrom('placements')
      .selectAll()
      .where('cluster', '=', 'dev-1')
      .where('application', '=', 'shop');
    const { reported } = await shop.executeTakeFirstOrThrow();
    const write = (reports: Partial<ApplicationStatus>, of: typeof phase) =>
      db
        .updateTable('placements')
        .set({ phase: of, reported: JSON.stringify(reports) })
        .where('cluster', '=', 'dev-1')
        .where('application', '=', 'shop')
        .execute();
    await write({ ...reported, phase, ...status }, phase);
    await look();
    await write(reported ?? {}, 'applied');
  }

  it('[R5] that failed waits for another try, and says what failed', () =>
    whileReported('failed', { message: 'namespace shop does not exist', wait }, async () => {
      const { body } = await api.ask('GET', 'placements?cluster=dev-1&application=shop');
      expect(body.items[0]).toMatchObject({
        phase: 'failed',
        wait: { reason: 'namespace shop does not exist; it is tried again', deadline: '1970-01-01T00:00:02.000Z' },
      });
    }));

  it('[A6] that runs what it is to run, and waits for a person, stands in the status', async () => {
    expect((await api.ask('GET', 'status')).body.waiting).toEqual({ total: 0, items: [] });
    const reason = 'deleting 4 objects that left the bundle waits for a person';
    await whileReported('applied', { wait: { ...wait, reason, deadline: null } }, async () => {
      const { body } = await api.ask('GET', 'status');
      expect(body.waiting).toMatchObject({ total: 1, items: [{ cluster: 'dev-1', wait: { reason } }] });
      expect(Value.Check(Status, body)).toBe(true);
    });
  });
});

describe('lists', () => {
  it.each([
    ['clusters', Cluster],
    ['clusters/dev-1/placements', Placement],
    ['clusters/dev-1/resources', ClusterResource],
    ['clusters/prod-1/drift', DriftRecord],
    ['clusters/dev-1/events', FleetEvent],
    ['sources', Source],
    ['applications', Application],
    ['environments', Environment],
    ['releases', Release],
    [`releases/${release}/bundles`, ReleaseBundle],
    ['placements', Placement],
    ['drift', DriftRecord],
    ['events', FleetEvent],
    ['tokens', Token],
    ['audit', AuditEntry],
  ] as const)('%s answers as its schema says', async (path, schema) => {
    const { status, body } = await api.ask('GET', path);
    expect(status).toBe(200);
    expect(body.items.length).toBeGreaterThan(0);
    expect([...Value.Errors(PageOf(schema), body)]).toEqual([]);
  });

  it.each(['clusters', 'sources', 'applications', 'environments', 'releases', 'drift'])(
    'shows one of %s as the list does, and answers 404 for one that is not',
    async (path) => {
      const { body } = await api.ask('GET', path);
      const [first] = body.items;
      const shown = await api.ask('GET', `${path}/${first.name ?? first.id}`);
      expect(shown.status).toBe(200);
      expect(shown.body).toMatchObject(first);
      const missing = await api.ask(
        'GET',
        `${path}/${path === 'drift' ? 999_999 : path === 'releases' ? 'no@abcdef0' : 'nothing'}`,
      );
      expect(missing.status).toBe(404);
      expect(missing.body.code).toMatch(/-not-found$/);
    },
  );

  it('the status counts, names what moves and why, and answers as its schema says', async () => {
    const { body } = await api.ask('GET', 'status');
    expect([...Value.Errors(Status, body)]).toEqual([]);
    expect(body.clusters).toMatchObject({ total: 3, connected: 2, disconnected: 1 });
    expect(body.placements).toMatchObject({ total: 6, healthy: 4, unknown: 2 });
    expect(body.moving.total).toBe(2);
    expect(body.moving.items[0].wait).toMatchObject({ reason: 'the agent is not connected', deadline: null });
    expect(body.drifts).toBe(1);
  });

  it('the status names an environment that is declared and runs nothing yet', async () => {
    const { db } = api.database;
    await db
      .insertInto('declarations')
      .columns(['kind', 'name', 'labels', 'spec', 'file', 'commit'])
      .expression(
        db
          .selectFrom('declarations')
          .select(['kind', sql.lit('apart').as('name'), 'labels', 'spec', 'file', 'commit'])
          .where('name', '=', 'prod'),
      )
      .execute();
    const { environments } = (await api.ask('GET', 'status')).body;
    await db.deleteFrom('declarations').where('name', '=', 'apart').execute();
    expect(environments.map(({ name }: { name: string }) => name)).toEqual(['apart', 'dev', 'prod']);
    expect(environments[0]).toMatchObject({ placements: { total: 0 }, moving: 0, drifts: 0 });
  });

  it('filters by label selector, in every form', async () => {
    expect(await names('clusters?labelSelector=env%3Dprod')).toEqual(['prod-1', 'prod-2']);
    expect(await names('clusters?labelSelector=env%3Dprod,region%20in%20(eu,ap)')).toEqual(['prod-1']);
    expect(await names('clusters?labelSelector=region!%3Deu')).toEqual(['prod-2']);
    expect(await names('clusters?labelSelector=!region')).toEqual([]);
    expect(await names('placements?labelSelector=region%3Dus')).toEqual(['prod-2/ledger', 'prod-2/shop']);
  });

  it('filters by field', async () => {
    expect(await names('clusters?environment=dev')).toEqual(['dev-1']);
    expect(await names('clusters?connected=false')).toEqual(['prod-2']);
    expect(await names('placements?application=shop&environment=prod')).toEqual(['prod-1/shop', 'prod-2/shop']);
    expect(await names('placements?settled=false')).toEqual(['prod-2/ledger', 'prod-2/shop']);
    expect(await names('placements?health=unknown')).toEqual(['prod-2/ledger', 'prod-2/shop']);
    expect(await names('applications?tenant=finance')).toEqual(['ledger']);
    expect(await names('drift?state=gone')).toEqual([]);
  });

  it('[A11] shows no password of a URL', async () => {
    const { body } = await api.ask('GET', 'sources/fleet');
    expect(body.url).toBe('https://git.example/fleet.git');
    expect(JSON.stringify(body)).not.toContain('secret');
  });

  it('pages keep their place while rows come and go', async () => {
    const { db } = api.database;
    const add = (name: string) =>
      db.insertInto('clusters').values({ name, state: 'registered', labels: '{}' }).execute();
    for (const name of ['page-b', 'page-d', 'page-f', 'page-h']) await add(name);
    const first = await api.ask('GET', 'clusters?limit=3&state=registered');
    expect(first.body.items.map(({ name }: Cluster) => name)).toEqual(['page-b', 'page-d', 'page-f']);
    await add('page-a');
    await add('page-g');
    await db.deleteFrom('clusters').where('name', '=', 'page-f').execute();
    const second = await api.ask('GET', `clusters?limit=3&state=registered&cursor=${first.body.cursor}`);
    expect(second.body.items.map(({ name }: Cluster) => name)).toEqual(['page-g', 'page-h']);
    expect(second.body.cursor).toBeNull();
    await db.deleteFrom('clusters').where('name', 'like', 'page-%').execute();
  });

  it('pages by two columns and by time give every row once', async () => {
    const seen = new Date();
    for (let index = 0; index < 5; index++) await addDrift(api.database.db, 'dev-1', `app-${index}`, seen);
    for (const path of ['placements', 'drift', 'clusters/dev-1/resources']) {
      const whole = (await api.ask('GET', path)).body.items;
      const pieces: unknown[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const { body }: { body: { items: unknown[]; cursor: string | null } } = await api.ask(
          'GET',
          `${path}?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`,
        );
        pieces.push(...body.items);
        cursor = body.cursor;
      }
      expect(pieces).toEqual(whole);
    }
  });

  it.each([
    ['a text of nobody’s', 'clusters?cursor=abc'],
    ['bytes of nobody’s', `clusters?cursor=${Buffer.alloc(60, 1).toString('base64url')}`],
  ])('refuses %s as a cursor', async (_what, path) => {
    const { status, body } = await api.ask('GET', path);
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'cursor-invalid', field: 'cursor' });
  });

  it('refuses a cursor of another list, or of other filters', async () => {
    const { body } = await api.ask('GET', 'clusters?limit=1');
    for (const path of ['applications?limit=1', 'clusters?limit=1&environment=dev']) {
      expect((await api.ask('GET', `${path}&cursor=${body.cursor}`)).body.code).toBe('cursor-invalid');
    }
    expect((await api.ask('GET', `clusters?limit=2&cursor=${body.cursor}`)).status).toBe(200);
  });
});

describe('[T5] scopes', () => {
  it('an environment’s bounds leave out what is elsewhere, and hide that it exists', async () => {
    const token = await api.token('viewer', { environments: ['dev'] });
    expect(await names('clusters', token)).toEqual(['dev-1']);
    expect(await names('environments', token)).toEqual(['dev']);
    expect(await names('placements', token)).toEqual(['dev-1/ledger', 'dev-1/shop']);
    expect((await api.ask('GET', 'clusters/prod-1', { token })).status).toBe(404);
    expect((await api.ask('GET', 'clusters/prod-1/events', { token })).status).toBe(404);
    const { clusters, environments } = (await api.ask('GET', 'status', { token })).body;
    expect(clusters.total).toBe(1);
    expect(environments.map(({ name }: { name: string }) => name)).toEqual(['dev']);
    expect((await api.ask('GET', 'events', { token })).body.items).toHaveLength(1);
    const elsewhere = await api.token('viewer', { environments: ['prod'] });
    expect((await api.ask('GET', 'events', { token: elsewhere })).body.items).toHaveLength(0);
  });

  it('an environment’s bounds hide what stands elsewhere from counts and names too', async () => {
    const token = await api.token('viewer', { environments: ['dev'] });
    const { db } = api.database;
    await db
      .updateTable('clusters')
      .set({ labels: '{"env":"dev","also":"prod"}' })
      .where('name', '=', 'dev-1')
      .execute();
    await db
      .insertInto('declarations')
      .values({
        ...{
          kind: 'Environment',
          name: 'hidden',
          labels: '{}',
          file: 'environments/hidden.yaml',
          commit: 'c'.repeat(40),
        },
        spec: JSON.stringify({
          clusters: { matchLabels: { also: 'prod' } },
          promotion: { from: [] },
          drift: 'correct',
        }),
      })
      .execute();
    expect((await api.ask('GET', 'clusters/dev-1', { token })).body.environments).toEqual(['dev']);
    expect(await names('clusters?environment=hidden', token)).toEqual([]);
    const releases = await api.ask('GET', 'releases', { token });
    for (const { clusters } of releases.body.items) expect(clusters).toEqual({ assigned: 1, running: 1 });
    const [release] = releases.body.items;
    const bundles = await api.ask('GET', `releases/${release.id}/bundles`, { token });
    expect(bundles.body.items.map(({ clusters }: { clusters: number }) => clusters)).toEqual([1]);
    await db.deleteFrom('declarations').where('name', '=', 'hidden').execute();
    await db
      .updateTable('clusters')
      .set({ labels: '{"env":"dev","region":"eu"}' })
      .where('name', '=', 'dev-1')
      .execute();
  });

  it('a tenant’s bounds leave out the others’ applications', async () => {
    const token = await api.token('viewer', { tenants: ['storefront'] });
    expect(await names('applications', token)).toEqual(['shop']);
    expect((await api.ask('GET', 'applications/ledger', { token })).status).toBe(404);
    expect((await api.ask('GET', 'releases', { token })).body.items).toHaveLength(1);
    expect((await api.ask('GET', `releases/ledger@${'a'.repeat(12)}/bundles`, { token })).status).toBe(404);
    expect(await names('placements', token)).toEqual(['dev-1/shop', 'prod-1/shop', 'prod-2/shop']);
    expect(await names('sources', token)).toEqual([]);
  });

  it('an environment that is not declared shows nothing', async () => {
    const token = await api.token('viewer', { environments: ['nowhere'] });
    expect(await names('clusters', token)).toEqual([]);
  });
});
