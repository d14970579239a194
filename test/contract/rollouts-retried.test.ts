import { afterEach, expect, it } from 'vitest';
import { retryRollout } from '../../hub/rollouts/commands.ts';
import { neverReady, prodEnvironment, type RolloutScene, startRolloutScene } from '../sim/rollout-scene.ts';
import { until } from '../until.ts';

let scene: RolloutScene;
afterEach(() => scene?.stop());

it('[R7] a cluster that is tried again is told so: its agent does not wait for its own next try', async () => {
  const rollout = '{waves: [{name: canary, count: 1}, {name: rest}], progressDeadline: 2s, failureThreshold: 1}';
  scene = await startRolloutScene(prodEnvironment(rollout), ['c1', 'c2']);
  await scene.untilRollout('the first is settled', ({ state }) => state === 'completed');
  const release = await scene.release({ 'apps/shop/web.yaml': neverReady });
  const { id } = await scene.untilRollout(
    'it is paused',
    (seen) => seen.release === release && seen.state === 'paused',
  );
  const generations = async () => {
    const rows = await scene.database.db
      .selectFrom('placements')
      .select(['cluster', 'generation', 'reported'])
      .execute();
    return new Map(rows.map(({ cluster, generation, reported }) => [cluster, { generation, reported }]));
  };
  const before = await generations();
  await retryRollout(scene.hub().rollouts, {
    rollout: id,
    actor: 'user:lead@example.com',
    reason: null,
    clusters: null,
  });
  const after = await generations();
  expect(after.get('c1')?.generation).toBe((before.get('c1')?.generation ?? 0) + 1);
  expect(after.get('c2')?.generation).toBe(before.get('c2')?.generation);
  await until(
    async () => {
      const { generation, reported } = (await generations()).get('c1') ?? {};
      return (reported as { generation?: number } | null)?.generation === generation;
    },
    { what: 'its agent has taken it up' },
  );
});
