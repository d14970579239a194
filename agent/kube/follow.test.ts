import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../core/objects/object.ts';
import { followKind } from './follow.ts';
import { KubeError, type Resource, type WatchEvent } from './port.ts';

const resource: Resource = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true };
const object = (name: string, resourceVersion: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'shop', resourceVersion },
});
const gone = new KubeError('gone', 'too old resource version', { status: 410 });
const down = new KubeError('unavailable', 'no answer');

type Step = { list: KubeObject[]; at: string } | { watch: WatchEvent[] } | { fail: Error; on: 'list' | 'watch' };

/** Plays the steps in order, then aborts; the record tells what was asked, told and waited for. */
async function play(steps: Step[], random = 0.5): Promise<string[]> {
  const record: string[] = [];
  const stop = new AbortController();
  let now = 0;
  const take = (call: 'list' | 'watch'): Step | null => {
    const step = steps.shift();
    if (step === undefined) stop.abort();
    else if ('fail' in step && step.on === call) throw step.fail;
    return step ?? null;
  };
  await followKind(
    {
      async list() {
        record.push('list');
        const step = take('list');
        return step !== null && 'list' in step
          ? { items: step.list, resourceVersion: step.at }
          : { items: [], resourceVersion: '0' };
      },
      async watch(_, { resourceVersion }, onEvent) {
        record.push(`watch ${resourceVersion}`);
        const step = take('watch');
        if (step !== null && 'watch' in step) step.watch.forEach(onEvent);
      },
    },
    resource,
    { labelSelector: 'a=b' },
    {
      onSnapshot: (objects) => record.push(`snapshot ${objects.map(({ metadata }) => metadata.name).join(' ')}`),
      onEvent: (event) => record.push(`${event.type} ${event.object.metadata.name}`),
      onError: (error) => record.push(`error ${error.code}`),
    },
    stop.signal,
    {
      now: () => now,
      sleep: async (milliseconds) => {
        record.push(`wait ${milliseconds}`);
        now += milliseconds;
      },
      random: () => random,
    },
  );
  return record.filter((line, index) => index < record.length - 1 || !line.startsWith('wait'));
}

describe('following a kind', () => {
  it('lists, then goes on from the last version that it saw, bookmarks included', async () => {
    expect(
      await play([
        { list: [object('a', '3')], at: '5' },
        { watch: [{ type: 'modified', object: object('a', '7') }] },
        { watch: [{ type: 'bookmark', resourceVersion: '19' }] },
      ]),
    ).toEqual(['list', 'snapshot a', 'watch 5', 'modified a', 'wait 175', 'watch 7', 'wait 175', 'watch 19']);
  });

  it('lists again where the version is too old', async () => {
    expect(
      await play([
        { list: [], at: '5' },
        { fail: gone, on: 'watch' },
        { list: [object('b', '8')], at: '9' },
        { watch: [] },
      ]),
    ).toEqual([
      'list',
      'snapshot ',
      'watch 5',
      'error gone',
      'wait 175',
      'list',
      'snapshot b',
      'watch 9',
      'wait 550',
      'watch 9',
    ]);
  });

  it('waits ever longer while nothing succeeds, up to half a minute', async () => {
    const record = await play(
      Array.from({ length: 12 }, () => ({ fail: down, on: 'list' }) as const),
      0.999999,
    );
    const waits = record.filter((line) => line.startsWith('wait')).map((line) => Number(line.slice(5)));
    expect(waits.slice(0, 3).map(Math.round)).toEqual([300, 550, 1050]);
    expect(Math.max(...waits)).toBeLessThanOrEqual(30_050);
    expect(Math.round(waits.at(-1) ?? 0)).toBe(30_050);
  });

  it('does not spin on a server that ends each watch at once', async () => {
    const record = await play([{ list: [], at: '5' }, ...Array.from({ length: 6 }, () => ({ watch: [] }))], 0.5);
    expect(record.filter((line) => line.startsWith('wait'))).toEqual([
      'wait 300',
      'wait 550',
      'wait 1050',
      'wait 2050',
      'wait 4050',
      'wait 8050',
    ]);
  });

  it('lets an error of a handler out', async () => {
    await expect(play([{ fail: new TypeError('a bug'), on: 'list' }])).rejects.toThrow('a bug');
  });
});
