import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from '../../proto/rest/page.ts';
import type { Placement } from '../../proto/rest/placements.ts';
import type { Rollout, RolloutStep } from '../../proto/rest/rollouts.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import type { TestRepository } from '../git/repository.ts';
import { type GitServer, startGitServer } from '../git/server.ts';
import { until } from '../until.ts';
import { type AgentHost, startAgentHost } from './agent-host.ts';
import { type HubProcess, startHub } from './processes.ts';

const environment = `apiVersion: fairway.dev/v1
kind: Environment
metadata: {name: prod}
spec:
  clusters: {matchLabels: {env: prod}}
  promotion: {from: []}
  rollout:
    waves:
      - {name: canary, clusters: {matchLabels: {ring: canary}}}
      - {name: rest}
    progressDeadline: 8s
`;

const application = (image: string) => `apiVersion: fairway.dev/v1
kind: Application
metadata: {name: fairway-agent}
spec:
  render: template
  template: fairway-agent
  parameters: {image: "${image}"}
  environments: [prod]
`;

/** Agents that stand in their clusters, where a kubelet is played: a new image is a new process. */
describe('the upgrade of agents as an application', () => {
  const names = ['canary', 'prod-a', 'prod-b'] as const;
  const hosts = new Map<string, AgentHost>();
  let directory: string;
  let git: GitServer;
  let fleet: TestRepository;
  let hub: HubProcess;

  const commit = async (image: string) => {
    const id = await fleet.commit({ 'apps/fairway-agent/app.yaml': application(image) }, `Agents run ${image}`);
    await fleet.push();
    return `fairway-agent@${id.slice(0, 12)}`;
  };
  const placements = async () => (await hub.get<Page<Placement>>('/api/v1/placements?application=fairway-agent')).items;
  const rolloutOf = async (release: string) =>
    (await hub.get<Page<Rollout>>('/api/v1/rollouts?application=fairway-agent')).items.find(
      (rollout) => rollout.release === release,
    );
  const wait = (what: string, condition: () => Promise<boolean>) =>
    until(condition, {
      ...{ what, within: 90_000, every: 200 },
      describe: async () =>
        JSON.stringify({ placements: await placements(), images: images(), started: started() }, null, 1) +
        hub.output().slice(-2000),
    });
  const runs = (release: string) =>
    wait(`all run ${release}`, async () => {
      const all = await placements();
      return (
        all.length === names.length &&
        all.every((one) => one.runningRelease === release && one.settled && one.health === 'healthy')
      );
    });
  const images = () => Object.fromEntries(names.map((name) => [name, hosts.get(name)?.image()]));
  const started = () => Object.fromEntries(names.map((name) => [name, hosts.get(name)?.started]));

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fairway-upgrade-'));
    git = await startGitServer();
    fleet = await git.createRepository('fleet');
    await fleet.commit({ 'environments/prod.yaml': environment }, 'The fleet begins');
    await fleet.push();
    const env = { FAIRWAY_POLL_INTERVAL: '500ms', FAIRWAY_AGENT_IMAGE: 'example/agent:1' };
    hub = await startHub({ directory, fleetRepo: fleet.url, env });
    for (const name of names) {
      const sandbox = await startSandbox({ name, directory: join(directory, name), readyAfter: 200 });
      const ring = name === 'canary' ? ['--label', 'ring=canary'] : [];
      const flags = ['--label', 'env=prod', ...ring, '-o', 'manifest'];
      const { code, stdout, stderr } = await hub.fairway('cluster', 'register', name, ...flags);
      expect(code, stderr).toBe(0);
      hosts.set(name, await startAgentHost({ hub, directory, sandbox, name, manifest: stdout, broken: 'broken' }));
    }
    await wait('the agents have joined', async () => {
      const { items } = await hub.get<Page<{ connected: boolean }>>('/api/v1/clusters');
      return items.length === names.length && items.every(({ connected }) => connected);
    });
  }, 240_000);

  afterAll(async () => {
    await Promise.all([...hosts.values()].map((host) => host.stop()));
    await hub?.stop();
    await git?.stop();
    await rm(directory, { recursive: true, force: true });
  }, 120_000);

  let second: string;

  it('[L6, R4] goes out in waves: a new agent is well in the canary before others are exchanged', async () => {
    second = await commit('example/agent:2');
    await runs(second);
    expect(images()).toEqual({ canary: 'example/agent:2', 'prod-a': 'example/agent:2', 'prod-b': 'example/agent:2' });
    for (const name of names) expect(hosts.get(name)?.started).toEqual(['example/agent:1', 'example/agent:2']);
    const { items } = await hub.get<Page<RolloutStep>>(
      `/api/v1/rollouts/${(await rolloutOf(second))?.id}/history?limit=200`,
    );
    const when = (event: string, cluster: string) =>
      Date.parse(items.find((step) => step.event === event && step.cluster === cluster)?.at ?? '');
    for (const other of ['prod-a', 'prod-b'])
      expect(when('cluster.healthy', 'canary')).toBeLessThanOrEqual(when('cluster.updating', other));
  }, 240_000);

  it('[L6, R5, R6] that does not start stops at the canary, and goes back by a rollback and an undo', async () => {
    const third = await commit('example/agent:broken');
    await wait('the rollout has stopped', async () => (await rolloutOf(third))?.state === 'paused');
    expect(images()).toEqual({
      canary: 'example/agent:broken',
      'prod-a': 'example/agent:2',
      'prod-b': 'example/agent:2',
    });
    const { code, stderr } = await hub.fairway('rollback', 'fairway-agent', '--env', 'prod', '--reason', 'No start');
    expect([0, 3], stderr).toContain(code);
    await wait('the canary is given back what is settled', async () =>
      (await placements()).some(({ cluster, release }) => cluster === 'canary' && release === second),
    );
    hosts.get('canary')?.undo('example/agent:2');
    await runs(second);
    expect(hosts.get('canary')?.started).toEqual(['example/agent:1', 'example/agent:2', 'example/agent:2']);
    expect(images().canary).toBe('example/agent:2');
  }, 240_000);
});
