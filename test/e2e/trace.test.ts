import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from '../../proto/rest/page.ts';
import type { Placement } from '../../proto/rest/placements.ts';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { type CollectedSpan, type Collector, startCollector } from '../collector.ts';
import type { TestRepository } from '../git/repository.ts';
import { type GitServer, startGitServer } from '../git/server.ts';
import { until } from '../until.ts';
import { type FairwayProcess, type HubProcess, startAgent, startHub } from './processes.ts';
import { configMap, devEnvironment, shopApplication } from './shop.ts';

const journey = ['source', 'release', 'assign', 'link', 'apply', 'report'];
const secret = 'hunter2-of-the-test';

/** A hub and two agents, each a process of its own, that export to a collector what they do about a commit. */
describe('one trace from a commit to where it is applied', () => {
  const names = ['eu', 'us'] as const;
  let directory: string;
  let collector: Collector;
  let git: GitServer;
  let fleet: TestRepository;
  let hub: HubProcess;
  const sandboxes: Sandbox[] = [];
  const agents: FairwayProcess[] = [];

  const push = async (files: Record<string, string>) => {
    const commit = await fleet.commit(files);
    await fleet.push();
    return commit;
  };
  const untilSettled = (commit: string) =>
    until(
      async () => {
        const { items } = await hub.get<Page<Placement>>('/api/v1/placements');
        const release = `shop@${commit.slice(0, 12)}`;
        return items.length === 2 && items.every((one) => one.settled && one.runningRelease === release);
      },
      { what: `both clusters run ${commit.slice(0, 12)}`, within: 60_000, describe: () => hub.output().slice(-3000) },
    );
  const spansOf = (commit: string) => {
    const root = collector
      .spans()
      .find(({ name, attributes }) => name === 'source' && attributes['vcs.ref.head.revision'] === commit);
    return collector.spans().filter(({ traceId }) => traceId === root?.traceId);
  };
  const settings = (greeting: string) => ({
    'apps/shop/settings.yaml': configMap('settings', { greeting, cluster: '${{ cluster.name }}' }),
    'apps/shop/secret.yaml': `apiVersion: v1\nkind: Secret\nmetadata: {name: keys}\nstringData: {password: ${secret}}\n`,
  });

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fairway-trace-'));
    collector = await startCollector();
    git = await startGitServer();
    fleet = await git.createRepository('fleet');
    await push({ 'environments/dev.yaml': devEnvironment });
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=fair%20way',
      OTEL_BSP_SCHEDULE_DELAY: '200',
      FAIRWAY_LOG_LEVEL: 'debug',
    };
    hub = await startHub({ directory, fleetRepo: fleet.url, env: { ...env, FAIRWAY_POLL_INTERVAL: '300ms' } });
    for (const name of names) {
      const sandbox = await startSandbox({ name, directory: join(directory, `cluster-${name}`) });
      sandboxes.push(sandbox);
      const joinToken = await hub.register(name, { env: 'dev' });
      const kubeconfig = sandbox.kubeconfigPath ?? '';
      agents.push(startAgent({ hub, directory, name, kubeconfig, joinToken, env }));
    }
  }, 120_000);

  afterAll(async () => {
    await Promise.all(agents.map((agent) => agent.stop('SIGKILL')));
    await hub?.stop();
    await Promise.all(sandboxes.map((sandbox) => sandbox.stop()));
    await git?.stop();
    await collector?.stop();
    await rm(directory, { recursive: true, force: true });
  }, 60_000);

  it('reads source → release → assign → link → apply → report back, each the child of the one before', async () => {
    const first = await push({
      'apps/shop/app.yaml': shopApplication.replace('namespace: shop', 'namespace: default'),
      ...settings('hello'),
    });
    await untilSettled(first);
    await untilWhole(first);
    const second = await push(settings('good morning'));
    await untilSettled(second);
    await untilWhole(second);
    expect(collector.headers()).toMatchObject({ 'x-tenant': 'fair way' });

    for (const commit of [first, second]) {
      const spans = spansOf(commit);
      for (const name of names) {
        const way = pathTo(spans, name);
        expect(way.map((span) => span.name)).toEqual(journey);
        expect(way.map(({ service }) => service)).toEqual([
          ...['fairway-hub', 'fairway-hub', 'fairway-hub', 'fairway-hub'],
          ...['fairway-agent', 'fairway-hub'],
        ]);
        for (const [index, span] of way.entries()) {
          expect(span.endNanos).toBeGreaterThanOrEqual(span.startNanos);
          expect(span.parentId).toBe(way[index - 1]?.spanId ?? null);
          expect(span.status).toBe(0);
        }
      }
      expect(counted(spans)).toMatchObject({ source: 1, release: 1, assign: 1, link: 2, report: 2 });
      expect(spans.find(({ name }) => name === 'assign')?.attributes).toMatchObject({
        'fairway.application': 'shop',
        'fairway.release': `shop@${commit.slice(0, 12)}`,
        'fairway.clusters': 2,
        'deployment.environment.name': 'dev',
      });
    }
  }, 120_000);

  it('writes log lines that name the span they belong to', () => {
    const { traceId, spanId } = collector.spans().find(({ name }) => name === 'source') as CollectedSpan;
    const lines = hub
      .output()
      .split('\n')
      .filter((line) => line.includes('a new head is taken'));
    expect(
      lines.some((line) => line.includes(`"trace_id":"${traceId}"`) && line.includes(`"span_id":"${spanId}"`)),
    ).toBe(true);
  });

  it('[A11] tells the collector no value of a manifest', () => {
    const told = JSON.stringify(collector.spans(), (_key, value) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    expect(told).not.toContain(secret);
    expect(told).not.toContain('good morning');
  });

  it('keeps no trace of runs that find nothing to do', async () => {
    const before = collector.spans().length;
    // Every application looks at its clusters again, and finds them as they should be.
    expect((await hub.fairway('cluster', 'label', 'eu', 'note=nothing')).code).toBe(0);
    const commit = await push({ 'README.md': 'of no application\n' });
    await until(() => spansOf(commit).length > 0, { what: 'the head is taken', describe: show });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(
      collector
        .spans()
        .slice(before)
        .map(({ name }) => name),
    ).toEqual(['source']);
  });

  it('[A1] marks what failed by its code, in the trace of the commit that brought it', async () => {
    const commit = await push({
      'apps/shop/broken.yaml':
        'apiVersion: v1\nkind: Service\nmetadata: {name: broken}\nspec: {ports: [{port: 99999}]}\n',
    });
    await untilWhole(commit);
    const failed = spansOf(commit).filter(({ name }) => name === 'apply');
    expect(failed.length).toBeGreaterThanOrEqual(2);
    for (const span of failed) {
      expect(span.status).toBe(2);
      expect(span.attributes).toMatchObject({ 'error.type': 'invalid', 'fairway.result': 'failed' });
    }
    const reports = spansOf(commit).filter(({ name }) => name === 'report');
    expect(reports.map(({ attributes }) => attributes['fairway.phase'])).toEqual(['failed', 'failed']);
  }, 60_000);

  const show = () =>
    JSON.stringify(
      collector
        .spans()
        .map(({ name, traceId, spanId, parentId, attributes }) => ({ name, traceId, spanId, parentId, ...attributes })),
      null,
      1,
    );
  const untilWhole = (commit: string) =>
    until(() => names.every((name) => pathTo(spansOf(commit), name).length === journey.length), {
      what: 'the trace is whole',
      describe: show,
    });
});

function counted(spans: readonly CollectedSpan[]): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(spans, ({ name }) => name)].map(([name, all]) => [name, all.length]));
}

/** From the root of the trace to the report of one cluster. */
function pathTo(spans: readonly CollectedSpan[], cluster: string): CollectedSpan[] {
  const path: CollectedSpan[] = [];
  let span = spans.find(({ name, attributes }) => name === 'report' && attributes['k8s.cluster.name'] === cluster);
  while (span !== undefined) {
    path.unshift(span);
    const { parentId } = span;
    span = parentId === null ? undefined : spans.find(({ spanId }) => spanId === parentId);
  }
  return path;
}
