import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { addDrift, addEvent, seedFleet } from '../rest/fleet.ts';
import { run, startTestCli, type TestCli } from './harness.ts';

let cli: TestCli;

beforeAll(async () => {
  cli = await startTestCli();
  await seedFleet(cli.api.database.db);
  await addDrift(cli.api.database.db, 'prod-1', 'shop', new Date());
  await addEvent(cli.api.database.db, { cluster: 'dev-1', application: 'shop', message: 'applied: 3 created' });
});
afterAll(() => cli.stop());

const lines = (text: string) => text.trimEnd().split('\n');

describe('tables', () => {
  it.each([
    [['cluster', 'list'], /^CLUSTER +STATE +ENVIRONMENTS/, /^dev-1 +connected +dev +2\/2/],
    [['releases', 'shop'], /^RELEASE +FOR +TO RUN ON/, /^shop@a{12} +dev,prod +3 +2/],
    [
      ['drift', 'list'],
      /^ID +CLUSTER +APPLICATION +OBJECT/,
      /Deployment shop\/web +\/spec\/replicas +2 +5 +kubectl-edit +open/,
    ],
    [['source', 'list'], /^SOURCE +URL/, /^fleet +https:\/\/git\.example\/fleet\.git +main/],
    [['events'], /^TIME +TYPE/, /dev-1 +shop +applied: 3 created/],
    [['token', 'list'], /^NAME +ROLE/, /^test-admin-1 +admin/],
    [['status', 'environments'], /^ENVIRONMENT +SELECTS/, /^dev +env=dev +1 +1/],
    [['status', 'applications'], /^APPLICATION +TENANT/, /^ledger +finance/],
    [['status', 'placements', '--cluster', 'prod-2'], /^CLUSTER +APPLICATION/, /the agent is not connected/],
  ])('fairway %s', async (args, heading, row) => {
    const { code, stdout, stderr } = await cli.fairway(...args);
    expect([code, stderr]).toEqual([0, '']);
    expect(lines(stdout)[0]).toMatch(heading);
    expect(
      stdout.split('\n').some((line) => row.test(line)),
      stdout,
    ).toBe(true);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colour is what it looks for
    expect(stdout).not.toMatch(/\u001b/);
  });

  it('fairway status says what moves, and since when it waits for what', async () => {
    const { stdout } = await cli.fairway('status');
    expect(stdout).toContain('Clusters: 2 of 3 connected, 1 disconnected');
    expect(stdout).toMatch(/prod-2 +shop +- +shop@a{12} +the agent is not connected/);
  });

  it('fairway cluster show says what runs there', async () => {
    const { stdout } = await cli.fairway('cluster', 'show', 'dev-1');
    expect(stdout).toMatch(/^State +connected$/m);
    expect(stdout).toMatch(/^May receive +anything$/m);
    expect(stdout).toMatch(/^shop +dev +shop@a{12} +shop@a{12} +healthy +all 3 objects are healthy$/m);
  });

  it('fairway drift show names who', async () => {
    const { stdout } = await cli.fairway('drift', 'show', '1');
    expect(stdout).toMatch(/^By +kubectl-edit$/m);
  });
});

describe('for programs', () => {
  it.each([
    [['status'], 'clusters'],
    [['cluster', 'show', 'dev-1'], 'placed'],
  ])('fairway %s prints whole JSON and YAML', async (args, member) => {
    const json = JSON.parse((await cli.fairway(...args, '-o', 'json')).stdout);
    expect(json).toHaveProperty(member);
    expect(parse((await cli.fairway(...args, '-o', 'yaml')).stdout)).toHaveProperty(member);
  });

  it.each([
    [['status', 'placements'], 6],
    [['status', 'applications'], 2],
    [['status', 'environments'], 2],
  ])('fairway %s is a list too', async (args, length) => {
    expect(JSON.parse((await cli.fairway(...args, '-o', 'json')).stdout)).toHaveLength(length);
    expect(parse((await cli.fairway(...args, '-o', 'yaml')).stdout)).toHaveLength(length);
  });

  it('lists are lists', async () => {
    const clusters = JSON.parse((await cli.fairway('cluster', 'list', '-o', 'json', '-l', 'env=prod')).stdout);
    expect(clusters.map(({ name }: { name: string }) => name)).toEqual(['prod-1', 'prod-2']);
  });
});

describe('fairway cluster register', () => {
  it('-o token prints the token alone', async () => {
    const { code, stdout, stderr } = await cli.fairway(
      'cluster',
      'register',
      'alone',
      '--label',
      'env=dev',
      '-o',
      'token',
    );
    expect(code).toBe(0);
    expect(lines(stdout)).toHaveLength(1);
    expect(stdout.trim()).toMatch(/^\S+$/);
    expect(stderr).toContain('cluster-admin: --allow-kind');
  });

  it('-o command prints the agent’s command line', async () => {
    const { stdout } = await cli.fairway('cluster', 'register', 'command', '-o', 'command');
    expect(stdout).toMatch(
      /^fairway agent --hub hub\.example:7443 --join-token \S+ --kubeconfig \S+ --data-dir \S+\n$/,
    );
  });

  it('[T7] -o manifest gives the agent the rights of its bounds, and no wider', async () => {
    const args = ['cluster', 'register', 'bounded', '--allow-kind', 'apps/*,v1/ConfigMap', '--allow-namespace', 'shop'];
    const { stdout, stderr } = await cli.fairway(...args, '-o', 'manifest');
    expect(stderr).toBe('');
    const objects = parseAllDocuments(stdout).map((document) => document.toJS());
    const kinds = objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(kinds).toEqual([
      'Namespace/fairway-system',
      'ServiceAccount/fairway-agent',
      'Secret/fairway-join',
      'Role/fairway-agent-state',
      'RoleBinding/fairway-agent-state',
      'ClusterRole/fairway-agent',
      'ClusterRoleBinding/fairway-agent',
      'ClusterRole/fairway-agent-writer',
      'Namespace/shop',
      'RoleBinding/fairway-agent',
      'Deployment/fairway-agent',
    ]);
    expect(stdout).not.toContain('cluster-admin');
    const deployment = objects.at(-1);
    expect(deployment.spec).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } });
    expect(deployment.spec.template.spec.containers[0]).toMatchObject({ image: 'example/agent:test' });
  });

  it('-o manifest starts the agent anew where its token is another', async () => {
    const annotations = async () => {
      const { stdout } = await cli.fairway('cluster', 'register', 'anew', '--replace', '-o', 'manifest');
      return parseAllDocuments(stdout).at(-1)?.toJS().spec.template.metadata.annotations;
    };
    const first = await annotations();
    expect(first).toEqual({ 'fairway.dev/join-token': expect.stringMatching(/^sha256:/) });
    expect(await annotations()).not.toEqual(first);
  });

  it('-o manifest without bounds gives the rights of cluster-admin, and says so', async () => {
    const { stdout, stderr } = await cli.fairway('cluster', 'register', 'free', '-o', 'manifest');
    expect(stdout).toMatch(/^# It has the rights of cluster-admin/m);
    expect(stderr).toContain('cluster-admin');
  });

  it('--replace gives a new token for a name that is taken', async () => {
    await cli.fairway('cluster', 'register', 'again', '-o', 'token');
    const refused = await cli.fairway('cluster', 'register', 'again', '-o', 'token');
    expect([refused.code, refused.stdout]).toEqual([5, '']);
    expect(refused.stderr).toContain('--replace');
    expect((await cli.fairway('cluster', 'register', 'again', '--replace', '-o', 'token')).code).toBe(0);
  });
});

describe('changes', () => {
  it('fairway cluster label, allow, cordon, uncordon, revoke, remove', async () => {
    await cli.fairway('cluster', 'register', 'changing', '--label', 'a=1');
    const say = async (...args: string[]) => {
      const { code, stdout, stderr } = await cli.fairway('cluster', ...args);
      expect([code, stderr], args.join(' ')).toEqual([0, '']);
      return stdout.trim();
    };
    expect(await say('label', 'changing', 'b=2', 'a-')).toBe('Cluster changing has the labels b=2.');
    expect(await say('allow', 'changing', '--kind', 'apps/*')).toContain('may receive what was said');
    expect(await say('allow', 'changing', '--anything')).toContain('may receive anything');
    expect(await say('cordon', 'changing', '--reason', 'disk')).toContain('is cordoned');
    expect(await say('show', 'changing')).toMatch(/Cordoned +for \d+s: disk/);
    expect(await say('uncordon', 'changing')).toContain('gets new releases again');
    expect(await say('revoke', 'changing')).toContain('is revoked');
    expect(await say('remove', 'changing')).toContain('is forgotten');
  });

  it('fairway token create prints the secret alone; revoke ends it', async () => {
    const { stdout, stderr } = await cli.fairway('token', 'create', 'ci', '--role', 'viewer', '--ttl', '1h');
    expect(stdout).toMatch(/^fwt_[\w-]{43}\n$/);
    expect(stderr).toContain('It is not shown again');
    const asViewer = { ...cli.environment, FAIRWAY_TOKEN: stdout.trim() };
    expect((await run(['cluster', 'list'], asViewer)).code).toBe(0);
    const refused = await run(['token', 'list'], asViewer);
    expect([refused.code, refused.stdout]).toEqual([5, '']);
    await cli.fairway('token', 'revoke', 'ci');
    expect((await run(['cluster', 'list'], asViewer)).code).toBe(5);
  });

  it('fairway source credentials reads the password from standard input', async () => {
    const args = ['source', 'credentials', 'fleet', '--username', 'bot'];
    const { code, stdout } = await run(args, cli.environment, 'hunter2\n');
    expect([code, stdout.trim()]).toEqual([0, 'Stored credentials fleet; used by fleet.']);
    expect((await cli.fairway('source', 'list')).stdout).toMatch(/stored/);
  });
});

describe('exit codes and errors', () => {
  it.each([
    [['cluster', 'show', 'nothing'], 4, 'cluster-not-found'],
    [['drift', 'show', 'x'], 2, 'usage'],
    [['cluster', 'list', '-l', 'a b'], 2, 'selector-invalid'],
    [['cluster', 'register', 'Bad_Name'], 2, 'cluster-name-invalid'],
    [['cluster', 'label', 'dev-1', 'nonsense'], 2, 'usage'],
    [['cluster', 'allow', 'dev-1'], 2, 'usage'],
    [['releases', '--limit', '0'], 2, 'it is a whole number from 1'],
    [['cluster', 'register', 'x', '--label', 'nonsense'], 2, 'key=value'],
    [['cluster', 'register'], 2, "missing required argument 'name'"],
    [['cluster', 'register'], 2, '  next: see `fairway cluster register --help`\n  code: usage'],
    [['nonsense'], 2, "fairway: unknown command 'nonsense'"],
    [['status', '--nonsense'], 2, "unknown option '--nonsense'"],
    [['--url', 'nonsense', 'status'], 2, 'is no URL of a hub'],
  ])('fairway %s ends with %i', async (args, code, text) => {
    const ran = await cli.fairway(...args);
    expect([ran.code, ran.stdout]).toEqual([code, '']);
    expect(ran.stderr).toContain(text);
  });

  it('says what to do next where no hub answers', async () => {
    const { code, stderr } = await cli.fairway('--url', 'http://127.0.0.1:1', 'status');
    expect(code).toBe(1);
    expect(stderr).toMatch(/no hub answers at http:\/\/127\.0\.0\.1:1/);
    expect(stderr).toContain('fairway hub');
  });

  it('says that a URL is no hub’s, and sends it no token at login', async () => {
    const seen: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.setHeader('content-type', 'application/json').end('{"hello":"world"}');
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const status = await cli.fairway('--url', url, 'status');
    expect([status.code, status.stderr.includes('hub-not-fairway')]).toEqual([1, true]);
    seen.length = 0;
    expect((await cli.fairway('login', url)).stderr).toContain('hub-not-fairway');
    expect(seen).toEqual([undefined]);
    server.close();
  });

  it('says that a token is missing, and where from', async () => {
    const { code, stderr } = await run(['status'], { ...cli.environment, FAIRWAY_TOKEN: '' });
    expect(code).toBe(5);
    expect(stderr).toContain('fairway login');
  });
});

describe('fairway login', () => {
  it('remembers hub and token, for their owner alone', async () => {
    const { FAIRWAY_TOKEN, FAIRWAY_URL, ...bare } = cli.environment;
    const { code, stdout } = await run(['login', cli.url], bare, `${FAIRWAY_TOKEN}\n`);
    expect([code, stdout]).toEqual([0, expect.stringContaining(`Logged in to ${FAIRWAY_URL}`)]);
    const file = join(cli.home, '.config/fairway/config.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ current: cli.url });
    expect((await run(['status'], bare)).code).toBe(0);
  });

  it('keeps nothing of a token that the hub refuses', async () => {
    const bare = { PATH: cli.environment.PATH, HOME: join(cli.home, 'other') };
    const { code } = await run(['login', cli.url], bare, `fwt_${'x'.repeat(43)}\n`);
    expect(code).toBe(5);
    await expect(stat(join(bare.HOME, '.config/fairway/config.json'))).rejects.toThrow('ENOENT');
  });
});

describe('fairway validate', () => {
  it('ends with 1 on errors, and names file and line', async () => {
    const folder = join(cli.home, 'fleet');
    await mkdir(join(folder, 'environments'), { recursive: true });
    const good =
      'apiVersion: fairway.dev/v1\nkind: Environment\nmetadata: {name: dev}\nspec:\n  clusters: {matchLabels: {env: dev}}\n';
    await writeFile(join(folder, 'environments/dev.yaml'), good);
    expect(await cli.fairway('validate', folder)).toMatchObject({ code: 0 });
    await writeFile(join(folder, 'environments/dev.yaml'), `${good}  colour: red\n`);
    const { code, stdout } = await cli.fairway('validate', folder);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^environments\/dev\.yaml:\d+: error spec\.colour: /m);
    const json = JSON.parse((await cli.fairway('validate', folder, '-o', 'json')).stdout);
    expect(json[0]).toMatchObject({ severity: 'error', file: 'environments/dev.yaml' });
    expect((await cli.fairway('validate', join(cli.home, 'nowhere'))).code).toBe(2);
  });
});
