import { describe, expect, it } from 'vitest';
import type { Change } from './change.ts';
import { assemblePlan, type GroupChanges, type PlanSubject } from './plan.ts';

const subject = {
  environment: 'prod',
  application: 'shop',
  kind: 'release',
  release: 'shop@2',
  previous: 'shop@1',
} as const;
const ref = (name: string) => ({ group: '', kind: 'ConfigMap', namespace: 'shop', name });
const change = (name: string, action: 'create' | 'delete' = 'create'): Change =>
  action === 'delete'
    ? { id: `sha256:${action}-${name}`, action, object: ref(name) }
    : { id: `sha256:${action}-${name}`, action, object: ref(name), encrypted: false };
const group = (clusters: string[], ...changes: Change[]): GroupChanges => ({
  ...{ before: 'sha256:a', after: `sha256:${clusters[0]}`, clusters, changes },
});
const plan = (groups: GroupChanges[], rules: unknown = { soak: '1h' }) =>
  assemblePlan(subject, rules, { groups, unchanged: [], failures: [] });

describe('assemblePlan', () => {
  it('shows the same change on many clusters once', () => {
    const { content } = plan([group(['eu-1', 'eu-2'], change('a'), change('b')), group(['us-1'], change('a'))]);
    expect(content.changes.map(({ change: { id }, groups }) => [id, groups])).toEqual([
      ['sha256:create-a', [0, 1]],
      ['sha256:create-b', [0]],
    ]);
    expect(content.groups.map(({ clusters }) => clusters)).toEqual([['eu-1', 'eu-2'], ['us-1']]);
  });

  it('[A6] lists each object that is deleted somewhere once', () => {
    const { content } = plan([group(['a'], change('x', 'delete')), group(['b'], change('x', 'delete'), change('y'))]);
    expect(content.deletes).toEqual([ref('x')]);
  });

  it('[P2] a cluster that joins, or leaves, alters the digest only by a change that the set lacks, or loses', () => {
    const { digest } = plan([group(['a'], change('x'), change('y')), group(['b'], change('y'))]);
    expect(plan([group(['c', 'a'], change('y'), change('x'))]).digest).toBe(digest);
    expect(plan([group(['a'], change('x'), change('y')), group(['c'], change('z'))]).digest).not.toBe(digest);
    expect(plan([group(['b'], change('y'))]).digest).not.toBe(digest);
  });

  it("[P2] the release, and the environment's rules, are part of what is approved", () => {
    const groups = [group(['a'], change('x'))];
    const { digest } = plan(groups);
    const again = (other: PlanSubject) => assemblePlan(other, { soak: '1h' }, { groups, unchanged: [], failures: [] });
    expect(plan(groups, { soak: '2h' }).digest).not.toBe(digest);
    expect(again({ ...subject, release: 'shop@3' }).digest).not.toBe(digest);
    expect(again({ ...subject, previous: 'shop@0' }).digest).toBe(digest);
  });
});
