import { readFile } from 'node:fs/promises';
import { loadAll } from 'js-yaml';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hookFlaw } from '../../core/apply/hooks.ts';
import { annotationFlaws } from '../../core/objects/annotations.ts';
import { groupOf, type KubeObject } from '../../core/objects/object.ts';
import { createMemoryCluster, type MemoryCluster } from '../memory/cluster.ts';
import { until } from '../until.ts';
import { type Bench, ended, isApplied, namespaceObject, refTo, rolledOut, startBench } from './engine-harness.ts';

/** What docs/applying.md shows, applied as it stands there. */
describe('the examples of docs/applying.md', async () => {
  const page = await readFile(new URL('../../docs/applying.md', import.meta.url), 'utf8');
  const examples: { heading: string; objects: KubeObject[] }[] = [];
  for (const [, heading, yaml] of page.matchAll(/^###? (.+)$|```yaml\n([\s\S]*?)```/gm)) {
    if (heading !== undefined) examples.push({ heading, objects: [] });
    else examples.at(-1)?.objects.push(...(loadAll(yaml ?? '') as KubeObject[]));
  }
  const shown = examples.filter(({ objects }) => objects.length > 0);

  let ground: MemoryCluster;
  let bench: Bench;
  beforeEach(async () => {
    ground = createMemoryCluster();
    await ground.put(namespaceObject('shop'), 'kubectl');
    bench = startBench(ground);
  });
  afterEach(() => bench.stop());

  it('has some', () => {
    expect(shown.map(({ heading }) => heading)).toEqual([
      'Waves',
      'Hooks',
      'Fields of others',
      'What left the bundle',
      'Replacing',
      'Moving an object',
    ]);
  });

  it.each(shown)('$heading', async ({ heading, objects }) => {
    expect(objects.flatMap((object) => [...annotationFlaws(object), ...(hookFlaw(object) ? [object] : [])])).toEqual(
      [],
    );
    bench.run({ namespace: 'shop', objects });
    const play = async (name: string) => {
      const stands = () => ground.objects().find(({ metadata }) => metadata.name.startsWith(name));
      await until(() => stands() !== undefined, { what: `${name} stands` });
      const object = stands() as KubeObject;
      const ref = refTo(object.kind, 'shop', object.metadata.name, groupOf(object.apiVersion));
      await ground.setStatus(ref, object.kind === 'Job' ? ended('Complete') : rolledOut);
    };
    const played: Readonly<Record<string, readonly string[]>> = {
      Waves: ['database', 'web'],
      Hooks: ['migrate-', 'smoke-'],
    };
    for (const name of played[heading] ?? []) await play(name);
    await bench.reach('it is applied', isApplied);
    expect(bench.log.map((line) => line.replace(/-[0-9a-f]{7}$/, ''))).toEqual(orders[heading] ?? [expect.any(String)]);
  });
});

const orders: Readonly<Record<string, readonly string[]>> = {
  Waves: ['apply Deployment database', 'apply Deployment web'],
  Hooks: ['apply ConfigMap migrations', 'apply Job migrate', 'delete Job migrate', 'apply Job smoke'],
};
