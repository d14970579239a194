import type { Kysely } from 'kysely';
import type { PlanContent } from '../../../core/change/plan.ts';
import type { GateWait } from '../../../core/promotion/types.ts';
import type { MemberState, RolloutWait, Strategy } from '../../../core/rollout/types.ts';
import type { Schema } from '../../../hub/store/schema.ts';
import { seedFleet } from './fleet.ts';

export const release = `shop@${'a'.repeat(12)}`;
export const older = `shop@${'b'.repeat(12)}`;
export const planDigest = `sha256:${'d'.repeat(64)}`;
/** What every wait below began with. */
const since = Date.parse('2030-01-01T00:00:00Z');
const minutes = 60_000;

/**
 * The fleet of `seedFleet` with shop on its way: promotion 1 waits for prod's gates with one of two approvals,
 * rollout 1 of shop is in the second of three waves in prod, ledger's rollout 2 has settled in dev, and its pin in
 * prod is held.
 */
export async function seedJourneys(db: Kysely<Schema>): Promise<void> {
  await seedFleet(db);
  await declareRules(db);
  await db
    .insertInto('releases')
    .values({
      ...{ id: older, application: 'shop', source: 'fleet', commit: 'b'.repeat(40), tree: 'u', path: 'apps/shop' },
      ...{ spec: '{}', origin: 'head' },
    })
    .execute();
  const spec = { environments: ['dev', 'prod'], dependsOn: [], overrides: [], variables: {} };
  await db
    .updateTable('releases')
    .set({ spec: JSON.stringify(spec) })
    .execute();
  await db
    .insertInto('pins')
    .values([pin('shop', 'b', null), pin('ledger', 'a', { reason: 'rolled back', by: 'user:lead@example.com' })])
    .execute();
  await db
    .insertInto('settlements')
    .values([
      { environment: 'prod', application: 'shop', release: older, healthy_since: new Date(since) },
      { environment: 'dev', application: 'shop', release, healthy_since: new Date(since) },
      { environment: 'dev', application: 'ledger', release: `ledger@${'a'.repeat(12)}`, rollout: 2 },
    ])
    .execute();
  await seedPromotion(db);
  await seedRollouts(db);
}

async function declareRules(db: Kysely<Schema>): Promise<void> {
  const promotion = { mode: 'manual', soak: '30m', removal: 'approve' };
  const grants = { maximum: '2h', approval: true, reconcileWithin: '24h', blockPromotion: true };
  const rollout = {
    ...{ maxUnavailable: 2, failureThreshold: 2, progressDeadline: '10m', onFailure: 'pause', unreachable: 'skip' },
  };
  const declare = (name: string, more: object) => {
    const spec = {
      ...{ clusters: { matchLabels: { env: name } }, rollout, grants, drift: 'correct', experimental: false },
    };
    return db
      .updateTable('declarations')
      .set({ spec: JSON.stringify({ ...spec, promotion: { ...promotion, ...more } }) })
      .where('name', '=', name)
      .execute();
  };
  const none = { approvals: { required: 0, from: ['role:approver'], allowAuthor: false }, checks: [], windows: [] };
  await declare('dev', { from: [], ...none });
  const asked = { checks: ['load-test', 'smoke'], windows: ['mornings'] };
  await declare('prod', { from: ['dev'], approvals: { ...none.approvals, required: 2 }, ...asked });
  const window = (name: string, type: string, schedule: string) => ({
    ...{ kind: 'Window', name, labels: '{}', file: `windows/${name}.yaml`, commit: 'c' },
    spec: JSON.stringify({ type, schedule, duration: '4h', timeZone: 'UTC', override: ['role:operator'] }),
  });
  await db
    .insertInto('declarations')
    .values([window('mornings', 'allow', '0 8 * * *'), window('new-year', 'freeze', '0 0 31 12 *')])
    .execute();
}

function pin(application: string, letter: string, hold: object | null) {
  const revision = letter.repeat(40);
  return {
    ...{ environment: 'prod', application, revision, commit: 'e'.repeat(40), file: `pins/prod/${application}.yaml` },
    spec: JSON.stringify({ source: 'fleet', revision, ...(hold === null ? {} : { hold }) }),
  };
}

async function seedPromotion(db: Kysely<Schema>): Promise<void> {
  const object = (name: string) => ({ group: '', kind: 'ConfigMap', namespace: 'shop', name });
  const content: PlanContent = {
    ...{ environment: 'prod', application: 'shop', kind: 'release', release, previous: older },
    changes: [
      {
        change: {
          ...{ id: 'sha256:1', action: 'change', object: object('one'), encrypted: false },
          fields: [{ field: 'data.log', before: '"info"', after: '"debug"', lines: null }],
        },
        groups: [0],
      },
      { change: { id: 'sha256:2', action: 'delete', object: object('two') }, groups: [0] },
    ],
    groups: [{ before: 'sha256:a', after: 'sha256:b', clusters: ['prod-1', 'prod-2'] }],
    ...{ unchanged: [], deletes: [object('two')], failures: [] },
  };
  await db
    .insertInto('plans')
    .values({ digest: planDigest, content: JSON.stringify(content) })
    .execute();
  const waits: GateWait[] = [
    { gate: 'check', name: 'load-test', reason: 'check load-test has not reported', since, deadline: null },
    { gate: 'approval', name: null, reason: '1 of 2 approvals by approver', since, deadline: null },
    { gate: 'window', name: 'mornings', reason: 'window mornings is closed', since, deadline: since + 480 * minutes },
  ];
  const row = {
    environment: 'prod',
    application: 'shop',
    kind: 'release',
    origin: 'request',
    source: 'fleet',
  } as const;
  await db
    .insertInto('promotions')
    .values([
      {
        ...{
          ...row,
          revision: 'a'.repeat(40),
          release,
          previous: older,
          state: 'waiting',
          waits: JSON.stringify(waits),
        },
        ...{ plan_digest: planDigest, requested_by: 'token:ci', reason: 'new prices' },
      },
      {
        ...{ ...row, application: 'ledger', revision: 'a'.repeat(40), state: 'aborted', requested_by: 'token:ci' },
        ...{ state_reason: 'no longer wanted', ended_at: new Date() },
      },
    ])
    .execute();
  await db
    .insertInto('approvals')
    .values([
      { promotion: 1, actor: 'token:ada', role: 'approver', decision: 'approve', plan_digest: planDigest },
      {
        ...{ promotion: 1, actor: 'token:ben', role: 'approver', decision: 'approve', plan_digest: `${planDigest}x` },
        ...{ voided_at: new Date(), voided_reason: 'the plan changed' },
      },
    ])
    .execute();
  await db
    .insertInto('checks')
    .values([
      { release, name: 'smoke', verdict: 'fail', reported_by: 'token:ci' },
      { release, name: 'smoke', verdict: 'pass', reported_by: 'token:ci', url: 'https://ci.example/7' },
      { release, name: 'load-test', verdict: 'pass', reported_by: 'token:ci', environment: 'dev' },
    ])
    .execute();
}

const strategy: Strategy = {
  waves: [
    { name: 'canary', maxConcurrent: null, soak: 10 * minutes, approval: false },
    { name: 'quarter', maxConcurrent: 10, soak: 0, approval: false },
    { name: 'rest', maxConcurrent: 50, soak: 0, approval: true },
  ],
  ...{ gated: true, maxUnavailable: 2, failureThreshold: 2, progressDeadline: 10 * minutes },
  ...{ onFailure: 'pause', unreachable: 'skip', windows: ['mornings'] },
};

async function seedRollouts(db: Kysely<Schema>): Promise<void> {
  const wait: RolloutWait = {
    ...{ on: 'progress', reason: '1 cluster to become healthy: prod-2', since, deadline: since + 10 * minutes },
  };
  await db
    .insertInto('rollouts')
    .values([
      {
        ...{ environment: 'prod', application: 'shop', kind: 'release', release, previous: older, state: 'running' },
        ...{ strategy: JSON.stringify(strategy), wait: JSON.stringify(wait), wave: 1, started_by: 'token:ci' },
      },
      {
        ...{ environment: 'dev', application: 'ledger', kind: 'release', release: `ledger@${'a'.repeat(12)}` },
        ...{ state: 'completed', strategy: JSON.stringify({ ...strategy, maxUnavailable: null }), wave: 2 },
        ...{ started_by: 'hub', ended_at: new Date() },
      },
    ])
    .execute();
  await db
    .insertInto('rollout_waves')
    .values([
      {
        rollout: 1,
        position: 0,
        name: 'canary',
        state: 'done',
        started_at: new Date(since),
        ended_at: new Date(since),
      },
      { rollout: 1, position: 1, name: 'quarter', state: 'rolling', started_at: new Date(since) },
      { rollout: 1, position: 2, name: 'rest', state: 'pending' },
    ])
    .execute();
  const member = (cluster: string, wave: number, state: MemberState, more: object = {}) => ({
    ...{ rollout: 1, cluster, wave, state },
    ...(state === 'pending' ? {} : { assigned_at: new Date(since), handed_out_at: new Date(since) }),
    ...more,
  });
  await db
    .insertInto('rollout_clusters')
    .values([
      member('prod-1', 0, 'healthy'),
      member('prod-2', 1, 'updating', { state_reason: 'Deployment shop/web: 1 of 2', deadline: new Date(since) }),
      member('prod-3', 1, 'failed', { state_reason: 'it is degraded', ill_before: true }),
      member('prod-4', 2, 'pending'),
    ])
    .execute();
  const step = (event: string, wave: number | null, cluster: string | null) => ({
    ...{ rollout: 1, generation: 1, event, wave, cluster, detail: '{}' },
  });
  await db
    .insertInto('rollout_history')
    .values([step('wave.rolling', 0, null), step('cluster.updating', 0, 'prod-1'), step('rollout.running', null, null)])
    .execute();
}
