import { afterEach, expect, it } from 'vitest';
import { createAgentMetrics } from '../../agent/metrics.ts';
import type { KubeObject } from '../../core/objects/object.ts';
import { noTelemetry } from '../../telemetry/telemetry.ts';
import { createMemoryCluster } from '../memory/cluster.ts';
import { type Bench, configMap, deployment, isApplied, refTo, rolledOut, startBench } from './engine-harness.ts';

const benches: Bench[] = [];
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.stop();
});

it('[A9] what waits for many objects looks again a few times a second, however many change', async () => {
  const ground = createMemoryCluster();
  let passes = 0;
  const metrics = {
    ...createAgentMetrics(noTelemetry.meter),
    passed: () => {
      passes += 1;
    },
  };
  const bench = startBench(ground, { metrics });
  benches.push(bench);
  const names = Array.from({ length: 200 }, (_, index) => `web-${index}`);
  const late: KubeObject = configMap('late', {});
  late.metadata.annotations = { 'fairway.dev/wave': '1' };
  bench.run({ objects: [...names.map((name) => deployment(name, 'default')), late] });
  await bench.reach('the wave waits', ({ wait }) => wait?.reason.startsWith('wave 1 waits') ?? false);
  const [before, begin] = [passes, performance.now()];
  for (const name of names) await ground.setStatus(refTo('Deployment', 'default', name, 'apps'), rolledOut);
  await bench.reach('it is applied', isApplied);
  const tenths = (performance.now() - begin) / 100;
  expect(passes - before).toBeLessThan(tenths + 10);
});
