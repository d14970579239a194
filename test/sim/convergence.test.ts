import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { until } from '../until.ts';
import { differences, startSimulatedFleet } from './fleet.ts';
import { createRandom } from './random.ts';

/**
 * A hub core and two hundred agents in one process. Links are cut, messages lost, agents killed, objects tampered
 * with, commits pushed and the hub restarted, as a seed decides; then the fleet is left alone and must converge.
 * `FAIRWAY_SIM_SEED=42 npx vitest run --project sim` looks at one seed again. A seed that ever failed stays below.
 */
const kept: readonly number[] = [1, 2, 3];
const named = process.env.FAIRWAY_SIM_SEED;
const seeds = named === undefined ? kept : named.split(',').map(Number);
const size = Number(process.env.FAIRWAY_SIM_AGENTS ?? 200);
const disturbances = 250;

describe('a fleet left alone after chaos', () => {
  it.each(seeds)('[L2, L3, X1] converges (seed %d)', async (seed) => {
    const random = createRandom(seed);
    const fleet = await startSimulatedFleet(random, size);
    try {
      for (let count = 0; count < disturbances; count++) {
        await fleet.disturb();
        await sleep(random.next() * 20);
      }
      await fleet.calm();
      let left: string[] = [];
      await until(
        async () => {
          left = await differences(fleet);
          return left.length === 0;
        },
        {
          what: `seed ${seed} has converged`,
          within: 120_000,
          every: 250,
          describe: () => `${left.length} differences:\n${left.slice(0, 30).join('\n')}`,
        },
      );
      await everyEventOnce(fleet.database);
    } finally {
      await fleet.stop();
    }
  });
});

/** [L3, L4] The events of an agent arrive in order, each once; what is missing was counted as dropped. */
async function everyEventOnce({ db }: Awaited<ReturnType<typeof startSimulatedFleet>>['database']): Promise<void> {
  const epochs = await db
    .selectFrom('events')
    .select(({ fn }) => ['cluster', 'epoch', fn.countAll<number>().as('stored'), fn.max('sequence').as('last')])
    .where('epoch', 'is not', null)
    .groupBy(['cluster', 'epoch'])
    .execute();
  expect(epochs.length).toBeGreaterThan(0);
  const gaps = epochs.filter(({ stored, last }) => stored !== Number(last));
  expect(gaps).toEqual([]);
}
