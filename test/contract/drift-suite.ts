import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../core/objects/object.ts';
import { until } from '../until.ts';
import {
  type Bench,
  configMap,
  containersOf,
  deployment,
  type Ground,
  isApplied,
  namespaceObject,
  refTo,
  startBench,
} from './engine-harness.ts';
import { expressionSuite } from './expression-suite.ts';
import { leftToOthersSuite } from './left-to-others-suite.ts';
import { watchSuite } from './watch-suite.ts';

/** A cluster, and what tests of drift do in it: each in a namespace of its own. */
export interface DriftTools {
  readonly ground: Ground;
  /** A new namespace, and what a bundle of it is called. */
  fresh(): Promise<{ readonly namespace: string; readonly application: string }>;
  readonly space: string;
  start(options?: Parameters<typeof startBench>[1]): Bench;
  read(kind: string, name: string, group?: string): Promise<KubeObject | null>;
  data(name: string): Promise<Record<string, string> | undefined>;
  setData(name: string, manager: string, values: Record<string, string>, kind?: string): Promise<void>;
}

/** What the engine owes to an application that stands, on any cluster. */
export function driftSuite(open: () => Promise<{ ground: Ground; close: () => Promise<void> }>): void {
  let ground: Ground;
  let close: () => Promise<void>;
  let count = 0;
  let space = '';
  const benches: Bench[] = [];
  const tools: DriftTools = {
    get ground() {
      return ground;
    },
    get space() {
      return space;
    },
    start: (options = {}) => {
      const bench = startBench(ground, options);
      benches.push(bench);
      return bench;
    },
    read: async (kind, name, group = '') => {
      const resource = await ground.kube.resourceOf(group, kind);
      return resource === null ? null : ground.kube.get(resource, { namespace: space, name });
    },
    data: async (name) => (await tools.read('ConfigMap', name))?.data as Record<string, string> | undefined,
    fresh: async () => {
      count += 1;
      space = `drift-${count}`;
      await ground.put(namespaceObject(space), 'kubectl');
      return { namespace: space, application: space };
    },
    setData: (name, manager, values, kind = 'ConfigMap') =>
      ground.edit(refTo(kind, space, name), manager, (object) => Object.assign(object.data as object, values)),
  };

  beforeAll(async () => {
    ({ ground, close } = await open());
  });
  afterEach(async () => {
    for (const bench of benches.splice(0)) await bench.stop();
  });
  afterAll(() => close());

  changes(tools);
  describe('what is left to others', () => leftToOthersSuite(tools));
  describe('watches', () => watchSuite(tools));
  describe('health by expressions', () => expressionSuite(tools));
}

function changes(tools: DriftTools): void {
  const { start, read, data, fresh, setData } = tools;

  it('[D1] [D3] puts a changed field back and says object, field, wanted, found and who', async () => {
    const own = await fresh();
    const bench = start();
    bench.run({ ...own, objects: [configMap('a', { one: '1', two: '2' })] });
    await bench.reach('it is applied', isApplied, tools.space);
    await setData('a', 'kubectl-edit', { one: 'changed' });
    await until(async () => (await data('a'))?.one === '1', { what: 'the field is put back' });
    await until(() => bench.details('drift').length > 0, { what: 'the correction is told' });
    expect(bench.details('drift')).toEqual([
      {
        type: 'drift',
        outcome: 'corrected',
        drift: {
          object: { group: '', kind: 'ConfigMap', namespace: tools.space, name: 'a' },
          field: '/data/one',
          wanted: '"1"',
          found: '"changed"',
          manager: 'kubectl-edit',
          firstSeen: expect.any(Number),
        },
      },
    ]);
    await bench.reach('nothing has drifted', ({ counts }) => counts.drifted === 0, tools.space);
  });

  it('[D1] brings a deleted object back', async () => {
    const own = await fresh();
    const bench = start();
    bench.run({ ...own, objects: [configMap('a', { one: '1' })] });
    await bench.reach('it is applied', isApplied, tools.space);
    await tools.ground.remove(refTo('ConfigMap', tools.space, 'a'));
    await until(async () => (await data('a'))?.one === '1', { what: 'it is back' });
    await until(() => bench.details('drift').length > 0, { what: 'the correction is told' });
    expect(bench.details('drift')).toMatchObject([
      { outcome: 'corrected', drift: { object: { name: 'a' }, field: '', found: null, manager: 'unknown' } },
    ]);
  });

  it('[D1] puts its label back, which takes an object out of every watch', async () => {
    const own = await fresh();
    const bench = start();
    bench.run({ ...own, objects: [configMap('a', { one: '1' })] });
    await bench.reach('it is applied', isApplied, tools.space);
    await tools.ground.edit(refTo('ConfigMap', tools.space, 'a'), 'kubectl-edit', (object) => {
      delete object.metadata.labels?.['fairway.dev/application'];
    });
    await until(
      async () => (await read('ConfigMap', 'a'))?.metadata.labels?.['fairway.dev/application'] === tools.space,
      {
        what: 'the label is back',
      },
    );
    await until(() => bench.details('drift').length > 0, { what: 'the correction is told' });
    expect(bench.details('drift')).toMatchObject([
      { outcome: 'corrected', drift: { field: '/metadata/labels/fairway.dev~1application', found: null } },
    ]);
  });

  it('[D1] puts one container back among others, named by its place in the manifest', async () => {
    const own = await fresh();
    const bench = start();
    bench.run({ ...own, objects: [deployment('web', tools.space)] });
    await bench.reach('it is applied', isApplied, tools.space);
    await tools.ground.edit(refTo('Deployment', tools.space, 'web', 'apps'), 'kubectl-patch', (object) => {
      const [container] = containersOf(object);
      Object.assign(container ?? {}, { image: 'example/app:evil' });
    });
    await until(async () => containersOf(await read('Deployment', 'web', 'apps'))[0]?.image === 'example/app:1', {
      what: 'the image is put back',
    });
    await until(() => bench.details('drift').length > 0, { what: 'the correction is told' });
    expect(bench.details('drift')).toMatchObject([
      {
        outcome: 'corrected',
        drift: {
          field: '/spec/template/spec/containers/0/image',
          found: '"example/app:evil"',
          manager: 'kubectl-patch',
        },
      },
    ]);
    expect(bench.status(tools.space)?.problems.filter(({ code }) => code !== 'unhealthy')).toEqual([]);
  });

  it('[D2] leaves fields alone that the bundle does not set', async () => {
    const own = await fresh();
    const bench = start();
    bench.run({ ...own, objects: [configMap('a', { one: '1' })] });
    await bench.reach('it is applied', isApplied, tools.space);
    const before = bench.writes();
    await setData('a', 'kubectl-edit', { extra: 'mine' });
    await tools.ground.remove(refTo('ConfigMap', tools.space, 'none')).catch(() => undefined);
    await setData('a', 'kubectl-edit', { extra: 'mine again' });
    expect(await data('a')).toEqual({ one: '1', extra: 'mine again' });
    expect(bench.writes()).toBe(before);
    expect(bench.details('drift')).toEqual([]);
  });

  it('[D1] only reports in mode report, and says when a drift is gone', async () => {
    const own = await fresh();
    const bench = start();
    bench.run({ ...own, objects: [configMap('a', { one: '1' })] }, { drift: 'report' });
    await bench.reach('it is applied', isApplied, tools.space);
    await setData('a', 'kubectl-edit', { one: 'changed' });
    const status = await bench.reach('the drift is reported', ({ counts }) => counts.drifted === 1, tools.space);
    expect(status.drifts).toMatchObject([{ field: '/data/one', found: '"changed"', manager: 'kubectl-edit' }]);
    expect(await data('a')).toEqual({ one: 'changed' });
    await setData('a', 'kubectl-edit', { one: '1' });
    await bench.reach('the drift is gone', ({ counts }) => counts.drifted === 0, tools.space);
    expect(bench.details('drift').map(({ outcome }) => outcome)).toEqual(['found', 'gone']);
  });

  it('[D3] corrects what stood in mode report once the mode is correct', async () => {
    const own = await fresh();
    const bench = start();
    const objects = [configMap('a', { one: '1' })];
    bench.run({ ...own, objects }, { drift: 'hold' });
    await bench.reach('it is applied', isApplied, tools.space);
    await tools.ground.remove(refTo('ConfigMap', tools.space, 'a'));
    const status = await bench.reach('the drift is reported', ({ counts }) => counts.drifted === 1, tools.space);
    expect(status).toMatchObject({ health: 'degraded', drifts: [{ field: '', found: null }] });
    bench.run({ ...own, objects }, { drift: 'correct' });
    await until(async () => (await data('a'))?.one === '1', { what: 'it is back' });
  });

  it('[D3] backs off from a fight, and names the other party', async () => {
    const own = await fresh();
    const bench = start();
    bench.run({ ...own, conflicts: 'force', objects: [configMap('a', { one: '1' })] });
    await bench.reach('it is applied', isApplied, tools.space);
    for (let round = 0; !bench.details('drift').some(({ outcome }) => outcome === 'fought'); round++) {
      if (round > 40) throw new Error('no fight is told');
      await setData('a', 'rogue-operator', { one: `round ${round}` });
      await until(
        async () =>
          (await data('a'))?.one === '1' || bench.details('drift').some(({ outcome }) => outcome === 'fought'),
        { what: 'it is corrected or called a fight' },
      );
    }
    const status = await bench.reach(
      'the fight stands',
      ({ problems }) => problems.some(({ code }) => code === 'fought'),
      tools.space,
    );
    expect(status.problems[0]?.message).toContain('rogue-operator');
    expect(status.drifts).toMatchObject([{ field: '/data/one', manager: 'rogue-operator' }]);
    await until(async () => (await data('a'))?.one === '1', { what: 'it is corrected in the end' });
  });

  it('[A11] masks what a Secret holds, in events, statuses and errors', async () => {
    const own = await fresh();
    const bench = start();
    const secret = (stringData: Record<string, unknown>): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's' },
      stringData,
    });
    bench.run({ ...own, objects: [secret({ password: 'hunter2' })] });
    await bench.reach('it is applied', isApplied, tools.space);
    const intruder = Buffer.from('intruder').toString('base64');
    await setData('s', 'kubectl-edit', { password: intruder }, 'Secret');
    await until(() => bench.details('drift').length > 0, { what: 'the correction is told' });
    expect(bench.details('drift')).toMatchObject([
      { outcome: 'corrected', drift: { field: '/data/password', wanted: '"(masked)"', found: '"(masked)"' } },
    ]);
    const told = JSON.stringify([bench.events, bench.reports]);
    for (const value of ['hunter2', Buffer.from('hunter2').toString('base64'), 'intruder', intruder])
      expect(told).not.toContain(value);
  });

  it('[L3] reports a thousand changes in few reports', async () => {
    const own = await fresh();
    const bench = start({ limits: { report: 200 } });
    bench.run({ ...own, objects: Array.from({ length: 100 }, (_, index) => configMap(`o-${index}`, { a: 'b' })) });
    await bench.reach('it is applied', isApplied, tools.space);
    expect(bench.reports.length).toBeLessThan(60);
  });
}
