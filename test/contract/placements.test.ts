import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acceptRewrite } from '../../hub/sources/accept.ts';
import { startTestDatabase, type TestDatabase } from '../database.ts';
import { configMap, devEnvironment, shopApplication } from '../e2e/shop.ts';
import { createRepository, type TestRepository } from '../git/repository.ts';
import { type HubCore, startHubCore } from '../sim/hub-core.ts';
import { until } from '../until.ts';

/** From a commit to placements, by the hub's own loops on a real database and a real repository. */
describe('placements', () => {
  let directory: string;
  let database: TestDatabase;
  let fleet: TestRepository;
  let hub: HubCore;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fairway-placements-'));
    database = await startTestDatabase();
    fleet = await createRepository(directory, 'fleet');
    await addCluster('dev-1', { env: 'dev', region: 'eu' });
    await addCluster('prod-1', { env: 'prod' });
  });
  afterEach(async () => {
    await hub?.stop();
    await database.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const addCluster = (name: string, labels: Record<string, string>) =>
    database.db
      .insertInto('clusters')
      .values({ name, labels: JSON.stringify(labels), state: 'joined', connected: true })
      .execute();
  const commit = async (files: Record<string, string | null>, branch = 'main') => {
    const id = await fleet.commit(files, 'A change', branch);
    await fleet.push(branch);
    return id;
  };
  const rows = () => database.db.selectFrom('placements').selectAll().orderBy('cluster').execute();
  const ledger = (action: string) =>
    database.db.selectFrom('ledger').selectAll().where('action', '=', action).orderBy('id').execute();
  const problems = async () =>
    (await database.db.selectFrom('problems').select('code').execute()).map(({ code }) => code);
  const releaseOf = (id: string) => `shop@${id.slice(0, 12)}`;
  const runs = (cluster: string, id: string) =>
    until(async () => (await rows()).some((row) => row.cluster === cluster && row.release === releaseOf(id)), {
      what: `${cluster} is to run ${id.slice(0, 12)}`,
      describe: async () => JSON.stringify([await rows(), await problems()], null, 1),
    });

  /** As if every agent had reported that it runs what it is to run, and runs it well. */
  const reportWell = async () => {
    await sql`update placements set phase = 'applied', health = 'healthy', running_release = release,
      running_bundle = bundle, reported = jsonb_build_object('generation', generation)`.execute(database.db);
    await hub.loops.wake('promotion', 'shop');
    await until(
      async () =>
        (await database.db.selectFrom('settlements').select('healthy_since').execute()).every(
          (row) => row.healthy_since !== null,
        ),
      { what: 'what is settled is known to be healthy' },
    );
  };

  const begin = async (files: Record<string, string> = {}) => {
    const id = await commit({
      'environments/dev.yaml': devEnvironment,
      'apps/shop/app.yaml': shopApplication,
      'apps/shop/settings.yaml': configMap('settings', { greeting: 'hello' }),
      ...files,
    });
    hub = await startHubCore(database, fleet.path);
    await runs('dev-1', id);
    return id;
  };

  it('[U1] each cluster that is given a release leaves one ledger row: what, from which digest to which, by which commit', async () => {
    const first = await begin();
    const [before] = await rows();
    const second = await commit({ 'apps/shop/settings.yaml': configMap('settings', { greeting: 'good morning' }) });
    await runs('dev-1', second);
    const [after] = await rows();
    expect(await ledger('placement.assign')).toMatchObject([
      {
        actor: 'hub',
        cluster: 'dev-1',
        environment: 'dev',
        release: releaseOf(first),
        digest_before: null,
        digest_after: before?.bundle,
        commit: first,
      },
      {
        actor: 'hub',
        cluster: 'dev-1',
        environment: 'dev',
        release: releaseOf(second),
        digest_before: before?.bundle,
        digest_after: after?.bundle,
        commit: second,
      },
    ]);
    expect(after?.generation).toBe(2);
  });

  it('[G1] an environment that is promoted to runs what its pin file says, and not the head', async () => {
    const prod =
      'apiVersion: fairway.dev/v1\nkind: Environment\nmetadata: {name: prod}\nspec: {clusters: {matchLabels: {env: prod}}, promotion: {from: [dev]}}\n';
    const first = await begin({
      'environments/prod.yaml': prod,
      'apps/shop/app.yaml': shopApplication.replace('[dev]', '[dev, prod]'),
    });
    expect((await rows()).map(({ cluster }) => cluster)).toEqual(['dev-1']);
    await reportWell();
    const second = await commit({ 'apps/shop/settings.yaml': configMap('settings', { greeting: 'newer' }) });
    await runs('dev-1', second);
    const pin = `apiVersion: fairway.dev/v1\nkind: Pin\nmetadata: {environment: prod, application: shop}\nspec: {source: fleet, revision: ${first}}\n`;
    await commit({ 'pins/prod/shop.yaml': pin }, 'fairway/pins');
    await runs('prod-1', first);
    expect((await rows()).map(({ cluster, release }) => [cluster, release])).toEqual([
      ['dev-1', releaseOf(second)],
      ['prod-1', releaseOf(first)],
    ]);
  });

  it('[G9] an application whose folder is gone is leaving: it runs on, and says why', async () => {
    await begin();
    const [before] = await rows();
    await commit({ 'apps/shop': null });
    await until(async () => (await rows())[0]?.state === 'leaving', { what: 'it is leaving' });
    expect((await rows())[0]).toMatchObject({
      state_reason: 'application shop is no longer in Git',
      bundle: before?.bundle,
      generation: before?.generation,
    });
    expect(await ledger('placement.leave')).toHaveLength(1);
    const back = await commit({
      'apps/shop/app.yaml': shopApplication,
      'apps/shop/settings.yaml': configMap('settings', { greeting: 'again' }),
    });
    await runs('dev-1', back);
    expect((await rows())[0]).toMatchObject({ state: 'active', state_reason: null });
  });

  it('[G3, G6] a cluster without a label that the manifests name keeps what it runs; the others go on', async () => {
    const first = await begin();
    await addCluster('dev-2', { env: 'dev' });
    await hub.loops.wake('placement', 'shop');
    await runs('dev-2', first);
    const second = await commit({
      'apps/shop/settings.yaml': configMap('settings', { region: '${{ cluster.labels.region }}' }),
    });
    await runs('dev-1', second);
    expect((await rows()).find(({ cluster }) => cluster === 'dev-2')?.release).toBe(releaseOf(first));
    const [problem] = await database.db
      .selectFrom('problems')
      .selectAll()
      .where('scope', '=', 'placement:shop')
      .execute();
    expect(problem?.message).toContain('region');
    expect(problem?.file).toBe('apps/shop/settings.yaml');
  });

  it('[G7] a rewritten branch changes nothing until a person accepts it', async () => {
    const first = await begin();
    const second = await commit({ 'apps/shop/settings.yaml': configMap('settings', { greeting: 'second' }) });
    await runs('dev-1', second);
    const rewritten = await fleet.forcePush({
      'apps/shop/settings.yaml': configMap('settings', { greeting: 'rewritten' }),
    });
    await until(async () => (await problems()).length > 0, { what: 'the hub says so' });
    expect((await rows())[0]?.release).toBe(releaseOf(second));
    expect(first).not.toBe(second);
    await acceptRewrite(database.db, 'fleet', rewritten, 'user:lead@example.com');
    await hub.loops.wake('source', 'fleet');
    await runs('dev-1', rewritten);
    expect(await ledger('source.accept-rewrite')).toMatchObject([{ actor: 'user:lead@example.com' }]);
  });

  it('[R11] many wakes of one application at once end as one decision', async () => {
    await begin();
    const other = await startHubCore(database, fleet.path);
    try {
      const id = await commit({ 'apps/shop/settings.yaml': configMap('settings', { greeting: 'raced' }) });
      await runs('dev-1', id);
      await Promise.all(
        Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? hub : other).loops.wake('placement', 'shop')),
      );
      await until(async () => (await ledger('placement.assign')).length >= 2, { what: 'it is decided' });
      expect((await rows())[0]?.generation).toBe(2);
      expect(await ledger('placement.assign')).toHaveLength(2);
    } finally {
      await other.stop();
    }
  });
});
