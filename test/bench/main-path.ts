import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '../../proto/rest/page.ts';
import type { Placement } from '../../proto/rest/placements.ts';
import { type HubProcess, startHub } from '../e2e/processes.ts';
import { configMap, devEnvironment, shopApplication } from '../e2e/shop.ts';
import type { TestRepository } from '../git/repository.ts';
import { startGitServer } from '../git/server.ts';
import { until } from '../until.ts';
import type { AgentsOrder } from './agents.ts';
import { type Figure, quantile } from './figure.ts';

const agents = 200;
const commits = 8;
const objects = 10;

/**
 * From a push to applied and reported on every cluster: one embedded hub as people start it, a Git host, 200 agents
 * in a process of their own. The clock starts when the push has returned and stops, for each cluster, when the hub
 * has stored the agent's word that it runs the commit and is healthy.
 */
export async function measureMainPath(): Promise<Figure[]> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-bench-'));
  const git = await startGitServer();
  const fleet = await git.createRepository('fleet');
  await commitObjects(fleet, 0);
  const hub = await startHub({ directory, fleetRepo: fleet.url, env: { FAIRWAY_POLL_INTERVAL: '500ms' } });
  const child = fork(join(import.meta.dirname, 'agents.ts'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  try {
    const names = Array.from({ length: agents }, (_, index) => `c${String(index).padStart(3, '0')}`);
    const clusters = [];
    for (const name of names) clusters.push({ name, joinToken: await register(hub, name) });
    const order: AgentsOrder = { hub: hub.grpc, clusters };
    const joining = performance.now();
    child.send(order);
    await once(child, 'message');
    const joined = performance.now() - joining;
    await reportedOn(hub, await fleet.head());

    const before = await usage(hub.pid);
    const webhook = await measure(hub, fleet, git.url, 'webhook');
    const after = await usage(hub.pid);
    const poll = await measure(hub, fleet, git.url, 'poll');
    const first = (latencies: readonly number[][]) =>
      latencies.flatMap((one) => [...one].sort((a, b) => a - b).slice(0, 100));

    return [
      { figure: `join and connect of ${agents} agents`, value: joined / 1000, unit: 's', goal: null },
      {
        figure: 'webhook: push → reported, first 100 clusters, p99',
        value: quantile(first(webhook), 0.99),
        unit: 'ms',
        goal: { atMost: 2000 },
      },
      {
        figure: `webhook: push → reported, ${agents} clusters, p50`,
        value: quantile(webhook.flat(), 0.5),
        unit: 'ms',
        goal: null,
      },
      {
        figure: `webhook: push → reported, ${agents} clusters, p99`,
        value: quantile(webhook.flat(), 0.99),
        unit: 'ms',
        goal: null,
      },
      {
        figure: `poll every 500 ms: push → reported, ${agents} clusters, p50`,
        value: quantile(poll.flat(), 0.5),
        unit: 'ms',
        goal: null,
      },
      {
        figure: `poll every 500 ms: push → reported, ${agents} clusters, p99`,
        value: quantile(poll.flat(), 0.99),
        unit: 'ms',
        goal: null,
      },
      {
        figure: 'hub: CPU for a commit on all',
        value: (after.cpuSeconds - before.cpuSeconds) / commits,
        unit: 's',
        goal: null,
      },
      { figure: 'hub: resident memory (without PostgreSQL)', value: after.residentMiB, unit: 'MiB', goal: null },
      { figure: 'PostgreSQL: resident memory, shared counted once', value: after.postgresMiB, unit: 'MiB', goal: null },
    ];
  } finally {
    child.kill();
    await hub.stop();
    await git.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function commitObjects(fleet: TestRepository, round: number): Promise<string> {
  const files: Record<string, string> = {
    'environments/dev.yaml': devEnvironment,
    'apps/shop/app.yaml': shopApplication,
  };
  files['apps/shop/namespace.yaml'] = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n';
  for (let index = 0; index < objects; index++)
    files[`apps/shop/c${index}.yaml`] = configMap(`c${index}`, { round: String(round) });
  const commit = await fleet.commit(files, `Round ${round}`);
  await fleet.push();
  return commit;
}

let round = 0;

/** @returns milliseconds from push to reported: a list of clusters for each commit */
async function measure(
  hub: HubProcess,
  fleet: TestRepository,
  host: string,
  by: 'webhook' | 'poll',
): Promise<number[][]> {
  const latencies: number[][] = [];
  for (let index = 0; index < commits; index++) {
    const commit = await commitObjects(fleet, ++round);
    const pushed = Date.now();
    if (by === 'webhook') {
      const body = JSON.stringify({
        ref: 'refs/heads/main',
        after: commit,
        repository: { clone_url: `${host}/fleet.git` },
      });
      const headers = { 'content-type': 'application/json', 'x-github-event': 'push' };
      const response = await fetch(`${hub.url}/api/v1/hooks/git`, { method: 'POST', headers, body });
      if (!response.ok) throw new Error(`the webhook was answered with ${response.status}: ${await response.text()}`);
    }
    const placements = await reportedOn(hub, commit);
    latencies.push(placements.map(({ reportedAt }) => Date.parse(reportedAt ?? '') - pushed));
  }
  return latencies;
}

/** Waits until every cluster runs a commit, and resolves to what the hub has stored of them. */
async function reportedOn(hub: HubProcess, commit: string): Promise<readonly Placement[]> {
  const release = `shop@${commit.slice(0, 12)}`;
  let placements: readonly Placement[] = [];
  await until(
    async () => {
      placements = (await hub.get<Page<Placement>>('/api/v1/placements?limit=500')).items;
      return placements.length === agents && placements.every((one) => one.settled && one.runningRelease === release);
    },
    {
      what: `all run ${release}`,
      within: 120_000,
      every: 400,
      describe: () => `${placements.filter((one) => one.runningRelease === release).length} of ${placements.length} do`,
    },
  );
  return placements;
}

async function register(hub: HubProcess, name: string): Promise<string> {
  const response = await hub.fetch('/api/v1/clusters', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, labels: { env: 'dev' } }),
  });
  if (!response.ok) throw new Error(`register ${name}: ${await response.text()}`);
  return ((await response.json()) as { token: string }).token;
}

interface Usage {
  readonly cpuSeconds: number;
  readonly residentMiB: number;
  readonly postgresMiB: number;
}

/** What Linux says of a process, and of the PostgreSQL below it. */
async function usage(pid: number): Promise<Usage> {
  const tree = await descendants(pid);
  let cpuTicks = 0;
  let postgres = 0;
  for (const id of tree) {
    const fields = (await readFile(`/proc/${id}/stat`, 'utf8')).replace(/^.*\) /s, '').split(' ');
    cpuTicks += Number(fields[11]) + Number(fields[12]);
    if (id !== pid) postgres += await memory(id, 'Pss');
  }
  return { cpuSeconds: cpuTicks / 100, residentMiB: await memory(pid, 'Rss'), postgresMiB: postgres };
}

async function memory(pid: number, kind: 'Rss' | 'Pss'): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  return Number(new RegExp(`^${kind}:\\s+(\\d+)`, 'm').exec(rollup)?.[1] ?? 0) / 1024;
}

async function descendants(pid: number): Promise<number[]> {
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')).trim();
  const found = [pid];
  for (const child of children === '' ? [] : children.split(' ')) found.push(...(await descendants(Number(child))));
  return found;
}
