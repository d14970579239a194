import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createKube } from '../../agent/kube/client.ts';
import { kubeconfigCredentials } from '../../agent/kube/kubeconfig.ts';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { type Exposition, parseExposition, valuesOf } from '../exposition.ts';
import { type GitServer, startGitServer } from '../git/server.ts';
import { freePorts } from '../kube/harness/ports.ts';
import { until } from '../until.ts';
import { type FairwayProcess, type HubProcess, startAgent, startHub } from './processes.ts';
import { configMap, devEnvironment, shopApplication } from './shop.ts';

const root = resolve(import.meta.dirname, '../..');
const rulesFile = join(root, 'deploy/prometheus/alerts.yaml');

/** Values of labels for what does not happen here: no placement and no request fails. */
const unseen = new Set(['failed', '5xx']);

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
}

/** A hub and an agent that have worked, asked as Prometheus asks them. */
describe('metrics', () => {
  let directory: string;
  let git: GitServer;
  let hub: HubProcess;
  let sandbox: Sandbox;
  let agent: FairwayProcess;
  let agentUrl: string;

  const scrape = async (url: string): Promise<Exposition> => {
    const response = await fetch(`${url}/metrics`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    return parseExposition(await response.text());
  };

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fairway-metrics-'));
    git = await startGitServer();
    const fleet = await git.createRepository('fleet');
    await fleet.commit({
      'environments/dev.yaml': devEnvironment,
      'apps/shop/app.yaml': shopApplication.replace('namespace: shop', 'namespace: default'),
      'apps/shop/settings.yaml': configMap('settings', { greeting: 'hello' }),
    });
    await fleet.push();
    hub = await startHub({ directory, fleetRepo: fleet.url, env: { FAIRWAY_POLL_INTERVAL: '300ms' } });
    sandbox = await startSandbox({ name: 'eu', directory: join(directory, 'cluster') });
    const [port] = await freePorts(1);
    agentUrl = `http://127.0.0.1:${port}`;
    const joinToken = await hub.register('eu', { env: 'dev' });
    const kubeconfig = sandbox.kubeconfigPath ?? '';
    const env = { FAIRWAY_HEALTH: `127.0.0.1:${port}` };
    agent = startAgent({ hub, directory, name: 'eu', kubeconfig, joinToken, env });
    const applied = async () =>
      valuesOf(await scrape(hub.url), 'fairway_hub_placements', { phase: 'applied' })[0] === 1;
    // What the database counts is told again for some seconds.
    await until(applied, {
      what: 'the placement is applied',
      within: 60_000,
      every: 500,
      describe: () => hub.output(),
    });
  }, 120_000);

  afterAll(async () => {
    await agent?.stop();
    await hub?.stop();
    await sandbox?.stop();
    await git?.stop();
    await rm(directory, { recursive: true, force: true });
  }, 60_000);

  it('count what the hub did', async () => {
    const said = await scrape(hub.url);
    expect(valuesOf(said, 'fairway_hub_connected_agents')).toEqual([1]);
    expect(valuesOf(said, 'fairway_hub_clusters', { state: 'connected' })).toEqual([1]);
    expect(valuesOf(said, 'fairway_hub_sources', { state: 'ok' })).toEqual([1]);
    expect(valuesOf(said, 'fairway_hub_assignment_to_applied_seconds_count', { environment: 'dev' })).toEqual([1]);
    expect(valuesOf(said, 'fairway_hub_commit_to_applied_seconds_count', { environment: 'dev' })).toEqual([1]);
    expect(valuesOf(said, 'fairway_hub_loop_runs_total', { loop: 'release', result: 'ok' })[0]).toBeGreaterThan(0);
    expect(valuesOf(said, 'fairway_hub_bundle_sent_bytes_total')[0]).toBeGreaterThan(0);
    expect(valuesOf(said, 'process_resident_memory_bytes')[0]).toBeGreaterThan(2 ** 20);
  });

  it('count what the agent did', async () => {
    const said = await scrape(agentUrl);
    expect(valuesOf(said, 'fairway_agent_link_connected')).toEqual([1]);
    expect(valuesOf(said, 'fairway_agent_applications', { phase: 'applied' })).toEqual([1]);
    expect(valuesOf(said, 'fairway_agent_objects', { health: 'healthy' })).toEqual([1]);
    expect(valuesOf(said, 'fairway_agent_apply_duration_seconds_count', { result: 'applied' })[0]).toBeGreaterThan(0);
    const created = { verb: 'patch', code: '201' };
    expect(valuesOf(said, 'fairway_agent_kubernetes_requests_total', created)[0]).toBeGreaterThan(0);
  });

  it('[D1] count a drift and its correction on both sides', async () => {
    const drifts = async (url: string, name: string) => valuesOf(await scrape(url), name, { outcome: 'corrected' })[0];
    const kube = createKube(await kubeconfigCredentials(sandbox.kubeconfigPath ?? ''));
    const configMaps = await kube.resourceOf('', 'ConfigMap');
    if (configMaps === null) throw new Error('no ConfigMaps are served');
    expect(await kube.delete(configMaps, { namespace: 'default', name: 'settings' })).toBe(true);
    await kube.close();
    await until(async () => (await drifts(agentUrl, 'fairway_agent_drifts_total')) === 1, {
      what: 'the agent counts it',
    });
    await until(async () => (await drifts(hub.url, 'fairway_hub_drifts_total')) === 1, { what: 'the hub counts it' });
  });

  it('keep the conventions: names, help, base units, and no series for each cluster or application', async () => {
    for (const url of [hub.url, agentUrl]) {
      const { families, samples } = await scrape(url);
      expect(families.size).toBeGreaterThan(15);
      for (const [name, { type, help }] of families) {
        expect(name).toMatch(/^(fairway_hub|fairway_agent|process|nodejs)_[a-z0-9_]+$/);
        expect(help, name).not.toBe('');
        expect(name.endsWith('_total'), name).toBe(type === 'counter');
        expect(name).not.toMatch(/_(ms|milliseconds|kb|mb|minutes)(_|$)/);
        if (type === 'histogram') expect(name).toMatch(/_(seconds|bytes)$/);
      }
      const labels = new Set(samples.flatMap((sample) => Object.keys(sample.labels)));
      for (const unbounded of ['cluster', 'application', 'release', 'object', 'source']) {
        expect(labels).not.toContain(unbounded);
      }
    }
  });

  it('are all that the boards and the alert rules ask for, with those labels', async () => {
    const said = [await scrape(hub.url), await scrape(agentUrl)];
    const asked = [
      ...(await boardQueries()),
      ...(await readRules()).map(({ alert, expr }) => ({ where: alert, expr })),
    ];
    expect(asked.length).toBeGreaterThan(60);
    for (const { where, expr } of asked) {
      const names = [...expr.matchAll(/\b(?:fairway|process|nodejs)_[a-z0-9_]+/g)].map(([name]) => name);
      expect(names.length, `${where}: ${expr}`).toBeGreaterThan(0);
      for (const [, name = '', selectors = ''] of expr.matchAll(/\b([a-z]+_[a-z0-9_]+)(?:\{([^}]*)\})?/g)) {
        if (!names.includes(name)) continue;
        const samples = said.flatMap((one) => one.samples.filter((sample) => sample.name === name));
        expect(samples.length, `${where} asks for ${name}, which nobody tells`).toBeGreaterThan(0);
        for (const [, label = '', operator, value = ''] of selectors.matchAll(/([a-z_]+)(=~|=)"([^"]*)"/g)) {
          if (['instance', 'job'].includes(label)) continue;
          const known = samples.map(({ labels }) => labels[label]);
          expect(known[0], `${where}: ${name} has no label ${label}`).toBeDefined();
          if (operator === '=' && !unseen.has(value)) expect(known, `${where}: ${name}`).toContain(value);
        }
      }
    }
  });

  it('stand in the documentation, each of them and no other', async () => {
    const said = [await scrape(hub.url), await scrape(agentUrl)];
    const live = new Set(said.flatMap(({ families }) => [...families.keys()]));
    const text = await readFile(join(root, 'docs/telemetry.md'), 'utf8');
    const told = new Set(
      [...text.matchAll(/^\| `((?:fairway|process|nodejs)_[a-z0-9_]+)`/gm)].map(([, name = '']) => name),
    );
    expect([...told].sort()).toEqual([...live].sort());
  });

  it('have alert rules that say how grave it is, what it is, and what to do', async () => {
    const rules = await readRules();
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { alert, labels, annotations } of rules) {
      expect(alert).toMatch(/^Fairway[A-Za-z]+$/);
      expect(['info', 'warning', 'critical'], alert).toContain(labels.severity);
      expect(annotations.summary?.length, alert).toBeGreaterThan(20);
      expect(annotations.runbook?.length, alert).toBeGreaterThan(60);
    }
    if (hasPromtool()) execFileSync('promtool', ['check', 'rules', rulesFile]);
  });
});

async function readRules(): Promise<readonly Rule[]> {
  const { groups } = parse(await readFile(rulesFile, 'utf8')) as { groups: { rules: Rule[] }[] };
  return groups.flatMap(({ rules }) => rules);
}

/** Every query of every panel and variable of the boards. */
async function boardQueries(): Promise<{ where: string; expr: string }[]> {
  const folder = join(root, 'deploy/grafana');
  const queries: { where: string; expr: string }[] = [];
  for (const file of (await readdir(folder)).filter((name) => name.endsWith('.json'))) {
    const board = JSON.parse(await readFile(join(folder, file), 'utf8')) as {
      panels: { title: string; targets?: { expr: string }[] }[];
      templating: { list: { name: string; definition?: string }[] };
    };
    for (const { title, targets = [] } of board.panels) {
      queries.push(...targets.map(({ expr }) => ({ where: `${file}: ${title}`, expr })));
    }
    for (const { name, definition } of board.templating.list) {
      if (definition !== undefined) queries.push({ where: `${file}: $${name}`, expr: definition });
    }
  }
  return queries;
}

function hasPromtool(): boolean {
  try {
    execFileSync('promtool', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
