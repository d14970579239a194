import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Agent, runAgent } from '../../agent/agent.ts';
import type { Page } from '../../proto/rest/page.ts';
import type { Placement } from '../../proto/rest/placements.ts';
import { dialHub } from '../dial.ts';
import type { TestRepository } from '../git/repository.ts';
import { type GitServer, startGitServer } from '../git/server.ts';
import { createMemoryCluster } from '../memory/cluster.ts';
import { createMemoryState } from '../memory/state.ts';
import { hasRedis, startTestRedis, type TestRedis } from '../redis.ts';
import { until } from '../until.ts';
import { type Balancer, startBalancer } from './balancer.ts';
import { readCompose } from './compose.ts';
import { type HubProcess, runFairway, startHub } from './processes.ts';
import { configMap, devEnvironment, shopApplication } from './shop.ts';
import { startTcpPostgres, type TcpPostgres } from './tcp-postgres.ts';

const execute = promisify(execFile);
const project = resolve(import.meta.dirname, '../..');

/**
 * The hub as `docker-compose.yml` runs it, each service a process: the file's own variables and secrets, with the names
 * of its network put in place by loopback addresses. The agent speaks gRPC over mutual TLS; its cluster is in memory.
 */
describe.skipIf(!hasRedis())('a clustered hub', () => {
  let directory: string;
  let git: GitServer;
  let fleet: TestRepository;
  let postgres: TcpPostgres;
  let redis: TestRedis;
  let hub: HubProcess;
  let environment: Record<string, string>;
  let balancer: Balancer;
  let agent: Agent;
  let second: HubProcess | undefined;
  const cluster = createMemoryCluster();
  const log = pino({ level: 'fatal' });

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fairway-clustered-'));
    git = await startGitServer();
    fleet = await git.createRepository('fleet');
    const { services, secrets } = readCompose({ FAIRWAY_FLEET_REPO: fleet.url });
    const secret = (name: string) => readFile(resolve(project, secrets[name]?.file ?? ''), 'utf8');
    const user = services.postgres?.environment?.POSTGRES_USER ?? '';
    const database = services.postgres?.environment?.POSTGRES_DB ?? '';
    [postgres, redis] = await Promise.all([
      startTcpPostgres({ user, database, password: (await secret('database-password')).trim() }),
      startTestRedis(),
    ]);

    const urlFile = join(directory, 'database-url');
    await writeFile(urlFile, (await secret('database-url')).replace('@postgres:5432/', `@127.0.0.1:${postgres.port}/`));
    environment = {
      ...services.hub?.environment,
      FAIRWAY_DATABASE_URL_FILE: urlFile,
      FAIRWAY_REDIS_URL: redis.url,
      FAIRWAY_POLL_INTERVAL: '500ms',
      OTEL_TRACES_EXPORTER: 'none',
    };
    await push('hello');
    hub = await startHub({ directory, fleetRepo: fleet.url, env: environment });
    balancer = await startBalancer(() => [hub, second].filter((one) => one !== undefined).map(grpcPort));
    const joinToken = await hub.register('eu', { env: 'dev' });
    const state = createMemoryState();
    const dial = dialHub({ state, hub: balancer.address, joinToken, version: 'test', log });
    const { kube } = cluster;
    agent = await runAgent({ kube, state, dial, version: 'test', log, now: Date.now, random: Math.random });
  }, 120_000);

  afterAll(async () => {
    await agent?.stop();
    await balancer?.stop();
    await second?.stop();
    await hub?.stop();
    await Promise.all([redis?.stop(), postgres?.stop(), git?.stop()]);
    await rm(directory, { recursive: true, force: true });
  }, 60_000);

  async function push(greeting: string): Promise<string> {
    const commit = await fleet.commit({
      'environments/dev.yaml': devEnvironment,
      'apps/shop/app.yaml': shopApplication,
      'apps/shop/namespace.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n',
      'apps/shop/settings.yaml': configMap('settings', { greeting }),
    });
    await fleet.push();
    return commit;
  }

  const greeting = () => {
    const object = cluster.objects().find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'settings');
    return (object as { data?: Record<string, string> } | undefined)?.data?.greeting;
  };

  /** Waits until the cluster has it, and until a hub says that it runs there. */
  async function untilApplied(commit: string, wanted: string, by: HubProcess): Promise<void> {
    const authorization = `Bearer ${await hub.token()}`;
    const placements = async () => {
      const response = await fetch(`${by.url}/api/v1/placements`, { headers: { authorization } });
      return ((await response.json()) as Page<Placement>).items;
    };
    await until(
      async () => {
        const [placement] = await placements();
        return (
          greeting() === wanted &&
          placement?.settled === true &&
          placement.runningRelease === `shop@${commit.slice(0, 12)}`
        );
      },
      {
        what: `the cluster runs ${commit.slice(0, 12)}`,
        // A wake that was lost with Redis is made up for by the sweep, every 30 s.
        within: 120_000,
        describe: async () => JSON.stringify(await placements(), null, 1) + by.output().slice(-3000),
      },
    );
  }

  it('[G1] takes a commit to a cluster, with the queue on Redis', async () => {
    await untilApplied(await fleet.head(), 'hello', hub);
  });

  it('is told nothing that it does not know, and no password in a variable', async () => {
    const { stdout } = await runFairway(['hub', '--help']);
    for (const [name, value] of Object.entries(environment)) {
      if (name.startsWith('FAIRWAY_')) expect(stdout).toContain(name.replace(/_FILE$/, ''));
      expect(value).not.toMatch(/:\/\/[^/@]*:[^/@]+@/);
    }
  });

  it('[X1, R9] killed in the middle of its work, goes on where it was', async () => {
    const commit = await push('after a crash');
    await hub.stop('SIGKILL');
    await hub.start();
    await untilApplied(commit, 'after a crash', hub);
  });

  it('[R9] goes on when Redis is killed and comes back with nothing in it', async () => {
    await redis.restart();
    await untilApplied(await push('after an empty Redis'), 'after an empty Redis', hub);
  });

  it('[R9, X1] loses no commit when Redis and the hub are killed while it comes', async () => {
    const commit = await push('after both');
    await Promise.all([redis.restart(), hub.stop('SIGKILL')]);
    await hub.start();
    await untilApplied(commit, 'after both', hub);
  });

  it('[R11, X1] runs as two replicas: either takes a commit to an agent of either, and one is enough', async () => {
    const data = join(directory, 'replica', 'hub');
    await mkdir(data, { recursive: true });
    await execute('sh', [join(project, 'deploy/docker/replica.sh'), hub.dataDir, 'true'], {
      env: { PATH: process.env.PATH, FAIRWAY_DATA_DIR: data },
    });
    second = await startHub({ directory: join(directory, 'replica'), fleetRepo: fleet.url, env: environment });
    await untilApplied(await push('by two'), 'by two', second);
    await hub.stop('SIGKILL');
    await untilApplied(await push('by the second'), 'by the second', second);
    await hub.start();
    await second.stop('SIGKILL');
    await untilApplied(await push('by the first again'), 'by the first again', hub);
  });
});

function grpcPort({ grpc }: HubProcess): number {
  return Number(grpc.split(':')[1]);
}
