import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { hasRedis } from '../redis.ts';
import { violations } from './check-history.ts';
import { createRandom } from './random.ts';
import { startChaoticFleet } from './rollout-chaos.ts';

/**
 * Two applications roll out in five waves over one environment: once undisturbed, then again while hubs are killed,
 * Redis is emptied and killed, PostgreSQL restarted, and agents come and go, as a seed decides. The second rollout has
 * to end as the first one did, and the record of both has to keep the rules.
 * `FAIRWAY_SIM_SEED=7,8 FAIRWAY_SIM_AGENTS=300 npx vitest run --project sim test/sim/rollout-chaos.test.ts` looks at
 * seeds again; `FAIRWAY_SIM_SEEDS=100` tries so many new ones. Each says its seed.
 */
const kept: readonly number[] = [1, 2];
const named = process.env.FAIRWAY_SIM_SEED;
const many = Number(process.env.FAIRWAY_SIM_SEEDS ?? 0);
const fresh = Array.from({ length: many }, (_, index) => 1_000 + index);
const seeds = named === undefined ? (many > 0 ? fresh : kept) : named.split(',').map(Number);
/** Then it is left alone. */
const disturbances = 60;
const size = Number(process.env.FAIRWAY_SIM_AGENTS ?? 80);

describe.skipIf(!hasRedis())('rollouts through chaos', () => {
  it.each(seeds)('[R3, R4, R9, R11, X1] end as they do undisturbed, and keep the budget (seed %d)', async (seed) => {
    const random = createRandom(seed);
    const fleet = await startChaoticFleet(random, size);
    const happened = new Map<string, number>();
    try {
      const first = await fleet.release();
      await fleet.completed(first);
      const undisturbed = await fleet.outcome(first);

      const second = await fleet.release();
      let isComplete = false;
      const completed = fleet.completed(second).finally(() => {
        isComplete = true;
      });
      const chaos = async () => {
        for (let count = 0; count < disturbances && !isComplete; count++) {
          const what = await fleet.disturb();
          happened.set(what, (happened.get(what) ?? 0) + 1);
          await sleep(random.next() * 250);
        }
        fleet.calm();
      };
      await Promise.all([completed, chaos()]);
      expect(await violations(fleet.database().db)).toEqual([]);
      expect(await fleet.outcome(second)).toEqual(undisturbed);
    } finally {
      process.stdout.write(`seed ${seed}, ${size} clusters: ${JSON.stringify(Object.fromEntries(happened))}\n`);
      await fleet.stop();
    }
  });
});
