import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareWithLastGood, type Declared } from './last-good.ts';

const item = (key: string, file = `${key}.yaml`, digest = '1'): Declared => ({ key, file, digest });
const files = (present: string[], broken: string[] = []) => ({ present: new Set(present), broken: new Set(broken) });

describe('compareWithLastGood', () => {
  it('tells what is new, what says something else, and what is gone', () => {
    const compared = compareWithLastGood(
      [item('new'), item('same'), item('other', 'other.yaml', '2')],
      [item('same'), item('other'), item('gone')],
      files(['new.yaml', 'same.yaml', 'other.yaml']),
    );
    expect(compared).toEqual({ changed: new Set(['new', 'other']), removed: new Set(['gone']), kept: new Set() });
  });

  it('[G6] keeps what a broken file declared', () => {
    const { kept, removed } = compareWithLastGood([], [item('a')], files(['a.yaml'], ['a.yaml']));
    expect([kept, removed]).toEqual([new Set(['a']), new Set()]);
  });

  it('removes what a whole file declares no more', () => {
    expect(compareWithLastGood([], [item('a')], files(['a.yaml'])).removed).toEqual(new Set(['a']));
  });

  it('[G6] keeps what vanished as a broken file appeared beside it', () => {
    const stored = [item('a', 'environments/a.yaml'), item('b', 'tenants/b.yaml')];
    const { kept, removed } = compareWithLastGood([], stored, files(['environments/z.yaml'], ['environments/z.yaml']));
    expect([kept, removed]).toEqual([new Set(['a']), new Set(['b'])]);
  });

  it('[G6] never removes a declaration whose file is broken', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd');
    fc.assert(
      fc.property(fc.uniqueArray(name), fc.uniqueArray(name), fc.uniqueArray(name), (current, stored, broken) => {
        const present = [...new Set([...current, ...broken])].map((key) => `${key}.yaml`);
        const { removed, kept, changed } = compareWithLastGood(
          current.filter((key) => !broken.includes(key)).map((key) => item(key)),
          stored.map((key) => item(key)),
          files(
            present,
            broken.map((key) => `${key}.yaml`),
          ),
        );
        for (const key of broken) expect(removed.has(key)).toBe(false);
        for (const key of kept) expect(removed.has(key) || changed.has(key)).toBe(false);
      }),
    );
  });
});
