import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestDatabase, type TestDatabase } from '../database.ts';
import { neverReady, prodEnvironment, type RolloutScene, startRolloutScene } from '../sim/rollout-scene.ts';
import { until } from '../until.ts';

const waves = '[{name: canary, clusters: {matchLabels: {ring: canary}}}, {name: half, percent: 50}, {name: rest}]';
const clusters = ['c1', 'c2', 'c3', 'c4', 'c5'];

/** Rollouts by the hub's own loops, with real agents on clusters in memory. */
describe('a rollout', () => {
  let scene: RolloutScene;
  let server: TestDatabase;

  // Keeps the server that the scenes' databases are in.
  beforeAll(async () => {
    server = await startTestDatabase();
  });
  afterAll(() => server?.stop());
  afterEach(() => scene?.stop());

  const start = (rollout: string, options: Parameters<typeof startRolloutScene>[2] = {}, extra = '') =>
    startRolloutScene(prodEnvironment(rollout, extra), clusters, { canary: 'c3', ...options });
  const completed = (release: string) =>
    scene.untilRollout(`${release} is settled`, (state) => state.release === release && state.state === 'completed');
  const begin = async (): Promise<string> => {
    const { release } = await scene.untilRollout('the first release is settled', ({ state }) => state === 'completed');
    return release;
  };
  const all = (release: string) => Object.fromEntries(clusters.map((cluster) => [cluster, release]));

  it('[R1, R4] goes wave by wave, each after the one before is healthy, and settles its release', async () => {
    scene = await start(`{waves: ${waves}}`);
    const first = await begin();
    expect(await scene.placed()).toEqual(all(first));
    const second = await scene.release();
    await completed(second);
    expect(await scene.placed()).toEqual(all(second));

    const { id } = await scene.rollout();
    const history = await scene.database.db
      .selectFrom('rollout_history')
      .selectAll()
      .where('rollout', '=', id)
      .orderBy('id')
      .execute();
    const order = history.flatMap(({ event, wave, cluster }) =>
      event === 'cluster.updating' || event === 'wave.done'
        ? [event === 'wave.done' ? `wave ${wave} done` : cluster]
        : [],
    );
    expect(order.slice(0, 2)).toEqual(['c3', 'wave 0 done']);
    expect(order.slice(2, order.indexOf('wave 1 done')).toSorted()).toEqual(['c1', 'c2', 'c4']);
    expect(order.slice(order.indexOf('wave 1 done') + 1)).toEqual(['c5', 'wave 2 done']);
    const settlements = await scene.database.db.selectFrom('settlements').selectAll().orderBy('id').execute();
    expect(settlements.map(({ release, superseded_at }) => [release, superseded_at === null])).toEqual([
      [first, false],
      [second, true],
    ]);
    const ledger = await scene.database.db
      .selectFrom('ledger')
      .select('action')
      .where('subject', '=', `rollout/${id}`)
      .orderBy('id')
      .execute();
    expect(ledger.map(({ action }) => action)).toEqual(['rollout.start', 'rollout.complete']);
  });

  it('[R3, R5, R6] stops at the canary that never gets ready: the others run what is settled, new ones too', async () => {
    scene = await start(`{waves: ${waves}, progressDeadline: 2s}`);
    const first = await begin();
    const second = await scene.release({ 'apps/shop/web.yaml': neverReady });
    const paused = await scene.untilRollout('it is paused', ({ state }) => state === 'paused');
    expect(paused).toMatchObject({ release: second, reason: expect.stringContaining('a cluster failed: c3') });
    expect(paused.wait).toMatchObject({ on: 'pause', deadline: null });
    expect(paused.clusters).toEqual({ c1: 'pending', c2: 'pending', c3: 'failed', c4: 'pending', c5: 'pending' });
    expect(await scene.placed()).toEqual({ ...all(first), c3: second });
    await scene.addCluster('c6');
    await until(async () => (await scene.placed()).c6 === first, { what: 'a cluster that joins gets what is settled' });
    expect((await scene.rollout()).state).toBe('paused');
  });

  it('[R6] rolls back: what was moved returns at once, and nothing else ever moved', async () => {
    scene = await start(`{waves: ${waves}, progressDeadline: 2s, onFailure: rollback}`);
    const first = await begin();
    const second = await scene.release({ 'apps/shop/web.yaml': neverReady });
    const back = await scene.untilRollout('it was rolled back', ({ state }) => state === 'rolled-back');
    expect(back.clusters).toMatchObject({ c3: 'returned', c1: 'pending' });
    expect(await scene.placed()).toEqual(all(first));
    const assigned = await scene.database.db
      .selectFrom('ledger')
      .select('cluster')
      .where('action', '=', 'placement.assign')
      .where('release', '=', second)
      .execute();
    expect(assigned.map(({ cluster }) => cluster)).toEqual(['c3']);
  });

  it('[R8] skips whom it cannot reach, who gets the settled release on return', async () => {
    scene = await start(`{waves: [{name: all}]}`, { silence: 300 });
    await begin();
    await scene.agents.get('c2')?.stop();
    await new Promise((resolve) => setTimeout(resolve, 600));
    const second = await scene.release();
    const { clusters: states } = await completed(second);
    expect(states).toMatchObject({ c1: 'healthy', c2: 'skipped' });
    await scene.agents.get('c2')?.start();
    await until(
      async () => {
        const row = await scene.database.db
          .selectFrom('placements')
          .select(['running_release', 'health'])
          .where('cluster', '=', 'c2')
          .executeTakeFirst();
        return row?.running_release === second && row.health === 'healthy';
      },
      { what: 'it has caught up' },
    );
  });

  it('[R3] has at most so many clusters unavailable at once', async () => {
    scene = await start(`{waves: [{name: all}], maxUnavailable: 2}`);
    await begin();
    await completed(await scene.release());
    const turns = await scene.database.db
      .selectFrom('rollout_history')
      .select(['cluster', 'detail'])
      .where('event', '=', 'cluster.updating')
      .execute();
    expect(turns).toHaveLength(10);
    for (const { detail } of turns) {
      expect(detail).toMatchObject({ limit: 2 });
      expect((detail as { taken: number }).taken).toBeLessThanOrEqual(2);
    }
  });
});
