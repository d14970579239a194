import { afterAll, beforeAll, expect, it } from 'vitest';
import { isApplied, namespaceObject, startBench } from '../contract/engine-harness.ts';
import { createMemoryState } from '../memory/state.ts';
import { until } from '../until.ts';
import { openGround } from './ground.ts';
import { describeKube } from './harness/describe.ts';
import { unusuallySpelt } from './kinds.ts';

describeKube('built-in kinds on a real API server', () => {
  let close: () => Promise<void>;
  let ground: Awaited<ReturnType<typeof openGround>>['ground'];

  beforeAll(async () => {
    ({ ground, close } = await openGround('kinds'));
    await ground.put(namespaceObject('kinds'), 'kubectl');
  });
  afterAll(() => close());

  it('[D2] takes no default and no normalised value for a drift', async () => {
    const state = createMemoryState();
    const bundle = { application: 'kinds', namespace: 'kinds', objects: unusuallySpelt('kinds') };
    const first = startBench(ground, { state, limits: { comparison: 200 } });
    first.run(bundle);
    await first.reach('it is applied', isApplied, 'kinds');
    expect(first.writes()).toBe(bundle.objects.length);
    await until(() => new Promise((resolve) => setTimeout(() => resolve(true), 2_000)), {
      what: 'some comparisons are made',
    });
    expect(first.details('drift')).toEqual([]);
    expect(first.writes()).toBe(bundle.objects.length);
    await first.stop();

    for (const disk of [state, createMemoryState()]) {
      const next = startBench(ground, { state: disk });
      next.run(bundle);
      await next.reach('it stands', isApplied, 'kinds');
      expect(next.details('drift')).toEqual([]);
      expect(next.writes()).toBe(0);
      await next.stop();
    }
  });
});
