import type { Kysely } from 'kysely';
import type { ApplicationStatus } from '../../../core/link/status.ts';
import type { Schema } from '../../../hub/store/schema.ts';

/** A small fleet in the database: two environments, two tenants, three clusters, two applications. */
export async function seedFleet(db: Kysely<Schema>): Promise<void> {
  const environment = (name: string, from: string[]) => ({
    kind: 'Environment',
    labels: '{}',
    name,
    spec: JSON.stringify({ clusters: { matchLabels: { env: name } }, promotion: { from }, drift: 'correct' }),
    file: `environments/${name}.yaml`,
    commit: 'c'.repeat(40),
  });
  await db
    .insertInto('declarations')
    .values([environment('dev', []), environment('prod', ['dev'])])
    .execute();
  await db
    .insertInto('sources')
    .values({
      name: 'fleet',
      origin: 'fleet',
      spec: JSON.stringify({
        url: 'https://bot:secret@git.example/fleet.git',
        branch: 'main',
        paths: ['apps'],
        tenants: [],
        credentials: 'fleet',
      }),
      head: 'c'.repeat(40),
      head_seen_at: new Date(),
    })
    .execute();
  const cluster = (name: string, labels: Record<string, string>, connected: boolean) => ({
    name,
    labels: JSON.stringify(labels),
    state: 'joined' as const,
    connected,
    joined_at: new Date(),
  });
  await db
    .insertInto('clusters')
    .values([
      cluster('dev-1', { env: 'dev', region: 'eu' }, true),
      cluster('prod-1', { env: 'prod', region: 'eu' }, true),
      cluster('prod-2', { env: 'prod', region: 'us' }, false),
    ])
    .execute();
  for (const [name, tenant] of [
    ['shop', 'storefront'],
    ['ledger', 'finance'],
  ] as const) {
    const spec = JSON.stringify({ environments: ['dev', 'prod'] });
    const release = `${name}@${'a'.repeat(12)}`;
    await db
      .insertInto('applications')
      .values({
        name,
        source: 'fleet',
        path: `apps/${name}`,
        tree: 't',
        commit: 'a'.repeat(40),
        spec,
        tenant,
        newest_release: release,
      })
      .execute();
    await db
      .insertInto('releases')
      .values({
        id: release,
        application: name,
        source: 'fleet',
        commit: 'a'.repeat(40),
        tree: 't',
        path: `apps/${name}`,
        spec,
        origin: 'head',
        author: 'A <a@example.com>',
        message: 'Begin',
      })
      .execute();
    const objects = ['one', 'two', 'three'].map((object) => ({
      group: '',
      kind: 'ConfigMap',
      namespace: name,
      name: object,
    }));
    await db
      .insertInto('bundles')
      .values({
        digest: `sha256:${name}`,
        size: 10,
        objects: JSON.stringify(objects),
        sealed: false,
        content: Buffer.from('{}'),
      })
      .execute();
    await db
      .insertInto('renders')
      .values({ release, render_key: 'k', bundle: `sha256:${name}` })
      .execute();
    for (const cluster of ['dev-1', 'prod-1', 'prod-2']) {
      const settled = cluster !== 'prod-2';
      const status = reportedStatus(name, release, `sha256:${name}`);
      await db
        .insertInto('placements')
        .values({
          cluster,
          application: name,
          environment: cluster.split('-')[0] ?? '',
          state: 'active',
          release,
          bundle: `sha256:${name}`,
          generation: 1,
          drift_mode: 'correct',
          ...(settled
            ? {
                reported: JSON.stringify(status),
                reported_at: new Date(),
                health: 'healthy',
                phase: 'applied',
                running_release: release,
                running_bundle: `sha256:${name}`,
              }
            : {}),
        })
        .execute();
    }
  }
}

function reportedStatus(application: string, release: string, bundle: string): ApplicationStatus {
  return {
    application,
    release,
    bundle,
    generation: 1,
    phase: 'applied',
    health: 'healthy',
    message: 'all 3 objects are healthy',
    counts: { objects: 3, healthy: 3, progressing: 0, degraded: 0, suspended: 0, unknown: 0, drifted: 0 },
    problems: [],
    drifts: [],
    running: { release, bundle },
    appliedAt: 1,
    wait: null,
    traceparent: null,
  };
}

/** One event; its id. */
export async function addEvent(
  db: Kysely<Schema>,
  event: { cluster?: string; application?: string; environment?: string; message: string },
): Promise<number> {
  const { id } = await db
    .insertInto('events')
    .values({ at: new Date(), type: 'applied', severity: 'info', data: '{}', ...event })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/** One drift; its id. */
export async function addDrift(db: Kysely<Schema>, cluster: string, application: string, seen: Date): Promise<number> {
  const { id } = await db
    .insertInto('drifts')
    .values({
      cluster,
      application,
      object_group: 'apps',
      object_kind: 'Deployment',
      object_namespace: application,
      object_name: 'web',
      field: '/spec/replicas',
      wanted: '2',
      found: '5',
      manager: 'kubectl-edit',
      state: 'open',
      first_seen_at: seen,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}
