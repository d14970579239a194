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
): Candidate => ({
  environment,
  clusters: { matchLabels },
  drift: 'correct',
  release,
});
const world = (parts: Partial<PlacementWorld>): PlacementWorld => ({
  application: 'shop',
  tenant: null,
  candidates: [],
  clusters: [],
  placements: [],
  applicationGone: false,
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
        placements: [{ cluster: 'a', environment: 'dev', state: 'active' }],
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
        placements: [{ cluster: 'a', environment: 'dev', state: 'active' }],
        ...parts,
      }),
    );
    expect(steps).toEqual([{ type: 'leave', cluster: 'a', reason: expect.stringContaining(reason) }]);
  });

  it('[G1] moves nothing in an environment without a release', () => {
    const parts = { candidates: [candidate('prod', { env: 'prod' }, null)], clusters: [cluster('a', { env: 'prod' })] };
    expect(
      decidePlacements(world({ ...parts, placements: [{ cluster: 'a', environment: 'prod', state: 'active' }] })).steps,
    ).toEqual([]);
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
              placements: clusters.map(([name]) => ({ cluster: name, environment: 'dev', state: 'active' as const })),
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
