import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { hasRedis } from '../redis.ts';
import { violations } from './check-history.ts';
import { createRandom } from './random.ts';
import { type ChaoticFleet, startChaoticFleet } from './rollout-chaos.ts';

/**
 * Two applications roll out in five waves over one environment: once undisturbed, then, for each seed, again while hubs
 * are killed, Redis is emptied and killed, PostgreSQL restarted, and agents come and go, as the seed decides. Each has
 * to end as the undisturbed one did, and the record of all of them has to keep the rules.
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
/** So many seeds are tried on one fleet, one after the other; what failed is left behind with its fleet. */
const seedsPerFleet = 10;

interface Scene {
  readonly fleet: ChaoticFleet;
  /** How the rollouts end when nothing happens to them. */
  readonly undisturbed: unknown;
  readonly seeds: number[];
}

describe.skipIf(!hasRedis())('rollouts through chaos', () => {
  const random = createRandom(0);
  let scene: Scene | null = null;

  const leave = async () => {
    const { fleet } = scene ?? {};
    scene = null;
    await fleet?.stop();
  };
  const sceneFor = async (seed: number): Promise<Scene> => {
    if (scene !== null && scene.seeds.length >= seedsPerFleet) await leave();
    if (scene === null) {
      const fleet = await startChaoticFleet(random, size);
      scene = { fleet, undisturbed: null, seeds: [] };
      const first = await fleet.release();
      await fleet.completed(first);
      scene = { ...scene, undisturbed: await fleet.outcome(first) };
    }
    scene.seeds.push(seed);
    return scene;
  };
  afterAll(leave);

  it.each(seeds)('[R3, R4, R9, R11, X1] end as they do undisturbed, and keep the budget (seed %d)', async (seed) => {
    const happened = new Map<string, number>();
    const began = Date.now();
    let isWell = false;
    try {
      const { fleet, undisturbed } = await sceneFor(seed);
      random.reseed(seed);
      const release = await fleet.release();
      let isComplete = false;
      const completed = fleet.completed(release).finally(() => {
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
      expect(await fleet.outcome(release)).toEqual(undisturbed);
      isWell = true;
    } finally {
      const seconds = Math.round((Date.now() - began) / 1_000);
      const how = `${isWell ? 'as undisturbed' : 'FAILED'} in ${seconds} s`;
      process.stdout.write(`seed ${seed}, ${size} clusters: ${how}: ${JSON.stringify(Object.fromEntries(happened))}\n`);
      if (!isWell) await leave();
    }
  });
});
