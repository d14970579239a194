import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { git } from '../../cli/up/git.ts';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { until } from '../until.ts';
import { runFairway } from './processes.ts';
import { askSandbox, startUp, type UpProcess } from './up-process.ts';

/** The front door as people come through it: `fairway up`, an edit, a change by hand, Ctrl-C, and again. */

interface Listed {
  readonly items: readonly { readonly metadata: { readonly name: string; readonly resourceVersion: string } }[];
}
const names = ['dev-1', 'staging-1', 'prod-1'] as const;
const healthy = /the fleet is healthy: 3 clusters/;
const deployment = '/apis/apps/v1/namespaces/shop/deployments/web';
const machineSet = '/apis/cluster.x-k8s.io/v1beta1/namespaces/machines/machinesets/workers';
const settings = '/api/v1/namespaces/shop/configmaps/settings';

let home: string;
let up: UpProcess;
const started: UpProcess[] = [];
const start = (...args: string[]) => {
  up = startUp(home, ...args);
  started.push(up);
  return up;
};

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'fairway-up-'));
});
afterAll(async () => {
  await Promise.all(started.map((one) => one.stop('SIGKILL')));
  await rm(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}, 60_000);

const kubeconfigOf = (name: string) => join(up.directory, 'clusters', name, 'kubeconfig');
const ask = <T>(name: string, path: string) => askSandbox<T>(kubeconfigOf(name), 'GET', path);
const replicas = async (name: string, path: string) =>
  (await ask<{ spec: { replicas: number } }>(name, path)).spec.replicas;
const greeting = async (name: string) => (await ask<{ data: { greeting: string } }>(name, settings)).data.greeting;
const everywhere = (what: string, condition: (name: string) => Promise<boolean>) =>
  until(async () => (await Promise.all(names.map(condition))).every(Boolean), { what, describe: () => up.output() });

/** What Fairway keeps in all clusters, with its versions: one write, and it is another text. */
async function versions(): Promise<string> {
  const kinds = ['/apis/apps/v1/deployments', '/api/v1/configmaps', '/api/v1/services', '/api/v1/namespaces'];
  const lists = names.flatMap((name) =>
    [...kinds, '/apis/cluster.x-k8s.io/v1beta1/machinesets'].map(async (path) => {
      const { items } = await ask<Listed>(name, `${path}?labelSelector=fairway.dev/application`);
      return items.map(({ metadata }) => `${name} ${metadata.name}@${metadata.resourceVersion}`);
    }),
  );
  return (await Promise.all(lists)).flat().sort().join('\n');
}

async function edit(file: string, change: (text: string) => string, message: string): Promise<void> {
  const fleet = join(up.directory, 'fleet');
  await writeFile(join(fleet, file), change(await readFile(join(fleet, file), 'utf8')));
  await git(fleet, 'commit', '--quiet', '--all', '--message', message);
}

describe('fairway up', () => {
  it('starts a whole fleet, and says where everything is', async () => {
    start();
    await up.shows(healthy);
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(up.output()) ?? [];
    expect((await fetch(`${url}/readyz`)).ok).toBe(true);
    for (const place of ['hub/admin.token', 'fleet', 'logs', ...names.map((name) => `clusters/${name}/kubeconfig`)]) {
      expect(up.output()).toContain(join(up.directory, place));
      expect(existsSync(join(up.directory, place))).toBe(true);
    }
    for (const text of ['git -C', 'kubectl --kubeconfig', 'drift list']) expect(up.output()).toContain(text);
    expect(await replicas('dev-1', deployment)).toBe(2);
    expect(await replicas('prod-1', deployment)).toBe(3);
    expect(await replicas('prod-1', machineSet)).toBe(5);
  }, 300_000);

  it('[A11] never shows the token, and keeps all that it wrote for its owner alone', async () => {
    const token = readFileSync(join(up.directory, 'hub', 'admin.token'), 'utf8').trim();
    expect(up.output()).not.toContain(token);
    expect(await readFile(join(home, '.config/fairway/config.json'), 'utf8')).not.toContain(token);
    expect((await stat(up.directory)).mode & 0o077).toBe(0);
  });

  it('lets every other command ask it, without a login', async () => {
    const { code, stdout } = await runFairway(['status'], { HOME: home });
    expect(code).toBe(0);
    expect(stdout).toContain('3 of 3 connected');
  });

  it('brings a commit to every cluster, and shows it', async () => {
    await edit('apps/shop/settings.yaml', (text) => text.replace('Hello', 'Welcome'), 'Be welcome');
    await everywhere('all say welcome', async (name) => (await greeting(name)) === 'Welcome');
    await up.shows(/shop@[0-9a-f]{7} is new: Be welcome/);
    const [, release] = /(shop@[0-9a-f]{7}) is new: Be welcome/.exec(up.output()) ?? [];
    await up.shows(new RegExp(`${release} is healthy on all 3 clusters`));
  });

  it('brings a push to every cluster', async () => {
    const clone = join(home, 'clone');
    await git(home, 'clone', '--quiet', join(up.directory, 'fleet'), clone);
    await writeFile(
      join(clone, 'apps/machines/app.yaml'),
      (await readFile(join(clone, 'apps/machines/app.yaml'), 'utf8')).replace('{workers: 2}', '{workers: 4}'),
    );
    const who = ['-c', 'user.name=You', '-c', 'user.email=you@localhost'];
    await git(clone, ...who, 'commit', '--quiet', '--all', '--message', 'Four workers');
    await git(clone, 'push', '--quiet');
    await until(async () => (await replicas('dev-1', machineSet)) === 4, { what: 'dev has four workers' });
    await until(async () => (await replicas('staging-1', machineSet)) === 4, { what: 'staging has four workers' });
    expect(await replicas('prod-1', machineSet)).toBe(5);
  });

  it.each([
    ['Deployment', deployment, 3],
    ['MachineSet', machineSet, 5],
  ])('[D1, D3] puts a %s back that was scaled by hand, and shows who it was', async (kind, path, wanted) => {
    await askSandbox(kubeconfigOf('prod-1'), 'PATCH', `${path}?fieldManager=kubectl-edit`, { spec: { replicas: 9 } });
    await until(async () => (await replicas('prod-1', path)) === wanted, { what: 'it is put back' });
    await up.shows(new RegExp(`prod-1 .*kubectl-edit changed ${kind}.* from ${wanted} to 9; put back`));
  });

  it('[G6] shows what is wrong in Git, goes on with the rest, and shows that it is mended', async () => {
    await edit('apps/shop/app.yaml', (text) => text.replace('namespace: shop', 'nameSpace: shop'), 'Break it');
    await up.shows(/error fleet:apps\/shop\/app\.yaml:\d+ .*namespace/i);
    expect(await replicas('dev-1', deployment)).toBe(2);
    await edit('apps/shop/app.yaml', (text) => text.replace('nameSpace: shop', 'namespace: shop'), 'Mend it');
    await up.shows(/what was wrong in Git is mended/);
  });

  it('refuses a second one on its directory, and leaves the first alone', async () => {
    const second = startUp(home);
    started.push(second);
    expect(await second.ended).toBe(1);
    expect(second.output()).toContain('a fleet runs in');
    expect(second.output()).toContain('next: end that one with Ctrl-C, or run another beside it with --data-dir');
    expect((await runFairway(['status'], { HOME: home })).code).toBe(0);
  });

  it('[X1] ends with Ctrl-C, and with it everything that it started', async () => {
    expect(await up.stop('SIGINT')).toBe(0);
    expect(up.isThere()).toBe(false);
    // It is in a group of its own, and removes this file last.
    expect(existsSync(join(up.directory, 'hub/postgres/postmaster.pid'))).toBe(false);
    expect((await runFairway(['status'], { HOME: home })).stdout).not.toContain('3 of 3 connected');
  });

  it('[X1, A3] takes up where it left off, and writes nothing for it', async () => {
    start();
    await up.shows(healthy);
    const before = await versions();
    expect(await up.stop('SIGINT')).toBe(0);
    start();
    await up.shows(healthy);
    expect(await versions()).toBe(before);
    expect(await greeting('staging-1')).toBe('Welcome');
  }, 300_000);

  it('[X1] takes up after everything was killed', async () => {
    await edit('apps/shop/settings.yaml', (text) => text.replace('Welcome', 'Killed'), 'Be killed');
    await up.stop('SIGKILL');
    start();
    await up.shows(healthy);
    await everywhere('all have what was committed before', async (name) => (await greeting(name)) === 'Killed');
    await askSandbox(kubeconfigOf('dev-1'), 'DELETE', deployment);
    await up.shows(/dev-1 .*deleted Deployment shop\/web; put back/);
    expect(await replicas('dev-1', deployment)).toBe(2);
    expect(await up.stop('SIGTERM')).toBe(0);
  }, 300_000);

  it('says so and ends where its database was killed, and takes up afterwards', async () => {
    start();
    await up.shows(healthy);
    const pidFile = await readFile(join(up.directory, 'hub/postgres/postmaster.pid'), 'utf8');
    process.kill(Number.parseInt(pidFile, 10), 'SIGKILL');
    expect(await up.ended).toBe(1);
    expect(up.output()).toContain('The hub cannot go on: PostgreSQL ended');
    start();
    await up.shows(healthy);
    expect(await up.stop('SIGINT')).toBe(0);
  }, 300_000);

  it('begins anew with --reset', async () => {
    start('--reset');
    await up.shows(healthy);
    expect(await git(join(up.directory, 'fleet'), 'log', '--format=%s')).toBe('The fleet begins');
    expect(await greeting('prod-1')).toBe('Hello');
    expect(await up.stop('SIGINT')).toBe(0);
  }, 300_000);
});

describe('fairway up --kubeconfig', () => {
  const sandboxes: Sandbox[] = [];
  afterAll(() => Promise.all(sandboxes.map((sandbox) => sandbox.stop())));

  it('uses clusters that are there already', async () => {
    for (const name of ['eu', 'us']) {
      sandboxes.push(await startSandbox({ name, directory: join(home, 'own', name) }));
    }
    const flags = sandboxes.flatMap(({ kubeconfigPath = '' }) => ['--kubeconfig', kubeconfigPath]);
    start(...flags);
    await up.shows(/the fleet is healthy: 2 clusters/);
    for (const [index, name] of ['eu', 'us'].entries()) {
      const path = '/api/v1/namespaces/hello/configmaps/greeting';
      const { data } = await askSandbox<{ data: { text: string } }>(flags[2 * index + 1] ?? '', 'GET', path);
      expect(data.text).toContain(name);
    }
    expect(await up.stop('SIGINT')).toBe(0);
  }, 300_000);

  it('says which file is none', async () => {
    const { code, stderr } = await runFairway(['up', '--kubeconfig', join(home, 'nowhere')], { HOME: home });
    expect(code).toBe(1);
    expect(stderr).toContain(join(home, 'nowhere'));
  });
});
