import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { database, role } from '../../../hub/store/embedded/initialise.ts';
import { socketDirectory } from '../../../hub/store/embedded/socket.ts';
import { readDockerfile } from '../../e2e/dockerfile.ts';
import { type HubProcess, startHub } from '../../e2e/processes.ts';
import type { TestRepository } from '../../git/repository.ts';
import { startGitServer } from '../../git/server.ts';
import { until } from '../../until.ts';
import { cpuSecondsOf, memoryOf, peakOf } from '../process-usage.ts';
import { type Agents, startAgents } from './agents.ts';
import type { Built } from './build.ts';

/** One embedded hub as people start it, a Git host, and agents that are known to the hub and not connected yet. */
export interface Ground {
  readonly hub: HubProcess;
  readonly agents: Agents;
  readonly clusters: readonly string[];
  /** Commits, pushes and tells the hub by a webhook. @returns the commit, and when the push had returned */
  push(files: Readonly<Record<string, string>>): Promise<{ readonly commit: string; readonly at: number }>;
  /** What the hub's database says, asked beside the hub. */
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** Seconds of CPU that the hub has used since it started, PostgreSQL's included. */
  cpuSeconds(): Promise<number>;
  /** MiB. The hub alone, without PostgreSQL. */
  memory(): Promise<{ readonly now: number; readonly peak: number }>;
  stop(): Promise<void>;
}

/** @param files what the fleet repository holds at first; every cluster has the label `env: dev` */
export async function startGround(
  { program }: Built,
  count: number,
  files: Readonly<Record<string, string>>,
): Promise<Ground> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-fleet-'));
  const git = await startGitServer();
  const fleet: TestRepository = await git.createRepository('fleet');
  await fleet.commit(files, 'The environments');
  await fleet.push();
  const { MALLOC_ARENA_MAX } = readDockerfile('hub.Dockerfile').env;
  const hub = await startHub({
    directory,
    fleetRepo: fleet.url,
    env: { FAIRWAY_LOG_LEVEL: 'warn', MALLOC_ARENA_MAX },
    program,
  });
  const clusters = Array.from({ length: count }, (_, index) => `c${String(index).padStart(5, '0')}`);
  const agents = startAgents(clusters);
  let client: pg.Client | null = null;

  const query = async <Row extends object>(text: string, values: readonly unknown[] = []) => {
    if (client === null) {
      const { path } = await socketDirectory(join(hub.dataDir, 'postgres'));
      client = new pg.Client({ host: path, port: 5432, user: role, database });
      // A hub that is killed takes its PostgreSQL along.
      client.on('error', () => {
        client = null;
      });
      await client.connect();
    }
    return (await client.query<Row>(text, [...values])).rows;
  };

  const certificates = await agents.prepare(hub.dataDir);
  await query(
    `insert into clusters (name, labels, state, joined_at)
     select name, labels, 'joined', now() from jsonb_to_recordset($1::jsonb) as r (name text, labels jsonb)`,
    [JSON.stringify(clusters.map((name) => ({ name, labels: { env: 'dev' } })))],
  );
  await query(
    `insert into certificates (serial, cluster, expires_at)
     select serial, cluster, to_timestamp("expiresAt" / 1000.0)
     from jsonb_to_recordset($1::jsonb) as r (serial text, cluster text, "expiresAt" bigint)`,
    [JSON.stringify(certificates)],
  );

  return {
    hub,
    agents,
    clusters,
    query,
    async push(changed) {
      const commit = await fleet.commit(changed, 'A change');
      await fleet.push();
      const at = Date.now();
      const body = JSON.stringify({
        ref: 'refs/heads/main',
        after: commit,
        repository: { clone_url: `${git.url}/fleet.git` },
      });
      const headers = { 'content-type': 'application/json', 'x-github-event': 'push' };
      const response = await fetch(`${hub.url}/api/v1/hooks/git`, { method: 'POST', headers, body });
      if (!response.ok) throw new Error(`the webhook was answered with ${response.status}: ${await response.text()}`);
      return { commit, at };
    },
    async cpuSeconds() {
      const pids = await descendants(hub.pid);
      const seconds = await Promise.all(pids.map((pid) => cpuSecondsOf(pid).catch(() => 0)));
      return seconds.reduce((sum, one) => sum + one, 0);
    },
    memory: async () => ({ now: (await memoryOf(hub.pid)).resident, peak: await peakOf(hub.pid) }),
    async stop() {
      await agents.stop();
      await client?.end();
      await hub.stop();
      await git.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/**
 * Waits until every placement runs the releases of a commit and the hub has stored the agents' word of it.
 * @returns milliseconds from a push to the last assignment, and to the last report
 */
export async function untilReported(
  { query, hub }: Ground,
  { commit, at }: { readonly commit: string; readonly at: number },
  placements: number,
  within = 600_000,
): Promise<{ readonly assigned: number; readonly reported: number }> {
  const count = async () => {
    const rows = await query<{
      reported: string;
      assigned: string;
      last_assigned: Date | null;
      last_reported: Date | null;
    }>(
      `select count(*) as assigned, count(*) filter (where running_release = release and phase = 'applied') as reported,
         max(assigned_at) as last_assigned, max(reported_at) filter (where running_release = release) as last_reported
       from placements where split_part(release, '@', 2) = $1`,
      [commit.slice(0, 12)],
    );
    return rows[0];
  };
  await until(async () => Number((await count())?.reported) === placements, {
    what: `${placements} placements run ${commit.slice(0, 12)}`,
    within,
    every: 250,
    describe: async () => `${JSON.stringify(await count())}\n${hub.output().slice(-2_000)}`,
  });
  const { last_assigned, last_reported } = (await count()) ?? {};
  return {
    assigned: (last_assigned?.getTime() ?? Number.NaN) - at,
    reported: (last_reported?.getTime() ?? Number.NaN) - at,
  };
}

async function descendants(pid: number): Promise<number[]> {
  const { readFile } = await import('node:fs/promises');
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')).trim();
  const found = [pid];
  for (const child of children === '' ? [] : children.split(' ')) found.push(...(await descendants(Number(child))));
  return found;
}
