import { describe, expect, it } from 'vitest';
import type { Cluster, HealthCounts } from '../../proto/rest/clusters.ts';
import type { Placement } from '../../proto/rest/placements.ts';
import type { Status } from '../../proto/rest/status.ts';
import { announce, nothingSaid } from './announce.ts';
import { renderFrame } from './frame.ts';
import type { Snapshot } from './snapshot.ts';

const plain = { style: (_style: string, text: string) => text };
const now = Date.parse('2030-01-01T12:00:00.000Z');
const at = new Date(now).toISOString();

const counts: HealthCounts = { total: 2, healthy: 2, progressing: 0, degraded: 0, suspended: 0, unknown: 0 };
const cluster = (name: string, fields: Partial<Cluster> = {}) =>
  ({
    name,
    state: 'joined',
    connected: true,
    environments: [name.split('-')[0]],
    placements: counts,
    ...fields,
  }) as Cluster;
const placement = (on: string, application: string, fields: Partial<Placement> = {}) =>
  ({
    cluster: on,
    application,
    release: `${application}@1ca3c1141945`,
    runningRelease: `${application}@1ca3c1141945`,
    settled: true,
    health: 'healthy',
    message: null,
    wait: null,
    ...fields,
  }) as Placement;
const problem = {
  source: 'fleet',
  file: 'apps/shop/app.yaml',
  line: 7,
  field: 'spec.render',
  severity: 'error',
  message: 'there is no "kustomise"',
  remedy: 'write kustomize',
} as Status['problems']['items'][number];

function snapshot(clusters: Cluster[], placements: Placement[], problems: (typeof problem)[] = []): Snapshot {
  const status = {
    clusters: { total: clusters.length, connected: clusters.filter(({ connected }) => connected).length },
    placements: { total: placements.length, healthy: placements.filter(({ health }) => health === 'healthy').length },
    drifts: 0,
    problems: { errors: problems.length, warnings: 0, items: problems },
    sources: { unreachable: [] },
    ...{ promotions: { items: [] }, rollouts: { items: [] }, holds: { items: [] } },
  } as unknown as Status;
  return { clusters, placements, status };
}

const names = ['dev-1', 'prod-1'];
const healthy = snapshot(
  names.map((name) => cluster(name)),
  names.flatMap((name) => [placement(name, 'machines'), placement(name, 'shop')]),
);
const frame = (of: Snapshot, columns = 120, refused = new Map<string, string>()) =>
  renderFrame(plain, { snapshot: of, refused, now, columns, rows: 40 }).join('\n');

describe('the frame', () => {
  it('shows what every cluster runs', () => {
    expect(frame(healthy)).toBe(`
CLUSTER   ENVIRONMENT   AGENT       machines          shop
dev-1     dev           connected   1ca3c11 healthy   1ca3c11 healthy
prod-1    prod          connected   1ca3c11 healthy   1ca3c11 healthy

2 of 2 clusters connected · 4 of 4 applications healthy · no drift`);
  });

  it('shows what moves, since when, and what it waits for', () => {
    const moving = placement('prod-1', 'shop', {
      release: 'shop@f00ba1234567',
      settled: false,
      wait: { reason: 'reading deployments', since: new Date(now - 3_000).toISOString(), deadline: null },
    });
    const text = frame(snapshot([cluster('prod-1')], [moving]));
    expect(text).toContain('1ca3c11 → f00ba12');
    expect(text).toContain('moving  prod-1  shop: reading deployments (3s)');
  });

  it('shows what is wrong: agents that are away or refused, and files that are broken', () => {
    const away = snapshot([cluster('prod-1', { connected: false })], [placement('prod-1', 'shop')], [problem]);
    const text = frame(away, 120, new Map([['dev-1', 'its token was used']]));
    expect(text).toContain('disconnected');
    expect(text).toContain('refused  dev-1: its token was used');
    expect(text).toContain(
      'error fleet:apps/shop/app.yaml:7 spec.render: there is no "kustomise"; next: write kustomize',
    );
  });

  it('sums up where there is no room for every application', () => {
    expect(frame(healthy, 60)).toContain(
      'CLUSTER   ENVIRONMENT   AGENT       HEALTHY\ndev-1     dev           connected   2/2',
    );
  });

  it('ends where the terminal does', () => {
    const many = Array.from({ length: 50 }, (_, index) => cluster(`dev-${index}`));
    const lines = renderFrame(plain, { snapshot: snapshot(many, []), refused: new Map(), now, columns: 80, rows: 20 });
    expect(lines.length).toBeLessThan(20);
    expect(lines.join('\n')).toContain('… and 36 more');
  });
});

describe('what is announced', () => {
  const texts = (said: typeof nothingSaid, of: Snapshot) => announce(said, of, at).lines.map(({ text }) => text);

  it('is that a release is everywhere, and once that the fleet is healthy', () => {
    expect(texts(nothingSaid, healthy)).toEqual([
      'machines@1ca3c11 is healthy on all 2 clusters',
      'shop@1ca3c11 is healthy on all 2 clusters',
      'the fleet is healthy: 2 clusters',
    ]);
    const { said } = announce(nothingSaid, healthy, at);
    expect(texts(said, healthy)).toEqual([]);
    const release = 'shop@f00ba1234567';
    const next = snapshot(
      [...healthy.clusters],
      names.map((name) => placement(name, 'shop', { release, runningRelease: release })),
    );
    expect(texts(said, next)).toEqual(['shop@f00ba12 is healthy on all 2 clusters']);
  });

  it('is nothing of a cluster that is away: what it runs now, nobody knows', () => {
    const away = snapshot([cluster('prod-1', { connected: false })], [placement('prod-1', 'shop')]);
    expect(texts(nothingSaid, away)).toEqual([]);
  });

  it('is what becomes degraded, and that it no longer is', () => {
    const ill = snapshot(
      [cluster('prod-1')],
      [placement('prod-1', 'shop', { health: 'degraded', message: 'it fell' })],
    );
    const { said, lines } = announce(nothingSaid, ill, at);
    expect(lines.map(({ text }) => text)).toEqual(['shop is degraded: it fell']);
    expect(texts(said, ill)).toEqual([]);
    const well = snapshot([cluster('prod-1')], [placement('prod-1', 'shop', { settled: false })]);
    expect(texts(said, well)).toEqual(['shop is no longer degraded']);
  });

  it('[G6] is what is wrong in Git, once, and that it is mended', () => {
    const broken = snapshot([], [], [problem]);
    const { said, lines } = announce(nothingSaid, broken, at);
    expect(lines).toHaveLength(1);
    expect(texts(said, broken)).toEqual([]);
    expect(texts(said, snapshot([], []))).toEqual(['what was wrong in Git is mended']);
  });
});

describe('what stands still', () => {
  const wait = { on: 'approval', reason: 'wave rest waits for its approval', since: at, deadline: null };
  const rollout = {
    id: 17,
    application: 'shop',
    release: 'shop@1',
    environment: 'prod',
    kind: 'release',
    state: 'running',
    wait,
  };
  const paused = { ...rollout, id: 18, state: 'paused', wait: { ...wait, on: 'failure', reason: 'a cluster failed' } };
  const busy = { ...rollout, id: 19, wait: { ...wait, on: 'progress' } };
  const gate = { gate: 'check', name: 'smoke', reason: 'check smoke has not reported', since: at, deadline: null };
  const promotion = {
    id: 42,
    kind: 'release',
    application: 'shop',
    release: 'shop@2',
    environment: 'prod',
    waits: [gate],
  };
  const hold = { application: 'shop', environment: 'prod', by: 'user:ann', reason: 'the sale' };
  const standing = {
    ...healthy,
    status: {
      ...healthy.status,
      ...{ promotions: { items: [promotion] }, rollouts: { items: [rollout, paused, busy] }, holds: { items: [hold] } },
    },
  } as unknown as Snapshot;
  const texts = [
    'shop@2 → prod waits: check smoke has not reported; promotion 42',
    'shop@1 → prod waits: wave rest waits for its approval; rollout 17',
    'shop@1 → prod has stopped: a cluster failed; rollout 18',
    'shop is held in prod by user:ann: the sale',
  ];

  it('is in the frame for as long as it does', () => {
    const options = { refused: new Map(), now, columns: 120, rows: 40 };
    expect(renderFrame(plain, { ...options, snapshot: standing })).toEqual(expect.arrayContaining(texts));
    expect(renderFrame(plain, { ...options, snapshot: healthy }).join()).not.toContain('waits');
  });

  it('is told once, and again when it waits for something else', () => {
    const first = announce(nothingSaid, standing, at);
    expect(first.lines.map(({ text }) => text)).toEqual(expect.arrayContaining(texts));
    const again = announce(first.said, standing, at);
    expect(again.lines).toEqual([]);
    const gone = announce(first.said, healthy, at);
    expect(announce(gone.said, standing, at).lines.map(({ text }) => text)).toEqual(texts);
  });
});
