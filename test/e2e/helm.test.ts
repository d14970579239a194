import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { agentManifest } from '../../cli/agent-manifest.ts';
import { agentValues } from '../../cli/agent-values.ts';
import type { Allowance } from '../../proto/rest/clusters.ts';
import { type KubeCluster, startKubeCluster } from '../kube/harness/cluster.ts';
import { describeKube } from '../kube/harness/describe.ts';
import { readDockerfile } from './dockerfile.ts';
import { helm, helmMissing, type Rendered, renderChart } from './helm.ts';
import { runFairway } from './processes.ts';

const execute = promisify(execFile);
const project = resolve(import.meta.dirname, '../..');

const embedded = {
  image: 'registry.example/fairway-hub:0.1.0',
  fleet: { repository: 'https://git.example/fleet.git' },
  agents: { publicAddress: 'hub.example:7443' },
};
const clustered = {
  ...embedded,
  replicas: 3,
  database: { existingSecret: 'fairway-database' },
  redis: { existingSecret: 'fairway-redis' },
  keys: { existingSecret: 'fairway-hub-keys' },
  ingress: { enabled: true, host: 'fairway.example', tlsSecret: 'fairway-tls', className: 'nginx' },
};
const joined = (allow: Allowance | null) => ({
  cluster: 'eu-1',
  token: 'fwj1_test',
  expiresAt: new Date(0).toISOString(),
  hub: 'hub.example:7443',
  agentImage: 'registry.example/fairway-agent:0.1.0',
  allow,
  warnings: [],
});
const agentOf = (allow: Allowance | null) => parse(agentValues(joined(allow))) as object;
const bounded: Allowance = { kinds: ['apps/*', 'v1/ConfigMap', 'v1/Namespace'], namespaces: ['shop'] };

const variants = [
  ['fairway-hub', 'embedded', embedded],
  ['fairway-hub', 'clustered', clustered],
  ['fairway-agent', 'unbounded', agentOf(null)],
  ['fairway-agent', 'bounded', agentOf(bounded)],
] as const;

const missing = helmMissing();
if (missing !== null && process.env.CI !== 'true') process.stderr.write(`\n*** SKIPPED: Helm's charts: ${missing}\n\n`);

const workloadOf = (objects: readonly Rendered[]) => {
  const workload = objects.find(({ kind }) => kind === 'StatefulSet' || kind === 'Deployment');
  if (workload === undefined) throw new Error('the chart has no workload');
  return workload;
};
const ofKind = (objects: readonly Rendered[], kind: string) => objects.filter((object) => object.kind === kind);

describe("Helm's charts", () => {
  it.runIf(process.env.CI === 'true')('are rendered in CI, whatever else is missing', () => {
    expect(missing).toBeNull();
  });

  describe.skipIf(missing !== null)('as Helm renders them', () => {
    it.each(variants)('%s, %s: passes the linter', async (chart, _, values) => {
      const { code, stdout, stderr } = await helm(['lint', '--strict', chart, '-f', '-'], JSON.stringify(values));
      expect(code, stdout + stderr).toBe(0);
    });

    it.each(variants)(
      '%s, %s: runs as nobody, writes nowhere but to its volumes, and asks for what it takes',
      async (chart, _, values) => {
        const { spec } = workloadOf(await renderChart(chart, values)).spec.template;
        const { image } = readDockerfile(chart === 'fairway-hub' ? 'hub.Dockerfile' : 'agent.Dockerfile');
        const [user, group] = (image.find(({ name }) => name === 'USER')?.rest ?? '').split(':').map(Number);
        expect(spec.securityContext).toMatchObject({
          runAsNonRoot: true,
          runAsUser: user,
          runAsGroup: group,
          seccompProfile: { type: 'RuntimeDefault' },
        });
        for (const container of spec.containers) {
          expect(container.securityContext).toEqual({
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          });
          expect(container.resources).toMatchObject({ requests: { cpu: /./, memory: /./ }, limits: { memory: /./ } });
          expect(container.livenessProbe.httpGet.path).toBe('/healthz');
          expect(container.readinessProbe.httpGet.path).toBe('/readyz');
        }
      },
    );

    it('the hub: is told nothing that it does not know, and no secret in a variable', async () => {
      const [container] = workloadOf(await renderChart('fairway-hub', clustered)).spec.template.spec.containers;
      const { stdout } = await runFairway(['hub', '--help']);
      for (const { name, value } of container.env) {
        expect(stdout).toContain(name.replace(/_FILE$/, ''));
        expect(value).not.toMatch(/:\/\/[^/@]*:[^/@]+@/);
      }
      const mounted = container.volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath);
      for (const { name, value } of container.env)
        if (name.endsWith('_FILE')) expect(mounted).toContain(join(value, '..'));
    });

    it('the hub: one replica needs nothing else; more of them are never away together', async () => {
      expect(ofKind(await renderChart('fairway-hub', embedded), 'PodDisruptionBudget')).toEqual([]);
      const [budget] = ofKind(await renderChart('fairway-hub', clustered), 'PodDisruptionBudget');
      expect(budget).toMatchObject({ apiVersion: 'policy/v1', spec: { maxUnavailable: 1 } });
    });

    it.each([
      [{ image: '' }, /image: name the image/],
      [{ fleet: {} }, /fleet\.repository/],
      [{ agents: {} }, /agents\.publicAddress/],
      [{ agents: { publicAddress: 'hub.example' } }, /agents\.publicAddress: Does not match pattern/],
      [{ replicas: 2 }, /replicas: more than one needs database\.existingSecret/],
      [{ replicas: 2, database: { existingSecret: 'db' } }, /keys\.existingSecret: replicas share/],
      [{ persistence: { enabled: false } }, /persistence\.enabled: without it/],
      [{ ingress: { enabled: true } }, /ingress\.host/],
      [{ replica: 2 }, /Additional property replica is not allowed/],
    ])('[X4] the hub: refuses %j, and says which value', async (values, words) => {
      await expect(renderChart('fairway-hub', { ...embedded, ...values })).rejects.toThrow(words);
    });

    it.each([
      [{ hub: '' }, /hub: the HOST:PORT/],
      [{ hub: 'hub.example' }, /hub: Does not match pattern/],
      [{ joinToken: { value: 'a', existingSecret: 'b' } }, /joinToken: either/],
      [{ rights: { cluster: [{ verbs: ['get'] }] } }, /rights\.cluster\.0: apiGroups is required/],
    ])('[X4] the agent: refuses %j, and says which value', async (values, words) => {
      await expect(renderChart('fairway-agent', { ...agentOf(null), ...values })).rejects.toThrow(words);
    });

    it.each([
      ['no bounds', null],
      ['kinds alone', { kinds: ['apps/*'] }],
      ['kinds and namespaces', bounded],
    ] satisfies [string, Allowance | null][])(
      '[T7] with %s the agent gets the rights that the join manifest gives',
      async (_, allow) => {
        const manifest = parseAllDocuments(agentManifest(joined(allow))).map((document) => document.toJS() as Rendered);
        const rules = (objects: readonly Rendered[]) =>
          objects
            .filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole')
            .map((role) => JSON.stringify([role.kind, role.rules]))
            .sort();
        const bindings = (objects: readonly Rendered[]) =>
          ofKind(objects, 'RoleBinding')
            .map(({ metadata, roleRef }) => `${metadata.namespace} ${roleRef.kind}`)
            .sort();
        const objects = await renderChart('fairway-agent', agentOf(allow));
        expect(rules(objects)).toEqual(rules(manifest));
        expect(bindings(objects)).toEqual(bindings(manifest));
      },
    );

    it('[T2] replicas begin with the keys that `fairway hub keys` makes, mounted as Kubernetes mounts a Secret', async () => {
      const directory = await mkdtemp(join(tmpdir(), 'fairway-helm-'));
      try {
        const { stdout } = await runFairway(['hub', 'keys']);
        const secret = parse(stdout) as { data: Record<string, string> };
        const { volumes } = workloadOf(await renderChart('fairway-hub', clustered)).spec.template.spec;
        const { items } = volumes.find(({ name }: { name: string }) => name === 'keys').secret;
        const mount = join(directory, 'mount');
        for (const { key, path } of items) {
          const file = join(mount, '..data', path);
          await mkdir(join(file, '..'), { recursive: true });
          await writeFile(file, Buffer.from(secret.data[key] ?? '', 'base64'));
        }
        for (const name of ['data.key', 'authority']) await symlink(join('..data', name), join(mount, name));

        const data = join(directory, 'volume', 'data');
        const script = join(project, 'deploy/docker/replica.sh');
        await execute('sh', [script, mount, 'true'], { env: { PATH: process.env.PATH, FAIRWAY_DATA_DIR: data } });
        await rm(mount, { recursive: true });
        for (const { key, path } of items) {
          expect((await readFile(join(data, path))).toString('base64')).toBe(secret.data[key]);
        }
        const again = await runFairway(['hub', 'keys', '--from', data]);
        expect(again.stdout).toBe(stdout);
        expect((await runFairway(['hub', 'keys'])).stdout).not.toBe(stdout);
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    });
  });
});

describeKube("Helm's charts in a cluster", () => {
  let cluster: KubeCluster;
  beforeAll(async () => {
    cluster = await startKubeCluster();
    for (const namespace of ['fairway-system', 'shop']) await cluster.kubectl(['create', 'namespace', namespace]);
  });
  afterAll(() => cluster?.stop());

  const target = () => ['-n', 'fairway-system', '--kubeconfig', cluster.kubeconfigPath];
  const run = (values: object, ...args: string[]) => helm([...args, ...target(), '-f', '-'], JSON.stringify(values));

  describe.skipIf(missing !== null)('with Helm', () => {
    it.each(variants)('%s, %s: every object is one that the API server takes', async (chart, _, values) => {
      const objects = await renderChart(chart, values, '--validate', '--kubeconfig', cluster.kubeconfigPath);
      const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
      const answer = await cluster.kubectl(['apply', '--server-side', '--dry-run=server', '-f', '-'], list);
      expect(answer.trim().split('\n')).toHaveLength(objects.length);
    });

    it('the agent: installed, upgraded as its bounds change, taken away', async () => {
      const can = (...args: string[]) =>
        cluster
          .kubectl(['auth', 'can-i', ...args, '--as', 'system:serviceaccount:fairway-system:fairway-agent'])
          .then((answer) => answer.trim() === 'yes')
          .catch(() => false);
      const upgrade = async (allow: Allowance | null) => {
        const result = await run(agentOf(allow), 'upgrade', '--install', 'fairway-agent', 'fairway-agent');
        expect(result.code, result.stderr).toBe(0);
        return result.stdout;
      };
      expect(await upgrade(null)).toContain('It has the rights of cluster-admin');
      expect(await can('*', '*')).toBe(true);
      expect(await upgrade(bounded)).not.toContain('cluster-admin');
      expect(await can('patch', 'deployments.apps', '-n', 'shop')).toBe(true);
      expect(await can('create', 'secrets', '-n', 'fairway-system')).toBe(true);
      expect(await can('patch', 'deployments.apps', '-n', 'default')).toBe(false);
      expect(await can('get', 'secrets', '-n', 'shop')).toBe(false);

      const removed = await helm(['uninstall', 'fairway-agent', ...target()]);
      expect(removed.code, removed.stderr).toBe(0);
      expect(await cluster.kubectl(['get', 'clusterroles,clusterrolebindings', '-o', 'name'])).not.toMatch(/fairway/);
    });

    it('the hub: installed with one replica, then given more', async () => {
      const first = await run(embedded, 'install', 'fairway-hub', 'fairway-hub');
      expect(first.code, first.stderr).toBe(0);
      expect(first.stdout).toContain('hub keys --from');
      const more = await run(clustered, 'upgrade', 'fairway-hub', 'fairway-hub');
      expect(more.code, more.stderr).toBe(0);
      const found = await cluster.kubectl([
        '-n',
        'fairway-system',
        'get',
        'poddisruptionbudgets,statefulsets',
        '-o',
        'name',
      ]);
      expect(found.trim().split('\n')).toEqual([
        'poddisruptionbudget.policy/fairway-hub',
        'statefulset.apps/fairway-hub',
      ]);
    });
  });
});
