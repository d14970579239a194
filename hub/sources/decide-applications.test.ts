import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Application } from '../../core/kinds/parse.ts';
import { decideApplications, type FoundApplication, type KnownApplication } from './decide-applications.ts';

const application = (name: string, file: string, tenant: string | null): Application =>
  ({ name, tenant, file, spec: {} }) as unknown as Application;
const found = (name: string | null, path: string, tree = 't1', tenant: string | null = null): FoundApplication => {
  const file = `${path}/app.yaml`;
  return { file, path, tree, application: name === null ? null : application(name, file, tenant) };
};
const known = (name: string, path: string, more: Partial<KnownApplication> = {}): KnownApplication => ({
  ...{ name, source: 'here', path, tree: 't1', tenant: null, removed: false },
  ...more,
});
const decide = (items: FoundApplication[], rows: KnownApplication[], tenants: string[] = []) => {
  const { changes, gone, problems } = decideApplications('here', tenants, items, rows);
  return {
    changes: changes.map(({ type, name, path }) => `${type} ${name} ${path}`),
    gone,
    problems: problems.map(({ code, file }) => `${code} ${file}`),
  };
};
const nothing = { changes: [], gone: [], problems: [] };

describe('decideApplications', () => {
  it('[G2] sees a change by the tree alone', () => {
    expect(decide([found('shop', 'a')], [known('shop', 'a')])).toEqual(nothing);
    expect(decide([found('shop', 'a', 't2')], [known('shop', 'a')])).toEqual({
      ...nothing,
      changes: ['changed shop a'],
    });
    expect(decide([found('shop', 'a')], [])).toEqual({ ...nothing, changes: ['appeared shop a'] });
    expect(decide([found('shop', 'b')], [known('shop', 'a')])).toEqual({ ...nothing, changes: ['moved shop b'] });
    expect(decide([found('shop', 'a')], [known('shop', 'a', { removed: true })])).toEqual({
      ...nothing,
      changes: ['returned shop a'],
    });
  });

  it('[G9] says what is gone, once', () => {
    expect(decide([], [known('shop', 'a')])).toEqual({ ...nothing, gone: ['shop'] });
    expect(decide([], [known('shop', 'a', { removed: true })])).toEqual(nothing);
    expect(decide([], [known('shop', 'a', { source: 'there' })])).toEqual(nothing);
  });

  it('[G6] leaves an application whose file is broken as it was', () => {
    expect(decide([found(null, 'a', 't2')], [known('shop', 'a')])).toEqual(nothing);
  });

  it('gives a name to the folder that had it first', () => {
    const both = [found('shop', 'a'), found('shop', 'b')];
    expect(decide(both, [])).toEqual({
      changes: ['appeared shop a'],
      gone: [],
      problems: ['application-duplicate b/app.yaml'],
    });
    expect(decide(both, [known('shop', 'b')])).toEqual({ ...nothing, problems: ['application-duplicate a/app.yaml'] });
    expect(decide(both, [known('shop', 'x', { source: 'there' })])).toEqual({
      ...nothing,
      problems: ['application-duplicate a/app.yaml', 'application-duplicate b/app.yaml'],
    });
    expect(decide([found('shop', 'a')], [known('shop', 'x', { source: 'there', removed: true })]).changes).toEqual([
      'returned shop a',
    ]);
  });

  it('takes a new name in the same folder as another application', () => {
    expect(decide([found('store', 'a')], [known('shop', 'a')])).toEqual({
      ...nothing,
      changes: ['appeared store a'],
      gone: ['shop'],
    });
  });

  it('[A10] refuses an application of a tenant that may not come from here, and leaves the one before', () => {
    const items = [found('shop', 'a', 't2', 'other'), found('cart', 'b', 't1', null), found('ok', 'c', 't1', 'mine')];
    expect(decide(items, [known('shop', 'a')], ['mine'])).toEqual({
      changes: ['appeared ok c'],
      gone: [],
      problems: ['application-tenant-refused a/app.yaml', 'application-tenant-refused b/app.yaml'],
    });
  });

  it('[A10] gives a name that is free, and may still run, to no other tenant of another source', () => {
    const was = (more: Partial<KnownApplication>) => [
      known('shop', 'x', { source: 'there', removed: true, tenant: 'theirs', ...more }),
    ];
    const mine = [found('shop', 'a', 't1', 'mine')];
    const refused = { ...nothing, problems: ['application-tenant-changed a/app.yaml'] };
    expect(decide(mine, was({}))).toEqual(refused);
    expect(decide(mine, was({ tenant: null }))).toEqual(refused);
    expect(decide(mine, was({ tenant: 'mine' })).changes).toEqual(['returned shop a']);
    expect(decide(mine, was({ source: 'here' })).changes).toEqual(['returned shop a']);
  });

  it('comes to rest: what it decided, decided again, changes nothing', () => {
    const name = fc.constantFrom('shop', 'cart', null);
    const item = fc.record({ name, path: fc.constantFrom('a', 'b', 'c'), tree: fc.constantFrom('t1', 't2') });
    const items = fc.uniqueArray(item, { selector: ({ path }) => path });
    const row = fc.record({
      name: fc.constantFrom('shop', 'cart', 'old'),
      source: fc.constantFrom('here', 'there'),
      path: fc.constantFrom('a', 'b', 'c'),
      tree: fc.constant('t1'),
      tenant: fc.constant(null),
      removed: fc.boolean(),
    });
    fc.assert(
      fc.property(items, fc.uniqueArray(row, { selector: ({ name }) => name }), (given, rows) => {
        const list = given.map(({ name, path, tree }) => found(name, path, tree));
        const { changes, gone } = decideApplications('here', [], list, rows);
        const after = new Map<string, KnownApplication>(rows.map((one) => [one.name, one]));
        for (const { name, path, tree } of changes) after.set(name, known(name, path, { tree }));
        for (const name of gone) after.set(name, { ...(after.get(name) as KnownApplication), removed: true });
        const again = decideApplications('here', [], list, [...after.values()]);
        expect([again.changes, again.gone]).toEqual([[], []]);
        for (const { name, source, removed } of rows) {
          if (source === 'there' && !removed) expect(after.get(name)?.source).toBe('there');
        }
      }),
    );
  });
});
