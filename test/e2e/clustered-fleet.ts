import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { pino } from 'pino';
import { type Agent, runAgent } from '../../agent/agent.ts';
import type { JoinToken } from '../../proto/rest/clusters.ts';
import type { Page } from '../../proto/rest/page.ts';
import type { Placement } from '../../proto/rest/placements.ts';
import { dialHub } from '../dial.ts';
import { parseExposition } from '../exposition.ts';
import type { TestRepository } from '../git/repository.ts';
import { type GitServer, startGitServer } from '../git/server.ts';
import { createMemoryCluster, type MemoryCluster } from '../memory/cluster.ts';
import { createMemoryState } from '../memory/state.ts';
import { startTestRedis, type TestRedis } from '../redis.ts';
import { until } from '../until.ts';
import { type Balancer, startBalancer } from './balancer.ts';
import { type HubProcess, startHub } from './processes.ts';
import { configMap, devEnvironment, shopApplication } from './shop.ts';
import { startTcpPostgres, type TcpPostgres } from './tcp-postgres.ts';

const execute = promisify(execFile);
const replicaScript = resolve(import.meta.dirname, '../../deploy/docker/replica.sh');

/** A clustered hub of several processes on one PostgreSQL and one Redis, behind one address, and agents of it. */
export interface ClusteredFleet {
  readonly hubs: readonly HubProcess[];
  readonly clusters: readonly string[];
  readonly postgres: TcpPostgres;
  readonly redis: TestRedis;
  /** Commits a greeting that every cluster is to have. */
  push(greeting: string): Promise<string>;
  /** Waits until every cluster has the greeting of a commit, and the hub knows. */
  untilRuns(commit: string, greeting: string): Promise<void>;
  /** How many agents each replica holds; null: it does not answer. */
  connected(): Promise<readonly (number | null)[]>;
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  stop(): Promise<void>;
}

export async function startClusteredFleet(options: {
  readonly replicas: number;
  readonly agents: number;
  /** The declaration of the environment dev; left out: one that follows the head at once. */
  readonly environment?: string;
}): Promise<ClusteredFleet> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-replicas-'));
  const git: GitServer = await startGitServer();
  const fleet: TestRepository = await git.createRepository('fleet');
  const [postgres, redis] = await Promise.all([
    startTcpPostgres({ user: 'fairway', password: 'secret', database: 'fairway' }),
    startTestRedis(),
  ]);
  const hubs: HubProcess[] = [];
  const agents: Agent[] = [];
  const held = new Map<string, MemoryCluster>();
  let balancer: Balancer | undefined;
  const log = pino({ level: process.env.FAIRWAY_LOG_LEVEL ?? 'fatal' });

  const push = async (greeting: string) => {
    const commit = await fleet.commit({
      'environments/dev.yaml': options.environment ?? devEnvironment,
      'apps/shop/app.yaml': shopApplication,
      'apps/shop/namespace.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n',
      'apps/shop/settings.yaml': configMap('settings', { greeting }),
    });
    await fleet.push();
    return commit;
  };
  await push('hello');

  const env = { FAIRWAY_DATABASE_URL: postgres.url, FAIRWAY_REDIS_URL: redis.url, FAIRWAY_POLL_INTERVAL: '500ms' };
  const startReplica = async (index: number) => {
    const own = join(directory, `hub-${index}`);
    const [first] = hubs;
    if (first !== undefined) {
      const FAIRWAY_DATA_DIR = join(own, 'hub');
      await mkdir(FAIRWAY_DATA_DIR, { recursive: true });
      await execute('sh', [replicaScript, first.dataDir, 'true'], {
        env: { PATH: process.env.PATH, FAIRWAY_DATA_DIR },
      });
    } else await mkdir(own);
    hubs.push(await startHub({ directory: own, fleetRepo: fleet.url, env }));
  };
  for (let index = 0; index < options.replicas; index++) await startReplica(index);
  const [administered] = hubs as [HubProcess];

  balancer = await startBalancer(() => hubs.map(({ grpc }) => Number(grpc.split(':')[1])));
  const address = balancer.address;
  const register = async (name: string) => {
    const response = await administered.fetch('/api/v1/clusters', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name, labels: { env: 'dev' } }),
    });
    if (!response.ok) throw new Error(`register ${name}: ${response.status} ${await response.text()}`);
    return ((await response.json()) as JoinToken).token;
  };
  const clusters = Array.from({ length: options.agents }, (_, index) => `c${String(index).padStart(3, '0')}`);
  for (const name of clusters) {
    const joinToken = await register(name);
    const state = createMemoryState();
    const cluster = createMemoryCluster();
    held.set(name, cluster);
    const dial = dialHub({ state, hub: address, joinToken, version: 'test', log });
    const { kube } = cluster;
    agents.push(await runAgent({ kube, state, dial, version: 'test', log, now: Date.now, random: Math.random }));
  }

  const greetingOf = (cluster: MemoryCluster | undefined) => {
    const object = cluster
      ?.objects()
      .find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'settings');
    return (object as { data?: Record<string, string> } | undefined)?.data?.greeting;
  };
  const placements = async () => {
    const authorization = `Bearer ${await administered.token()}`;
    for (const { url } of hubs) {
      const response = await fetch(`${url}/api/v1/placements?limit=500`, { headers: { authorization } }).catch(
        () => null,
      );
      if (response?.ok) return ((await response.json()) as Page<Placement>).items;
    }
    return [];
  };
  const client = async () => {
    const one = new pg.Client({ connectionString: postgres.url });
    await one.connect();
    return one;
  };

  return {
    hubs,
    clusters,
    postgres,
    redis,
    push,
    async untilRuns(commit, greeting) {
      const release = `shop@${commit.slice(0, 12)}`;
      const lacking = async () => {
        const known = new Map((await placements()).map((placement) => [placement.cluster, placement]));
        return clusters.filter((name) => {
          const placement = known.get(name);
          const runs = placement?.settled === true && placement.runningRelease === release;
          return !runs || greetingOf(held.get(name)) !== greeting;
        });
      };
      await until(async () => (await lacking()).length === 0, {
        what: `every cluster runs ${release}`,
        // A wake that was lost with Redis is made up for by the sweep, every 30 s.
        within: 120_000,
        every: 200,
        describe: async () =>
          [`without it: ${await lacking()}`, ...hubs.map((hub) => hub.output().slice(-2000))].join('\n---\n'),
      });
    },
    connected: () =>
      Promise.all(
        hubs.map(async ({ url }) => {
          const response = await fetch(`${url}/metrics`).catch(() => null);
          if (!response?.ok) return null;
          const { samples } = parseExposition(await response.text());
          return samples.find(({ name }) => name === 'fairway_hub_connected_agents')?.value ?? null;
        }),
      ),
    async query<Row extends object>(text: string, values: readonly unknown[] = []) {
      const one = await client();
      return one
        .query<Row>(text, [...values])
        .then(
          ({ rows }) => rows,
          (error: unknown) => Promise.reject(error),
        )
        .finally(() => one.end());
    },
    async stop() {
      await Promise.all(agents.map((agent) => agent.stop()));
      await balancer?.stop();
      await Promise.all(hubs.map((hub) => hub.stop()));
      await Promise.all([redis.stop(), postgres.stop(), git.stop()]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
