import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { pino } from 'pino';
import { type Database, openDatabase } from '../../hub/store/database.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../hub/store/embedded-postgres.ts';
import { configMap } from '../e2e/shop.ts';
import { createRepository } from '../git/repository.ts';
import { startTestRedis } from '../redis.ts';
import { until } from '../until.ts';
import { type MortalHub, startMortalHub } from './mortal-hub.ts';
import type { Random } from './random.ts';
import { applicationYaml } from './rollout-scene.ts';
import { createSimulatedAgent } from './simulated-agent.ts';

/** A clustered hub, PostgreSQL, Redis and many agents in one process, each of which may be killed and come back. */
export interface ChaoticFleet {
  readonly database: () => Database;
  /** Commits new releases of both applications, and says which. */
  release(): Promise<readonly string[]>;
  /** One thing that goes wrong. @returns what */
  disturb(): Promise<string>;
  /** From now on nothing is lost or late. */
  calm(): void;
  /** Waits until the rollouts of these releases are complete. */
  completed(releases: readonly string[]): Promise<void>;
  /** How it ended: waves, clusters and what each runs, without what differs from run to run. */
  outcome(releases: readonly string[]): Promise<unknown>;
  stop(): Promise<void>;
}

const applications = ['shop', 'tools'] as const;
const log = pino({ level: process.env.FAIRWAY_LOG_LEVEL ?? 'silent' });

/** Five waves. Nothing here fails, however long what is killed takes to come back. */
const environment = `apiVersion: fairway.dev/v1
kind: Environment
metadata: {name: prod}
spec:
  clusters: {matchLabels: {env: prod}}
  rollout:
    waves:
      - {name: canary, clusters: {matchLabels: {ring: canary}}}
      - {name: few, percent: 5}
      - {name: some, percent: 20, maxConcurrent: 8}
      - {name: many, percent: 40}
      - {name: rest}
    maxUnavailable: 15%
    progressDeadline: 1h
    unreachable: wait
`;

export async function startChaoticFleet(random: Random, size: number): Promise<ChaoticFleet> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-chaos-'));
  let postgres: EmbeddedPostgres = await startEmbeddedPostgres(directory, log);
  const redis = await startTestRedis();
  const repository = await createRepository(directory, 'fleet');
  const address = postgres.connection;
  const database = await openDatabase({ address, poolSize: 4, log });
  const { db } = database;
  let edits = 0;
  let lives = 0;
  let isCalm = true;

  const administer = async (statement: string) => {
    const client = new pg.Client(address);
    client.on('error', () => undefined);
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  const startHub = () =>
    startMortalHub({ address, fleet: repository.path, redisUrl: redis.url, replica: `hub_${++lives}`, administer });
  const release = async () => {
    edits++;
    const files = Object.fromEntries(
      applications.map((name) => [`apps/${name}/settings.yaml`, configMap('settings', { edit: String(edits) })]),
    );
    const id = await repository.commit(files, `Edit ${edits}`);
    await repository.push();
    return applications.map((name) => `${name}@${id.slice(0, 12)}`);
  };

  const files = applications.flatMap((name) => [
    [`apps/${name}/app.yaml`, applicationYaml(name)],
    [`apps/${name}/namespace.yaml`, `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}}\n`],
  ]);
  await repository.commit({ 'environments/prod.yaml': environment, ...Object.fromEntries(files) }, 'The fleet begins');

  const hubs: (MortalHub | null)[] = [null, null];
  const agents = Array.from({ length: size }, (_, index) =>
    createSimulatedAgent({
      ...{ name: `c${String(index).padStart(3, '0')}`, random },
      hub: () => {
        const alive = hubs.flatMap((hub) => (hub === null ? [] : [hub.core.streams]));
        return alive.length === 0 ? null : random.pick(alive);
      },
      chaos: () => (isCalm ? { delay: 0, loss: 0 } : { delay: 10, loss: 0.005 }),
    }),
  );
  const ring = (index: number) => (index % 40 === 0 ? { ring: 'canary' } : {});
  await db
    .insertInto('clusters')
    .values(
      agents.map(({ name }, index) => ({
        ...{ name, state: 'joined' as const },
        labels: JSON.stringify({ env: 'prod', ...ring(index) }),
      })),
    )
    .execute();
  for (const [index] of hubs.entries()) hubs[index] = await startHub();
  for (const agent of agents) await agent.start();

  const cutAll = () => {
    // Whoever held a stream of the hub that died finds another: in one process nothing else tells them.
    for (const agent of agents) agent.cut();
  };
  const disturbances: readonly (readonly [number, string, () => Promise<unknown>])[] = [
    [
      4,
      'a hub was killed',
      async () => {
        const index = random.below(hubs.length);
        await hubs[index]?.kill();
        hubs[index] = null;
        cutAll();
        await sleep(random.next() * 400);
        hubs[index] = await startHub();
      },
    ],
    [4, 'Redis was emptied', () => redis.flush()],
    [2, 'Redis was killed and started', () => redis.restart()],
    [
      2,
      'PostgreSQL was restarted',
      async () => {
        await postgres.stop();
        await sleep(random.next() * 200);
        postgres = await startEmbeddedPostgres(directory, log);
      },
    ],
    [
      12,
      'an agent was killed and started',
      async () => {
        const agent = random.pick(agents);
        agent.crash();
        await sleep(random.next() * 300);
        await agent.start();
      },
    ],
    [8, 'a stream was cut', async () => random.pick(agents).cut()],
  ];

  return {
    database: () => database,
    release,
    async disturb() {
      isCalm = false;
      let dice = random.below(disturbances.reduce((sum, [weight]) => sum + weight, 0));
      for (const [weight, what, happen] of disturbances) {
        dice -= weight;
        if (dice >= 0) continue;
        await happen();
        return what;
      }
      throw new Error('no disturbance was chosen');
    },
    calm() {
      isCalm = true;
      // A message that was lost on a stream that stands is found at its next checkpoint, or on the next stream.
      cutAll();
    },
    completed: (releases) =>
      until(
        async () => {
          const rows = await db
            .selectFrom('rollouts')
            .select('state')
            .where('release', 'in', releases)
            .execute()
            .catch(() => []);
          return rows.length === releases.length && rows.every(({ state }) => state === 'completed');
        },
        {
          what: `the rollouts of ${releases.join(' and ')} are complete`,
          within: 240_000,
          every: 200,
          describe: async () =>
            JSON.stringify(
              await db.selectFrom('rollouts').select(['id', 'release', 'state', 'wave', 'wait']).execute(),
            ),
        },
      ),
    async outcome(releases) {
      const clusters = await db
        .selectFrom('rollout_clusters')
        .innerJoin('rollouts', 'rollouts.id', 'rollout_clusters.rollout')
        .select(['rollouts.application', 'rollout_clusters.cluster', 'rollout_clusters.wave', 'rollout_clusters.state'])
        .where('rollouts.release', 'in', releases)
        .orderBy('rollouts.application')
        .orderBy('rollout_clusters.cluster')
        .execute();
      const placements = await db
        .selectFrom('placements')
        .select(['cluster', 'application', 'release', 'generation', 'phase', 'health'])
        .orderBy('application')
        .orderBy('cluster')
        .execute();
      const settled = await db
        .selectFrom('settlements')
        .select(['release', 'superseded_at'])
        .orderBy('application')
        .orderBy('id')
        .execute();
      return {
        clusters,
        placements: placements.map(({ release: runs, generation: _, ...row }) => ({
          ...row,
          isNew: releases.includes(runs),
        })),
        settled: settled
          .filter(({ superseded_at }) => superseded_at === null)
          .map(({ release: is }) => releases.includes(is)),
      };
    },
    async stop() {
      await Promise.all(agents.map((agent) => agent.stop()));
      await Promise.all(hubs.map((hub) => hub?.stop()));
      await database.close();
      await redis.stop();
      await postgres.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
