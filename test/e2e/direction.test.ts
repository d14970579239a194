import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Agent, runAgent } from '../../agent/agent.ts';
import { openDiskState } from '../../agent/state/disk.ts';
import type { KubeObject } from '../../core/objects/object.ts';
import { dialHub } from '../dial.ts';
import type { TestRepository } from '../git/repository.ts';
import { type GitServer, startGitServer } from '../git/server.ts';
import { createMemoryCluster } from '../memory/cluster.ts';
import { until } from '../until.ts';
import { type HubProcess, startHub } from './processes.ts';
import { configMap, shopFleet } from './shop.ts';
import { connectionsOf } from './sockets.ts';

const project = resolve(import.meta.dirname, '../..');
const fixture = (name: string) => readFileSync(join(project, 'test/contract/sops', name), 'utf8');

/** What passes between Git, the hub and an agent, and in which direction. */
describe('a hub and its agent', () => {
  const cluster = createMemoryCluster();
  const foreign: string[] = [];
  const logs: string[] = [];
  let directory: string;
  let git: GitServer;
  let fleet: TestRepository;
  let hub: HubProcess;
  let agent: Agent;
  let watching: NodeJS.Timeout;

  const ports = () => [hub.url, `http://${hub.grpc}`].map((url) => Number(new URL(url).port));
  const gitPort = () => Number(new URL(git.url).port);
  const read = async (kind: string, name: string): Promise<KubeObject | null> => {
    const resource = await cluster.kube.resourceOf('', kind);
    return resource === null ? null : cluster.kube.get(resource, { namespace: 'shop', name });
  };

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fairway-direction-'));
    git = await startGitServer();
    fleet = await git.createRepository('fleet');
    await fleet.commit({
      ...shopFleet,
      'apps/shop/database.yaml': fixture('secret.sops.yaml'),
    });
    await fleet.push();
    hub = await startHub({ directory, fleetRepo: fleet.url, env: { FAIRWAY_POLL_INTERVAL: '300ms' } });
    if (existsSync('/proc/net/tcp')) {
      watching = setInterval(() => {
        for (const { localPort, remotePort } of connectionsOf(hub.pid))
          if (!ports().includes(localPort) && remotePort !== gitPort()) foreign.push(`${localPort} → ${remotePort}`);
      }, 10);
    }
    const joinToken = await hub.register('eu', { env: 'dev' });
    const state = await openDiskState(join(directory, 'agent'));
    const log = pino({ level: 'trace' }, { write: (line: string) => logs.push(line) });
    agent = await runAgent({
      kube: cluster.kube,
      state,
      dial: dialHub({ state, hub: hub.grpc, joinToken, version: 'test', log }),
      keys: { file: join(project, 'test/contract/sops/one.agekey'), namespace: null },
      version: 'test',
      log,
      now: Date.now,
      random: Math.random,
    });
    await until(async () => (await read('ConfigMap', 'settings')) !== null, {
      what: 'it is applied',
      within: 60_000,
      describe: () => `${hub.output().slice(-2_000)}\n${logs.slice(-20).join('')}`,
    });
  }, 120_000);

  afterAll(async () => {
    clearInterval(watching);
    await agent?.stop();
    await hub?.stop();
    await git?.stop();
    await rm(directory, { recursive: true, force: true });
  }, 60_000);

  it('[A13] brings what SOPS encrypted from Git to the cluster, and the hub never sees it', async () => {
    await until(async () => (await read('Secret', 'database')) !== null, { what: 'the Secret is applied' });
    const { stringData } = JSON.parse(fixture('secret.json')) as { stringData: Record<string, string> };
    const data = Object.fromEntries(
      Object.entries(stringData).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
    );
    expect((await read('Secret', 'database'))?.data).toEqual(data);
    const resources = await hub.fetch('/api/v1/clusters/eu/resources');
    const events = await hub.fetch('/api/v1/clusters/eu/events');
    const told = [
      hub.output(),
      await resources.text(),
      await events.text(),
      ...logs,
      ...recordsOf(join(directory, 'agent')),
    ];
    expect(told.join('')).toContain('ENC[AES256_GCM');
    for (const value of Object.values(stringData).filter((text) => text.length > 5)) {
      expect(told.join('')).not.toContain(value.trim());
      expect(told.join('')).not.toContain(Buffer.from(value).toString('base64'));
    }
  });

  it.runIf(existsSync('/proc/net/tcp'))(
    '[L1] speaks over connections that the agent has opened, and no others',
    async () => {
      await fleet.commit({ 'apps/shop/settings.yaml': configMap('settings', { greeting: 'again' }) });
      await fleet.push();
      const isNew = async () => JSON.stringify((await read('ConfigMap', 'settings'))?.data).includes('again');
      await until(isNew, { what: 'a change arrives', within: 60_000 });
      expect(connectionsOf(hub.pid).map(({ localPort }) => localPort)).toContain(ports()[1]);
      expect([...new Set(foreign)]).toEqual([]);
    },
  );

  it('[L1] has a hub that knows no way to speak to Kubernetes', () => {
    const seen = new Set<string>();
    const imported = new Set<string>();
    const follow = (file: string) => {
      if (seen.has(file)) return;
      seen.add(file);
      for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)) {
        if (name.startsWith('.')) follow(resolve(dirname(file), name));
        else imported.add(name);
      }
    };
    follow(join(project, 'hub/main.ts'));
    const rooms = new Set([...seen].map((file) => file.slice(project.length + 1).split('/')[0]));
    expect(seen.size).toBeGreaterThan(100);
    expect([...rooms].sort()).toEqual(['core', 'hub', 'proto', 'telemetry']);
    expect([...imported].filter((name) => name.includes('kubernetes'))).toEqual([]);
  });

  it('[L1] has a database without a place for the credentials of a cluster', () => {
    const migrations = readFileSync(join(project, 'hub/store/schema.ts'), 'utf8');
    expect(migrations).toMatch(/clusters: \{/);
    expect(migrations).not.toMatch(/kubeconfig|api_?server|bearer|cluster_(credential|token|key|secret)/i);
  });
});

function recordsOf(folder: string): string[] {
  return readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
}
