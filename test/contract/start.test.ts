import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type FairwayProcess, startFairway } from '../e2e/processes.ts';
import { git } from '../git/run.ts';
import { freePorts } from '../kube/harness/ports.ts';
import { until } from '../until.ts';

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-start-'));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function startHub(env: NodeJS.ProcessEnv): Promise<FairwayProcess> {
  const folder = await createFolder();
  const [http, grpc] = await freePorts(2);
  const hub = startFairway(['hub'], {
    logFile: join(folder, 'hub.log'),
    env: {
      FAIRWAY_HTTP: `127.0.0.1:${http}`,
      FAIRWAY_GRPC: `127.0.0.1:${grpc}`,
      FAIRWAY_FLEET_REPO: folder,
      FAIRWAY_DATA_DIR: join(folder, 'data'),
      ...env,
    },
  });
  cleanups.push(() => hub.stop('SIGKILL'));
  return hub;
}

const untilSays = (hub: FairwayProcess, text: string) =>
  until(async () => hub.output().includes(text), { what: text, within: 30_000, describe: () => hub.output() });

describe('a hub that is started anew with another repository', () => {
  it('[G1] never takes the head of the branch that it followed before', async () => {
    const data = join(await createFolder(), 'data');
    const repository = await createFolder();
    await git(repository, 'init', '--quiet', '--initial-branch=main');
    await git(repository, 'commit', '--quiet', '--allow-empty', '--message=First');
    const first = await startHub({ FAIRWAY_DATA_DIR: data });
    await untilSays(first, 'is no Git repository');
    expect(await first.stop()).toBe(0);
    const second = await startHub({
      FAIRWAY_DATA_DIR: data,
      FAIRWAY_FLEET_REPO: repository,
      FAIRWAY_FLEET_BRANCH: 'trunk',
    });
    await untilSays(second, 'has no branch trunk');
    expect(await second.stop()).toBe(0);
    expect(second.output()).not.toContain('a new head is taken');
  });
});

describe('a hub that cannot start', () => {
  async function occupyPort(): Promise<string> {
    const server: Server = createServer();
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    cleanups.push(() => new Promise((closed) => server.close(closed)));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return `127.0.0.1:${address.port}`;
  }

  it.each(['FAIRWAY_GRPC', 'FAIRWAY_HTTP'])('[X4] ends, and names %s, where its port is taken', async (variable) => {
    const taken = await occupyPort();
    const hub = await startHub({ [variable]: taken });
    expect(await hub.ended).toBe(1);
    expect(hub.output()).toContain(`another process listens at ${taken} already`);
    expect(hub.output()).toContain(`code: address-in-use, field: ${variable}`);
    expect(hub.output()).not.toContain('driver has already been destroyed');
  });

  it('ends at Ctrl-C while it waits for its database', async () => {
    const hub = await startHub({ FAIRWAY_DATABASE_URL: 'postgres://127.0.0.1:1/fairway' });
    await untilSays(hub, 'waiting for PostgreSQL');
    expect(await hub.stop('SIGINT')).toBe(130);
  });

  it('[X4] takes a wrong variable for a wrong usage', async () => {
    const hub = await startHub({ FAIRWAY_HTTP: 'nonsense' });
    expect(await hub.ended).toBe(2);
    expect(hub.output()).toContain('code: address-invalid, field: FAIRWAY_HTTP');
  });
});
