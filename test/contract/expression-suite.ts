import { expect, it } from 'vitest';
import type { HealthRule } from '../../core/bundle.ts';
import type { DriftTools } from './drift-suite.ts';
import { configMap, isApplied, refTo } from './engine-harness.ts';

/** Health by an application's own expressions, from the bundle to the status (H1). */
export function expressionSuite(tools: DriftTools): void {
  const { start, fresh, setData } = tools;
  const ignore = [{ kind: 'ConfigMap', fields: ['/data/phase'] }];
  const rule: HealthRule = {
    kind: 'ConfigMap',
    name: 'widget',
    healthy: "object.data.phase == 'ready'",
    degraded: "object.data.phase == 'broken'",
    message: "'its phase is ' + object.data.phase",
  };
  const objects = () => [configMap('widget', { phase: 'new' }), configMap('other', { phase: 'broken' })];

  it('[H1] [H2] follows them as the object changes, and tells their sentence', async () => {
    const own = { ...(await fresh()), ignore, health: [rule] };
    const bench = start();
    bench.run({ ...own, objects: objects() });
    const reach = (health: string) =>
      bench.reach(`it is ${health}`, (status) => isApplied(status) && status.health === health, tools.space);
    expect((await reach('progressing')).problems).toMatchObject([
      { object: { name: 'widget' }, code: 'unhealthy', health: 'progressing' },
    ]);
    await setData('widget', 'widget-controller', { phase: 'ready' });
    expect((await reach('healthy')).counts).toMatchObject({ objects: 2, healthy: 2 });
    await setData('widget', 'widget-controller', { phase: 'broken' });
    expect((await reach('degraded')).message).toContain('its phase is broken');
    await tools.ground.edit(refTo('ConfigMap', tools.space, 'widget'), 'widget-controller', (object) => {
      object.data = {};
    });
    expect((await reach('unknown')).message).toContain('cannot be evaluated: No such key');
  });

  it('[H1] judges what stands anew when a release brings other expressions, without a write', async () => {
    const own = { ...(await fresh()), ignore };
    const bench = start();
    bench.run({ ...own, health: [rule], objects: objects() });
    const reach = (health: string) =>
      bench.reach(`it is ${health}`, (status) => isApplied(status) && status.health === health, tools.space);
    await reach('progressing');
    const before = bench.writes();
    bench.run({ ...own, health: [{ ...rule, healthy: "object.data.phase == 'new'" }], objects: objects() });
    await reach('healthy');
    bench.run({ ...own, health: [], objects: objects() });
    await bench.reach('the table judges', ({ message }) => message.includes('All 2 objects'), tools.space);
    expect(bench.writes()).toBe(before);
  });

  it('[A9] an expression that would run for ever holds up nobody', async () => {
    const own = await fresh();
    const bench = start();
    const evil = { ...rule, healthy: "object.data.phase.matches('^(a+)+$')", degraded: 'false', message: "''" };
    const long = configMap('widget', { phase: `${'a'.repeat(64)}!` });
    bench.run({ ...own, health: [evil], objects: [long, configMap('other', { a: 'b' })] });
    const status = await bench.reach('it is applied', (now) => isApplied(now) && now.counts.unknown === 1, tools.space);
    expect(status.message).toContain('take too long');
    await setData('other', 'kubectl-edit', { a: 'changed' });
    await bench.reach('a drift is corrected all the same', () => bench.details('drift').length === 1, tools.space);
  });
}
