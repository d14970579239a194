import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeJoinToken, encodeJoinToken } from '../../core/link/join-token.ts';
import type { AuditEntry } from '../../proto/rest/audit.ts';
import type { Page } from '../../proto/rest/page.ts';
import type { Placement } from '../../proto/rest/placements.ts';
import type { ProblemDocument } from '../../proto/rest/problem.ts';
import type { DeclarationProblem } from '../../proto/rest/problems.ts';
import type { Release } from '../../proto/rest/releases.ts';
import { createKeys } from '../../sandbox/http/keys.ts';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import type { TestRepository } from '../git/repository.ts';
import { type GitServer, startGitServer } from '../git/server.ts';
import { freePorts } from '../kube/harness/ports.ts';
import { until } from '../until.ts';
import { type FairwayProcess, type HubProcess, runFairway, startFairway, startHub } from './processes.ts';
import { configMap, devEnvironment } from './shop.ts';

const application = (name: string) =>
  `apiVersion: fairway.dev/v1\nkind: Application\nmetadata: {name: ${name}}\nspec: {environments: [dev, twin], namespace: default}\n`;
const twin = (selector: string) =>
  `apiVersion: fairway.dev/v1\nkind: Environment\nmetadata: {name: twin}\nspec: {clusters: {matchLabels: ${selector}}}\n`;
const aliasBomb = [
  'a0: &a0 [x, x, x, x, x, x, x, x, x, x]',
  ...Array.from({ length: 9 }, (_, n) => `a${n + 1}: &a${n + 1} [${Array(10).fill(`*a${n}`).join(', ')}]`),
].join('\n');

/** Careless and hostile users, with every part a process of its own: a clear error, and nothing changed. */
describe('[X4] bad input', () => {
  let directory: string;
  let git: GitServer;
  let fleet: TestRepository;
  let sandbox: Sandbox;
  let hub: HubProcess;
  const started: FairwayProcess[] = [];

  /** What must be as it was: releases, placements, clusters, and rows of the ledger but those that say what Git said. */
  const snapshot = async () => {
    const list = async <T>(path: string) => (await hub.get<Page<T>>(`/api/v1/${path}`)).items;
    const ledger = await list<AuditEntry>('audit?limit=500');
    return {
      releases: (await list<Release>('releases')).map(({ id }) => id),
      placements: (await list<Placement>('placements')).map(
        ({ cluster, application, environment, state, bundle, generation }) =>
          `${cluster} ${application} ${environment} ${state} ${bundle} ${generation}`,
      ),
      clusters: (await list<{ name: string; state: string }>('clusters')).map(({ name, state }) => `${name} ${state}`),
      ledger: ledger.filter(({ action }) => !/^(source\.head|declaration\.)/.test(action)).length,
    };
  };
  const changesNothing = async (work: () => Promise<void>) => {
    const before = await snapshot();
    await work();
    expect(await snapshot()).toEqual(before);
  };
  const problems = async () => (await hub.get<Page<DeclarationProblem>>('/api/v1/problems')).items;
  const push = async (files: Record<string, string | null>) => {
    await fleet.commit(files);
    await fleet.push();
  };
  const startAgent = (name: string, joinToken: string, address = hub.grpc) => {
    const log = join(directory, `agent-${name}.log`);
    const agent = startFairway(
      ['agent', '--hub', address, '--kubeconfig', sandbox.kubeconfigPath ?? '', '--data-dir', join(directory, name)],
      { logFile: log, env: { FAIRWAY_JOIN_TOKEN: joinToken } },
    );
    started.push(agent);
    return agent;
  };
  const says = (agent: FairwayProcess, code: string) =>
    until(() => agent.output().includes(code), {
      what: `the agent says ${code}`,
      within: 90_000,
      describe: () => agent.output().slice(-2_000),
    });

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fairway-bad-input-'));
    git = await startGitServer();
    fleet = await git.createRepository('fleet');
    await push({
      'environments/dev.yaml': devEnvironment,
      'environments/twin.yaml': twin('{env: twin}'),
      'apps/shop/app.yaml': application('shop'),
      'apps/shop/settings.yaml': configMap('settings', { greeting: 'hello' }),
    });
    [hub, sandbox] = await Promise.all([
      startHub({ directory, fleetRepo: fleet.url, env: { FAIRWAY_POLL_INTERVAL: '200ms' } }),
      startSandbox({ name: 'eu', directory: join(directory, 'cluster') }),
    ]);
    await hub.register('eu', { env: 'dev' });
    await hub.register('twin-1', { env: 'twin' });
    await until(async () => (await snapshot()).placements.length === 2, { what: 'both clusters are placed' });
  }, 60_000);

  afterAll(async () => {
    await Promise.all(started.map((agent) => agent.stop('SIGKILL')));
    await hub?.stop();
    await sandbox?.stop();
    await git?.stop();
    await rm(directory, { recursive: true, force: true });
  }, 60_000);

  describe('in the fleet repository', () => {
    it.each([
      [
        'an unknown kind',
        { 'environments/bad.yaml': devEnvironment.replace('kind: Environment', 'kind: Enviroment') },
        { code: 'kind-unknown', severity: 'error', file: 'environments/bad.yaml', line: 2, field: 'kind' },
        /did you mean "Environment"/,
      ],
      [
        'a selector that matches nothing',
        { 'environments/bad.yaml': twin('{env: nowhere}').replace('name: twin', 'name: bad') },
        { code: 'selector-matches-nothing', severity: 'warning', field: 'spec.clusters' },
        /labels that clusters have are env/,
      ],
      [
        'a second application of one name',
        { 'apps/bad/app.yaml': application('shop'), 'apps/bad/a.yaml': configMap('a', {}) },
        { code: 'application-duplicate', severity: 'error', field: 'metadata.name' },
        /apps\/shop\/app.yaml is in force/,
      ],
      [
        'a cluster in two environments of one application',
        { 'environments/twin.yaml': twin('{}') },
        { code: 'cluster-in-two-environments', severity: 'error', scope: 'placement:shop', field: 'spec.clusters' },
        /exclude one another/,
      ],
      [
        'a bomb of aliases',
        { 'environments/bad.yaml': aliasBomb },
        { code: 'yaml-alias-bomb', severity: 'error', file: 'environments/bad.yaml' },
        /write the values out/,
      ],
    ])('%s', async (_what, files: Record<string, string>, expected, remedy) => {
      await changesNothing(async () => {
        await push(files);
        const found = async () => (await problems()).find(({ code }) => code === expected.code);
        await until(async () => (await found()) !== undefined, {
          what: `there is a problem ${expected.code}`,
          describe: async () => JSON.stringify(await problems()) + hub.output().slice(-2_000),
        });
        expect(await found()).toMatchObject(expected);
        expect((await found())?.remedy).toMatch(remedy);
      });
      const good = { 'environments/twin.yaml': twin('{env: twin}') };
      await push({ ...Object.fromEntries(Object.keys(files).map((file) => [file, null])), ...good });
      await until(async () => (await problems()).length === 0, {
        what: 'all is well again',
        describe: async () => JSON.stringify(await problems()),
      });
    });
  });

  describe('at an agent', () => {
    it('[T1] a join token that is used twice, malformed, or of a cluster that was removed', async () => {
      const used = await hub.register('used', { env: 'none' });
      const removed = await hub.register('removed', { env: 'none' });
      expect((await hub.fairway('cluster', 'remove', 'removed')).code).toBe(0);
      const first = startAgent('first', used);
      await until(async () => (await hub.get<{ connected: boolean }>('/api/v1/clusters/used')).connected, {
        what: 'the first agent is connected',
        within: 90_000,
        describe: () => first.output(),
      });
      await changesNothing(async () => {
        const agents = {
          'join-token-used': startAgent('second', used),
          'join-token-malformed': startAgent('malformed', `${used.slice(0, -1)}_`),
          'join-token-unknown': startAgent('removed', removed),
        };
        for (const [code, agent] of Object.entries(agents)) {
          await says(agent, `code: ${code}, field: token`);
          expect(agent.output()).toContain('next: ');
          expect(await agent.ended).not.toBe(0);
        }
      });
      await first.stop();
    });

    it('[T1] a join token that has expired', async () => {
      const { code, stdout } = await hub.fairway('cluster', 'register', 'late', '--ttl', '1s', '-o', 'token');
      expect(code).toBe(0);
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      await changesNothing(async () => {
        const agent = startAgent('late', stdout.trim());
        await says(agent, 'code: join-token-expired, field: token');
        expect(await agent.ended).not.toBe(0);
      });
    });

    it('[T2] a hub that did not give its token, and addresses that are no hub’s', async () => {
      const token = await hub.register('lost', { env: 'none' });
      const foreign = encodeJoinToken({
        ...decodeJoinToken(token),
        fingerprints: [randomBytes(32).toString('hex'), randomBytes(32).toString('hex')],
      });
      const { http, https, closed, stop } = await startStrangers();
      await changesNothing(async () => {
        const agents = [
          ['hub-untrusted', startAgent('foreign', foreign)],
          ['hub-not-fairway', startAgent('http', token, http)],
          ['hub-not-fairway', startAgent('https', token, https)],
          ['hub-not-fairway', startAgent('rest', token, new URL(hub.url).host)],
          ['hub-unreachable', startAgent('closed', token, closed)],
        ] as const;
        for (const [code, agent] of agents) {
          await says(agent, `"code":"${code}"`);
          // What may pass is tried again: the agent goes on.
          await agent.stop();
          expect(agent.output()).not.toContain(token);
        }
      });
      await stop();
    });
  });

  describe('on the command line', () => {
    it.each([
      ['an unknown flag', ['status', '--colour'], 2, /unknown option '--colour'/],
      ['a command that is none', ['promot'], 2, /unknown command 'promot'/],
      ['a bad duration', ['cluster', 'register', 'x', '--ttl', 'soon'], 2, /code: request-invalid, field: ttl/],
      ['a bad name', ['cluster', 'register', 'Not_A_Name'], 2, /code: cluster-name-invalid, field: name/],
      ['a bad selector', ['cluster', 'list', '-l', 'a b'], 2, /code: selector-invalid, field: labelSelector/],
      ['a cluster that is not there', ['cluster', 'show', 'nobody'], 4, /code: cluster-not-found/],
    ] as const)('%s', async (_what, command, code, said) => {
      await changesNothing(async () => {
        const answer = await hub.fairway(...command);
        expect(answer.stderr).toMatch(said);
        expect(answer.code).toBe(code);
      });
    });

    it('a URL that is no hub’s', async () => {
      const { http, https, closed, stop } = await startStrangers();
      for (const [url, said] of [
        [`http://${http}`, /code: hub-not-fairway/],
        [`https://${https}`, /certificate[\s\S]*code: hub-unreachable/],
        [`http://${closed}`, /ECONNREFUSED[\s\S]*code: hub-unreachable/],
        [`http://${hub.grpc}`, /code: hub-unreachable/],
        ['ftp://hub.example', /no URL of a hub/],
      ] as const) {
        const { code, stderr } = await runFairway(['status', '--url', url], { FAIRWAY_TOKEN: await hub.token() });
        expect(stderr).toMatch(said);
        expect(code).not.toBe(0);
        expect(stderr).not.toContain(await hub.token());
      }
      await stop();
    });

    it('a second hub on the same data directory', async () => {
      await changesNothing(async () => {
        const ports = (await freePorts(2)).map((port) => `127.0.0.1:${port}`);
        const [http = '', grpc = ''] = ports;
        const { code, stderr } = await runFairway([
          ...['hub', '--fleet-repo', fleet.url, '--data-dir', hub.dataDir, '--http', http, '--grpc', grpc],
        ]);
        expect(stderr).toMatch(
          new RegExp(`process ${hub.pid}[\\s\\S]*code: data-directory-in-use, field: FAIRWAY_DATA_DIR`),
        );
        expect(code).toBe(1);
      });
    });
  });

  describe('over REST', () => {
    const json = { 'content-type': 'application/json' };
    it.each([
      ['a body of 100 MB', 'POST', 'clusters', Buffer.alloc(100 << 20, ' '), json, 413, 'body-too-large', undefined],
      ['malformed JSON', 'POST', 'clusters', '{"name": ', json, 400, 'body-malformed', 'body'],
      [
        'a wrong content type',
        'POST',
        'clusters',
        'name: x',
        { 'content-type': 'text/yaml' },
        415,
        'media-type-unsupported',
        'Content-Type',
      ],
      ['a malformed cursor', 'GET', 'clusters?cursor=abc', undefined, {}, 400, 'cursor-invalid', 'cursor'],
      [
        'a malformed selector',
        'GET',
        'clusters?labelSelector=a%20b',
        undefined,
        {},
        400,
        'selector-invalid',
        'labelSelector',
      ],
      ['a bad duration', 'POST', 'clusters', '{"name":"x","ttl":"1 week"}', json, 400, 'request-invalid', 'ttl'],
      [
        'no token',
        'POST',
        'clusters',
        '{"name":"x"}',
        { ...json, authorization: '' },
        401,
        'token-required',
        'Authorization',
      ],
      [
        'a token of nobody',
        'GET',
        'clusters',
        undefined,
        { authorization: `Bearer fwt_${'a'.repeat(43)}` },
        401,
        'token-unknown',
        'Authorization',
      ],
    ] as const)('%s', async (_what, method, path, body, headers, status, code, field) => {
      await changesNothing(async () => {
        const response = await hub.fetch(`/api/v1/${path}`, {
          method,
          headers,
          ...(body === undefined ? {} : { body }),
        });
        const problem = (await response.json()) as ProblemDocument;
        expect([response.status, problem.code, problem.field]).toEqual([status, code, field]);
      });
    });

    it('[T5] a token without the permission', async () => {
      const { stdout } = await hub.fairway('token', 'create', 'reader', '--role', 'viewer');
      await changesNothing(async () => {
        const { code, stderr } = await runFairway(['cluster', 'register', 'x'], {
          ...{ FAIRWAY_URL: hub.url, FAIRWAY_TOKEN: stdout.trim() },
        });
        expect(stderr).toMatch(/operator.*admin[\s\S]*code: permission-missing/);
        expect(code).toBe(5);
      });
    });
  });

  it.runIf(process.platform === 'linux')('[A11] no secret stays on the command line of a process', async () => {
    const token = await hub.register('listed', { env: 'none' });
    const agent = startFairway(
      [
        ...['agent', '--hub', hub.grpc, '--join-token', token, '--kubeconfig', sandbox.kubeconfigPath ?? ''],
        ...['--data-dir', join(directory, 'listed')],
      ],
      { logFile: join(directory, 'agent-listed.log') },
    );
    started.push(agent);
    await until(async () => (await hub.get<{ connected: boolean }>('/api/v1/clusters/listed')).connected, {
      what: 'the agent is connected',
      describe: () => agent.output(),
    });
    const commandLine = await readFile(`/proc/${agent.pid}/cmdline`, 'utf8');
    expect(commandLine).toMatch(/^fairway agent/);
    expect(commandLine).not.toContain('fwj1_');
    await agent.stop();
  });

  it('[A11] no secret stands in a log', async () => {
    const log = await readFile(join(directory, 'hub.log'), 'utf8');
    expect(log).not.toContain(await hub.token());
    expect(log).not.toMatch(/fwj1_|fwt_/);
  });
});

/** What answers at an address and is no hub: HTTP, TLS; and an address where nobody answers. */
async function startStrangers(): Promise<{ http: string; https: string; closed: string; stop(): Promise<void> }> {
  const { server: keys } = await createKeys('stranger', Date.now());
  const http = createHttpServer((_request, response) => response.end('hello'));
  const https = createTlsServer({ key: keys.key, cert: keys.certificate }, (socket) => socket.end('hello'));
  const addresses = await Promise.all(
    [http, https].map(
      (server) =>
        new Promise<string>((resolve) =>
          server.listen(0, '127.0.0.1', () => resolve(`127.0.0.1:${(server.address() as AddressInfo).port}`)),
        ),
    ),
  );
  const [port] = await freePorts(1);
  return {
    http: addresses[0] ?? '',
    https: addresses[1] ?? '',
    closed: `127.0.0.1:${port}`,
    async stop() {
      http.closeAllConnections();
      await Promise.all([http, https].map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}
