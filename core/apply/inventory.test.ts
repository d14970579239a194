import { describe, expect, it } from 'vitest';
import type { Difference } from '../fields/diff.ts';
import { refKey } from '../objects/object.ts';
import {
  decodeInventory,
  emptyInventory,
  encodeInventory,
  opened,
  settled,
  unexplained,
  withHookDone,
  withJob,
  withNormalised,
} from './inventory.ts';

const ref = (name: string) => ({ group: '', kind: 'ConfigMap', namespace: 'shop', name });
const difference = (pointer: string, fingerprint: string): Difference => ({
  pointer,
  fingerprint,
  wanted: '"1"',
  found: '"2"',
  manager: 'unknown',
});
const running = { release: 'shop@1', bundle: 'sha256:1' };

describe('the inventory', () => {
  it('[A5] opens as old ∪ new, each once', () => {
    const before = { ...emptyInventory('shop'), refs: [ref('a'), ref('b')], running };
    const open = opened(before, 'sha256:2', [ref('b'), ref('c')], [refKey(ref('a'))]);
    expect(open.refs.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(open).toMatchObject({ settled: false, held: [refKey(ref('a'))], running });
  });

  it('[A5] settles as what is wanted and what remains', () => {
    const open = opened({ ...emptyInventory('shop'), refs: [ref('a'), ref('b')] }, 'sha256:1', [ref('c')], []);
    const after = settled(open, [ref('c')], [ref('a')], [refKey(ref('a'))], running, 5);
    expect(after.refs.map(({ name }) => name)).toEqual(['c', 'a']);
    expect(after).toMatchObject({ settled: true, held: [refKey(ref('a'))], running, appliedAt: 5 });
  });

  it('[A2] begins a new course with each way to a bundle, and forgets on it which hooks have run', () => {
    const first = withHookDone(opened(emptyInventory('shop'), 'sha256:1', [], []), 'migrate');
    expect(first.course).toEqual({ bundle: 'sha256:1', run: 1, done: ['migrate'] });
    expect(opened(first, 'sha256:1', [], []).course).toBe(first.course);
    const second = opened(first, 'sha256:2', [], []);
    expect(second.course).toEqual({ bundle: 'sha256:2', run: 2, done: [] });
    expect(opened(second, 'sha256:1', [], []).course).toEqual({ bundle: 'sha256:1', run: 3, done: [] });
    expect(withHookDone(first, 'migrate')).toBe(first);
  });

  it('[A5] lists the Job of a hook once, and for as long as it stands', () => {
    const job = {
      ref: { ...ref('migrate-1'), group: 'batch', kind: 'Job' },
      hook: 'migrate',
      deletion: 'never',
    } as const;
    const open = opened(emptyInventory('shop'), 'sha256:1', [], []);
    const listed = withJob(withJob(open, job), job);
    expect(listed.jobs).toEqual([{ ...job, course: 1 }]);
    expect(settled(listed, [], [], [], running, 5, () => true).jobs).toHaveLength(1);
    expect(settled(listed, [], [], [], running, 5, () => false).jobs).toEqual([]);
  });

  it('[D2] remembers how the server spells a wanted object, and nothing of another', () => {
    const key = refKey(ref('a'));
    const knowing = withNormalised(emptyInventory('shop'), key, 'sha256:1', [difference('/data/a', 'x')]);
    expect(unexplained(knowing, key, 'sha256:1', [difference('/data/a', 'x')])).toEqual([]);
    expect(unexplained(knowing, key, 'sha256:1', [difference('/data/a', 'y')])).toHaveLength(1);
    expect(unexplained(knowing, key, 'sha256:2', [difference('/data/a', 'x')])).toHaveLength(1);
    expect(withNormalised(knowing, key, 'sha256:1', [difference('/data/a', 'x')])).toBe(knowing);
    expect(withNormalised(knowing, key, 'sha256:2', []).normalised).toEqual({});
    expect(settled(knowing, [], [], [], running, 5).normalised).toEqual({});
  });

  it('[A5] reads what it wrote, and takes nothing else for it', () => {
    const inventory = { ...emptyInventory('shop'), refs: [ref('a')], running };
    expect(decodeInventory(encodeInventory(inventory))).toEqual(inventory);
    const older = new TextEncoder().encode('{"version":1,"application":"shop","refs":[]}');
    expect(decodeInventory(older)).toMatchObject({ jobs: [], course: null });
    for (const text of ['', '{', 'null', '[]', '{"version":2,"application":"shop","refs":[]}', '{"version":1}'])
      expect(decodeInventory(new TextEncoder().encode(text))).toBeNull();
    expect(decodeInventory(new Uint8Array([0xff, 0xfe]))).toBeNull();
  });
});
