import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Selectable } from 'kysely';
import { pino } from 'pino';
import { createLink, type Link } from '../../../agent/link/link.ts';
import type { Dial } from '../../../agent/link/port.ts';
import { openDiskState } from '../../../agent/state/disk.ts';
import type { State } from '../../../agent/state/port.ts';
import { type Bundle, encodeBundle } from '../../../core/bundle.ts';
import type { Assignment } from '../../../core/link/assignment.ts';
import type { ApplicationStatus } from '../../../core/link/status.ts';
import type { LinkLimits } from '../../../hub/link/limits.ts';
import type { News } from '../../../hub/link/news.ts';
import { createPostgresNews } from '../../../hub/link/news-postgres.ts';
import { publishNews } from '../../../hub/link/news-publish.ts';
import type { Schema } from '../../../hub/store/schema.ts';
import { startTestDatabase, type TestDatabase } from '../../database.ts';

/** A database with clusters and placements, and what every transport's hub is made of. */
export interface World extends TestDatabase {
  readonly news: News;
  readonly log: typeof log;
  bundle(digest: string): Promise<Uint8Array | null>;
  /** How often the database was asked for each bundle. */
  readonly bundleReads: string[];
  /** Assigns a bundle of an application to clusters, in one transaction, with the news of it. */
  assign(application: string, clusters: readonly string[], bundle: Bundle, traceparent?: string): Promise<void>;
  withdraw(application: string, cluster: string): Promise<void>;
  placement(cluster: string, application: string): Promise<Selectable<Schema['placements']>>;
  /** What a cluster's agent told, in the order in which it was stored. */
  eventsOf(cluster: string): Promise<readonly Selectable<Schema['events']>[]>;
}

export const log = pino({ level: process.env.FAIRWAY_TEST_LOG ?? 'fatal' });

export async function createWorld(): Promise<World> {
  const database = await startTestDatabase();
  const { db } = database;
  const news = await createPostgresNews(database.address, log);
  const bundleReads: string[] = [];
  return {
    ...database,
    news,
    log,
    bundleReads,
    async bundle(digest) {
      bundleReads.push(digest);
      const row = await db.selectFrom('bundles').select('content').where('digest', '=', digest).executeTakeFirst();
      return row?.content ?? null;
    },
    async assign(application, clusters, bundle, traceparent) {
      const { digest, content } = encodeBundle(bundle);
      const release = `${application}@${digest.slice(7, 19)}`;
      await db.transaction().execute(async (transaction) => {
        await transaction
          .insertInto('releases')
          .values({
            id: release,
            application,
            source: 'fleet',
            commit: digest.slice(7, 47),
            tree: 'tree',
            path: application,
            spec: '{}',
            origin: 'head',
          })
          .onConflict((conflict) => conflict.doNothing())
          .execute();
        await transaction
          .insertInto('bundles')
          .values({ digest, size: content.length, objects: '[]', sealed: false, content })
          .onConflict((conflict) => conflict.doNothing())
          .execute();
        await transaction
          .insertInto('placements')
          .values(
            clusters.map((cluster) => ({
              cluster,
              application,
              environment: 'dev',
              state: 'active' as const,
              release,
              bundle: digest,
              generation: 1,
              drift_mode: 'correct' as const,
              traceparent: traceparent ?? null,
            })),
          )
          .onConflict((conflict) =>
            conflict.columns(['cluster', 'application']).doUpdateSet((to) => ({
              release,
              bundle: digest,
              generation: to('placements.generation', '+', 1),
            })),
          )
          .execute();
        await publishNews(transaction, { type: 'desired', clusters });
      });
    },
    async withdraw(application, cluster) {
      await db.transaction().execute(async (transaction) => {
        await transaction
          .deleteFrom('placements')
          .where('application', '=', application)
          .where('cluster', '=', cluster)
          .execute();
        await publishNews(transaction, { type: 'desired', clusters: [cluster] });
      });
    },
    placement: (cluster, application) =>
      db
        .selectFrom('placements')
        .selectAll()
        .where('cluster', '=', cluster)
        .where('application', '=', application)
        .executeTakeFirstOrThrow(),
    eventsOf: (cluster) =>
      db
        .selectFrom('events')
        .selectAll()
        .where('cluster', '=', cluster)
        .where('epoch', 'is not', null)
        .orderBy('id')
        .execute(),
    async stop() {
      await news.close();
      await database.stop();
    },
  };
}

/** An agent's link with its own state on disk, and what it was last told to run. */
export interface TestAgent {
  readonly link: Link;
  readonly state: State;
  desired(): readonly Assignment[];
  runs(bundle: Bundle): boolean;
  /** Of an application that is assigned. */
  assignment(application: string): Assignment;
  /** How often it was told. */
  told(): number;
  /** Stops it; `restart` goes on with the same state. */
  stop(): Promise<void>;
  restart(): Promise<void>;
  remove(): Promise<void>;
}

export async function createAgent(dialWith: (state: State) => Dial): Promise<TestAgent> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-agent-'));
  const state = await openDiskState(directory);
  let desired: readonly Assignment[] = [];
  let told = 0;
  const open = async () => {
    const link = await createLink({
      state,
      dial: dialWith(state),
      version: '0.0.0-test',
      kubernetesVersion: async () => 'v1.30.0',
      log,
      now: Date.now,
      random: Math.random,
      backoff: { first: 20, ceiling: 300 },
    });
    link.onDesired((assignments) => {
      desired = assignments;
      told++;
    });
    link.start();
    return link;
  };
  let link = await open();
  return {
    get link() {
      return link;
    },
    state,
    desired: () => desired,
    runs: (bundle) => desired.some((assignment) => assignment.bundle === encodeBundle(bundle).digest),
    assignment(application) {
      const found = desired.find((assignment) => assignment.application === application);
      if (found === undefined) throw new Error(`${application} is not assigned`);
      return found;
    },
    told: () => told,
    stop: () => link.stop(),
    async restart() {
      await link.stop();
      link = await open();
    },
    async remove() {
      await link.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A bundle of one ConfigMap with so many bytes of content. */
export function bundleOf(application: string, content: string): Bundle {
  return {
    application,
    namespace: null,
    conflicts: 'yield',
    ignore: [],
    health: [],
    objects: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: application }, data: { content } }],
  };
}

export function healthyStatus(assignment: Assignment): ApplicationStatus {
  const { application, release, bundle, generation } = assignment;
  return {
    application,
    release,
    bundle,
    generation,
    phase: 'applied',
    health: 'healthy',
    message: 'all objects are healthy',
    counts: { objects: 1, healthy: 1, progressing: 0, degraded: 0, suspended: 0, unknown: 0, drifted: 0 },
    problems: [],
    drifts: [],
    running: { release, bundle },
    appliedAt: 1_700_000_000_000,
    wait: null,
    traceparent: null,
  };
}

/** Limits that make waiting short in tests. */
export const testLimits: Partial<LinkLimits> = { checkpointSeconds: 1, joinBurst: 1_000, helloTime: 2_000 };
