import { setTimeout as sleep } from 'node:timers/promises';
import { type Ground, namespaceObject } from '../../contract/engine-harness.ts';
import { createRandom } from '../../sim/random.ts';
import type { KubeCluster } from '../harness/cluster.ts';
import { startFaultyProxy } from './proxy.ts';
import { createWorld } from './world.ts';

/** How a seed ended. */
export interface SeedResult {
  readonly seed: number;
  /** What is not as it is to be, in words; empty: the cluster equals the bundles, and the inventories the cluster. */
  readonly wrong: readonly string[];
  /** How often what went wrong on the way. */
  readonly faults: ReadonlyMap<string, number>;
}

const steps = 30;
/** With so large a share of the calls something goes wrong: it changes, as weather does. */
const weathers = [0, 0.01, 0.03, 0.1, 0.3];
/** Milliseconds between two steps, at most. */
const pause = 250;
/** Milliseconds within which all has to be well once nothing goes wrong any more. */
const calm = 150_000;

/**
 * Takes two applications through faults: their first apply, new bundles, prunes, what others change and delete, restarts
 * and crashes of the agent, as a seed decides. Then nothing goes wrong any more, and everything must come right.
 */
export async function runSeed(cluster: KubeCluster, ground: Ground, seed: number): Promise<SeedResult> {
  const random = createRandom(seed);
  const namespace = `faults-${seed}`;
  await ground.put(namespaceObject(namespace), 'kubectl');
  const proxy = await startFaultyProxy(cluster, seed);
  const world = await createWorld(ground, proxy, random, namespace, seed);
  try {
    proxy.setShare(random.pick(weathers));
    await world.begin();
    for (let step = 0; step < steps; step++) {
      await world.disturb();
      await sleep(random.below(pause));
      proxy.setShare(random.pick(weathers));
    }
    proxy.setShare(0);
    const deadline = Date.now() + calm;
    let wrong = await world.wrong();
    while (wrong.length > 0 && Date.now() < deadline) {
      await sleep(100);
      wrong = await world.wrong();
    }
    return { seed, wrong: [...world.broken, ...wrong], faults: proxy.counts() };
  } finally {
    await world.end();
    await proxy.stop();
  }
}
