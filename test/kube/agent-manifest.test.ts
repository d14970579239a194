import { afterAll, beforeAll, expect, it } from 'vitest';
import { agentManifest } from '../../cli/agent-manifest.ts';
import type { Allowance } from '../../proto/rest/clusters.ts';
import { type KubeCluster, startKubeCluster } from './harness/cluster.ts';
import { describeKube } from './harness/describe.ts';

describeKube('the manifest of an agent in its cluster', () => {
  let cluster: KubeCluster;

  beforeAll(async () => {
    cluster = await startKubeCluster();
  });
  afterAll(() => cluster?.stop());

  const manifest = (allow: Allowance | null) =>
    agentManifest({
      cluster: 'eu-1',
      token: 'fwj1_test',
      expiresAt: new Date(0).toISOString(),
      hub: 'hub.example:7443',
      agentImage: 'example/agent:test',
      allow,
      warnings: [],
    });

  const agent = 'system:serviceaccount:fairway-system:fairway-agent';
  const can = (...args: string[]) =>
    cluster.kubectl(['auth', 'can-i', ...args, '--as', agent]).then(
      (answer) => answer.trim() === 'yes',
      () => false,
    );

  it('[T7] gives the rights of its bounds, and no wider; applied again, it changes nothing', async () => {
    const text = manifest({ kinds: ['apps/*', 'v1/ConfigMap', 'v1/Namespace'], namespaces: ['shop'] });
    await cluster.kubectl(['apply', '-f', '-'], text);
    expect(await cluster.kubectl(['apply', '-f', '-'], text)).not.toMatch(/created|configured/);

    expect(await can('patch', 'deployments.apps', '-n', 'shop')).toBe(true);
    expect(await can('watch', 'configmaps', '--all-namespaces')).toBe(true);
    expect(await can('create', 'namespaces')).toBe(true);
    expect(await can('create', 'secrets', '-n', 'fairway-system')).toBe(true);

    expect(await can('patch', 'deployments.apps', '-n', 'default')).toBe(false);
    expect(await can('get', 'secrets', '-n', 'shop')).toBe(false);
    expect(await can('create', 'clusterrolebindings')).toBe(false);
  });

  it('[T7] without bounds gives the rights of an administrator, until it is bounded again', async () => {
    await cluster.kubectl(['apply', '-f', '-'], manifest(null));
    expect(await can('*', '*')).toBe(true);
    await cluster.kubectl(['apply', '-f', '-'], manifest({ kinds: ['apps/*'] }));
    expect(await can('*', '*')).toBe(false);
    expect(await can('patch', 'deployments.apps', '-n', 'default')).toBe(true);
  });
});
