import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Candidate, decidePlacements, type PlacementCluster, type PlacementWorld } from './placement.ts';

const cluster = (name: string, labels: Record<string, string>, cordoned = false): PlacementCluster => ({
  name,
  labels,
  cordoned,
});
const candidate = (
  environment: string,
  matchLabels: Record<string, string>,
  release: string | null = 'shop@1',
  parts: Partial<Candidate> = {},
): Candidate => ({
  environment,
  clusters: { matchLabels },
  drift: 'correct',
  listed: true,
  wanted: true,
  settled: release === null ? null : { release, removal: false },
  given: new Map(),
  ...parts,
});
const placement = (name: string, environment = 'dev', parts: Partial<PlacementWorld['placements'][number]> = {}) => ({
  cluster: name,
  environment,
  state: 'active' as const,
  release: 'shop@0',
  removed: false,
  ...parts,
});
const world = (parts: Partial<PlacementWorld>): PlacementWorld => ({
  application: 'shop',
  tenant: null,
  candidates: [],
  clusters: [],
  placements: [],
  applicationGone: false,
  lacks: new Map(),
  ...parts,
});
const bounds = { name: 'storefront', namespaces: ['shop'], allow: ['*'], deny: [], serviceAccount: null };

describe('decidePlacements', () => {
  it('[G1] gives each cluster of an environment the release of that environment', () => {
    const { steps, problems } = decidePlacements(
      world({
        candidates: [candidate('dev', { env: 'dev' }, 'shop@2'), candidate('prod', { env: 'prod' }, 'shop@1')],
        clusters: [cluster('a', { env: 'dev' }), cluster('b', { env: 'prod' }), cluster('c', { env: 'lab' })],
      }),
    );
    expect(problems).toEqual([]);
    expect(steps.map((step) => [step.cluster, step.type === 'assign' && step.release])).toEqual([
      ['a', 'shop@2'],
      ['b', 'shop@1'],
    ]);
  });

  it('keeps what a cluster in two environments runs, and names both', () => {
    const { steps, problems } = decidePlacements(
      world({
        candidates: [candidate('dev', { env: 'dev' }), candidate('lab', { ring: 'lab' })],
        clusters: [cluster('a', { env: 'dev', ring: 'lab' }), cluster('b', { env: 'dev' })],
        placements: [placement('a', 'dev')],
      }),
    );
    expect(steps.map(({ cluster: name }) => name)).toEqual(['b']);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({
      code: 'cluster-in-two-environments',
      message: expect.stringContaining('dev and lab both match a'),
    });
  });

  it.each([
    ['the application', { applicationGone: true }, 'application shop is no longer in Git'],
    [
      'the label',
      { candidates: [candidate('dev', { env: 'dev' })], clusters: [cluster('a', {})] },
      'labels no longer match environment dev',
    ],
    ['the environment', {}, 'environment dev no longer has application shop'],
  ])('[G9] leaves running, and says why, when %s vanished', (_, parts, reason) => {
    const { steps } = decidePlacements(
      world({
        clusters: [cluster('a', { env: 'dev' })],
        placements: [placement('a', 'dev')],
        ...parts,
      }),
    );
    expect(steps).toEqual([{ type: 'leave', cluster: 'a', reason: expect.stringContaining(reason) }]);
  });

  it('[G1] moves nothing in an environment without a release', () => {
    const parts = { candidates: [candidate('prod', { env: 'prod' }, null)], clusters: [cluster('a', { env: 'prod' })] };
    expect(decidePlacements(world({ ...parts, placements: [placement('a', 'prod')] })).steps).toEqual([]);
  });

  it('[G1] gives a cluster what its rollout has handed it, and the others what is settled', () => {
    const given = new Map([['b', { release: 'shop@2', removal: false }]]);
    const { steps } = decidePlacements(
      world({
        candidates: [candidate('prod', {}, 'shop@1', { given })],
        clusters: ['a', 'b'].map((name) => cluster(name, {})),
      }),
    );
    expect(steps.map((step) => [step.cluster, step.type === 'assign' && step.release])).toEqual([
      ['a', 'shop@1'],
      ['b', 'shop@2'],
    ]);
  });

  it('[G9] leaves running what was pinned, and says that the pin is gone', () => {
    const parts = { clusters: [cluster('a', {})], placements: [placement('a', 'prod')] };
    const { steps } = decidePlacements(
      world({ ...parts, candidates: [candidate('prod', {}, 'shop@1', { wanted: false })] }),
    );
    const reason = 'the pin of shop in environment prod is gone';
    expect(steps).toEqual([{ type: 'leave', cluster: 'a', reason }]);
  });

  it('[G9] takes away what a removal has come to, and forgets what its agent has taken away', () => {
    const removal = { release: 'shop@1', removal: true };
    const given = new Map(['a', 'b', 'd'].map((name) => [name, removal]));
    const leaving = { state: 'leaving', release: 'shop@1' } as const;
    const { steps } = decidePlacements(
      world({
        candidates: [candidate('prod', {}, 'shop@1', { wanted: false, given })],
        clusters: ['a', 'b', 'c', 'd'].map((name) => cluster(name, {}, name === 'd')),
        placements: [
          placement('a', 'prod', leaving),
          placement('b', 'prod', { ...leaving, removed: true }),
          placement('c', 'prod', leaving),
          placement('d', 'prod', leaving),
        ],
      }),
    );
    expect(steps).toMatchObject([
      { type: 'assign', cluster: 'a', release: 'shop@1', removal: true },
      { type: 'remove', cluster: 'b' },
    ]);
  });

  it('[G9] takes away from whoever missed the removal, once that is complete, and places nothing to do so', () => {
    const parts = { wanted: false, settled: { release: 'shop@1', removal: true } };
    const { steps } = decidePlacements(
      world({
        candidates: [candidate('prod', {}, null, parts)],
        clusters: ['a', 'b'].map((name) => cluster(name, {})),
        placements: [placement('a', 'prod')],
      }),
    );
    expect(steps).toMatchObject([{ type: 'assign', cluster: 'a', removal: true }]);
  });

  it('[R12] waits on each cluster for what a new release depends on, and not with one that it has been given', () => {
    const lack = 'database is not healthy there';
    const lacks = new Map([['shop@2', new Map(['a', 'b'].map((name) => [name, lack]))]]);
    const { steps, problems } = decidePlacements(
      world({
        candidates: [candidate('dev', {}, 'shop@2')],
        clusters: ['a', 'b', 'c'].map((name) => cluster(name, {})),
        placements: [placement('a'), placement('b', 'dev', { release: 'shop@2' })],
        lacks,
      }),
    );
    expect(steps.map((step) => step.cluster)).toEqual(['b', 'c']);
    expect(problems).toMatchObject([
      { code: 'dependency-not-healthy', message: `application shop waits on a: ${lack}` },
    ]);
  });

  it('gives a cordoned cluster nothing new and takes nothing from it', () => {
    const parts = { candidates: [candidate('dev', { env: 'dev' })], clusters: [cluster('a', { env: 'dev' }, true)] };
    expect(decidePlacements(world(parts)).steps).toEqual([]);
  });

  it('[A10] refuses an environment that the tenant may not use, and a tenant that is not declared', () => {
    const parts = {
      candidates: [candidate('prod', {}), candidate('dev', { env: 'dev' })],
      clusters: [cluster('a', { env: 'x' })],
    };
    const outside = decidePlacements(world({ ...parts, tenant: { bounds, environments: ['dev'] } }));
    expect(outside.steps).toEqual([]);
    expect(outside.problems.map(({ code }) => code)).toEqual(['tenant-environment']);
    const missing = decidePlacements(world({ ...parts, tenant: 'missing' }));
    expect(missing.steps).toEqual([]);
    expect(missing.problems[0]?.code).toBe('tenant-missing');
  });

  it('[G9] never drops a placement: each is assigned, left or kept', () => {
    const label = fc.record({ env: fc.constantFrom('dev', 'prod', 'lab'), ring: fc.constantFrom('a', 'b') });
    const environments = fc.uniqueArray(
      fc.record({
        environment: fc.constantFrom('dev', 'prod', 'lab', 'all'),
        matchLabels: fc.oneof(label, fc.record({ env: fc.constantFrom('dev', 'prod') })),
        release: fc.option(fc.constantFrom('r1', 'r2')),
      }),
      { selector: ({ environment }) => environment },
    );
    fc.assert(
      fc.property(
        environments,
        fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), label, fc.boolean()), {
          selector: ([name]) => name,
        }),
        (candidates, clusters) => {
          const decision = decidePlacements(
            world({
              candidates: candidates.map(({ environment, matchLabels, release }) =>
                candidate(environment, matchLabels, release),
              ),
              clusters: clusters.map(([name, labels, cordoned]) => cluster(name, labels, cordoned)),
              placements: clusters.map(([name]) => placement(name)),
            }),
          );
          const steps = decision.steps.map(({ cluster: name }) => name);
          expect(new Set(steps).size).toBe(steps.length);
          for (const step of decision.steps) {
            const [, labels] = clusters.find(([name]) => name === step.cluster) ?? [];
            const matching = candidates.filter(({ matchLabels }) =>
              Object.entries(matchLabels).every(([key, value]) => labels?.[key as 'env'] === value),
            );
            expect(matching.length).toBe(step.type === 'assign' ? 1 : 0);
          }
        },
      ),
    );
  });
});
