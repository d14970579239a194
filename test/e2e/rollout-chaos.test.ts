import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../hub/store/database.ts';
import { hasRedis } from '../redis.ts';
import { violations } from '../sim/check-history.ts';
import { createRandom } from '../sim/random.ts';
import { until } from '../until.ts';
import { type ClusteredFleet, startClusteredFleet } from './clustered-fleet.ts';

const environment = `apiVersion: fairway.dev/v1
kind: Environment
metadata: {name: dev}
spec:
  clusters: {matchLabels: {env: dev}}
  rollout:
    waves:
      - {name: canary, count: 1}
      - {name: few, count: 2}
      - {name: some, percent: 25}
      - {name: many, percent: 25}
      - {name: rest}
    maxUnavailable: 15%
    progressDeadline: 1h
    unreachable: wait
`;
const seed = Number(process.env.FAIRWAY_SIM_SEED ?? 1);
const size = Number(process.env.FAIRWAY_SIM_AGENTS ?? 14);

/**
 * Two replicas as processes, on a PostgreSQL and a Redis; agents over gRPC and mutual TLS.
 * `FAIRWAY_SIM_SEED=7 FAIRWAY_SIM_AGENTS=300 npx vitest run --project e2e test/e2e/rollout-chaos.test.ts`
 */
describe.skipIf(!hasRedis())('a rollout through chaos, with real processes', () => {
  let fleet: ClusteredFleet;

  beforeAll(async () => {
    fleet = await startClusteredFleet({ replicas: 2, agents: size, environment });
  }, 400_000);
  afterAll(() => fleet?.stop(), 60_000);

  const isComplete = async (commit: string): Promise<boolean> => {
    const rows = await fleet
      .query<{ state: string }>('select state from rollouts where release = $1', [`shop@${commit.slice(0, 12)}`])
      .catch(() => []);
    return rows.length === 1 && rows[0]?.state === 'completed';
  };
  const completed = (commit: string) =>
    until(() => isComplete(commit), {
      what: `the rollout of ${commit} is complete`,
      within: 300_000,
      every: 200,
      describe: async () => JSON.stringify(await fleet.query('select id, state, wave, wait from rollouts')),
    });

  it(`[R3, R4, R9, R11, X1] ends, keeps the budget, and gives each cluster one turn (seed ${seed})`, async () => {
    const random = createRandom(seed);
    const first = await fleet.push('first');
    await completed(first);
    const second = await fleet.push('second');
    const kill = async () => {
      const hub = random.pick(fleet.hubs);
      await hub.stop('SIGKILL');
      await sleep(random.next() * 1_000);
      await hub.start();
    };
    const disturbances = [
      kill,
      kill,
      () => fleet.redis.flush(),
      () => fleet.redis.restart(),
      () => fleet.postgres.restart(),
    ];
    for (let count = 0; count < 8 && !(await isComplete(second)); count++) {
      await random.pick(disturbances)();
      await sleep(random.next() * 1_000);
    }
    await completed(second);
    await fleet.untilRuns(second, 'second');

    const database = await openDatabase({
      address: { connectionString: fleet.postgres.url },
      log: pino({ level: 'silent' }),
    });
    try {
      expect(await violations(database.db)).toEqual([]);
      const states = await fleet.query<{ rollout: string; state: string }>(
        'select distinct rollout, state from rollout_clusters order by rollout',
      );
      expect(new Set(states.map(({ state }) => state))).toEqual(new Set(['healthy']));
    } finally {
      await database.close();
    }
  }, 900_000);
});
