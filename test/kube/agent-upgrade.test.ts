import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { agentManifest } from '../../cli/agent-manifest.ts';
import { agentUpgrade } from '../../core/objects/agent-deployment.ts';
import type { KubeObject } from '../../core/objects/object.ts';
import {
  type Bench,
  bundleOf,
  configMap,
  type Ground,
  isApplied,
  refTo,
  startBench,
} from '../contract/engine-harness.ts';
import { until } from '../until.ts';
import { openGround } from './ground.ts';
import { describeKube } from './harness/describe.ts';

describeKube('the upgrade of an agent', () => {
  let ground: Ground;
  let close: () => Promise<void>;
  let bench: Bench;

  const upgrade = (image: string, name = 'fairway-agent') =>
    bundleOf('fairway-agent', [agentUpgrade({ image, name, namespace: 'fairway-system' })]);
  const others = (round: string) =>
    bundleOf(
      'others',
      Array.from({ length: 40 }, (_, index) => configMap(`other-${index}`, { round }, 'default')),
    );
  const deployment = async () => {
    const resource = await ground.kube.resourceOf('apps', 'Deployment');
    if (resource === null) throw new Error('no Deployments');
    return ground.kube.get(resource, { namespace: 'fairway-system', name: 'fairway-agent' });
  };
  interface Container {
    readonly image: string;
    readonly env: readonly { readonly name: string }[];
  }
  const container = (object: KubeObject | null): Container | undefined => {
    const spec = object?.spec as { template: { spec: { containers: readonly Container[] } } } | undefined;
    return spec?.template.spec.containers[0];
  };

  beforeAll(async () => {
    ({ ground, close } = await openGround('upgrade'));
    const manifest = agentManifest({
      cluster: 'eu-1',
      token: 'token',
      expiresAt: '2030-01-01T00:00:00Z',
      hub: 'hub.example:7443',
      allow: null,
      agentImage: 'registry.example/agent:1',
    } as Parameters<typeof agentManifest>[0]);
    for (const document of parseAllDocuments(manifest)) await ground.put(document.toJS() as KubeObject, 'kubectl');
    bench = startBench(ground);
  });
  afterAll(async () => {
    await bench?.stop();
    await close?.();
  });

  it('[L6] changes its image and nothing else, after everything that came with it', async () => {
    const before = await deployment();
    bench.assign({ bundle: upgrade('registry.example/agent:2') }, { bundle: others('1') });
    await bench.reach('the agent is exchanged', isApplied, 'fairway-agent');
    const applied = bench.events
      .filter(({ detail }) => detail.type === 'applied')
      .map(({ application }) => application);
    expect(applied).toEqual(['others', 'fairway-agent']);
    const after = await deployment();
    expect(container(after)).toEqual({ ...container(before), image: 'registry.example/agent:2' });
    expect(container(after)?.env.map(({ name }) => name)).toContain('FAIRWAY_HUB');
    expect(after?.metadata.uid).toBe(before?.metadata.uid);
  });

  it('[L6] [A7] is no deletion where the application comes to nothing', async () => {
    bench.assign({ bundle: bundleOf('fairway-agent', [configMap('left', { a: '1' }, 'default')]) });
    const { problems } = await bench.reach(
      'applied',
      (status) => isApplied(status) && status.generation === 2,
      'fairway-agent',
    );
    expect(problems.map(({ code }) => code)).toContain('kept');
    expect(await deployment()).not.toBeNull();
  });

  it('[L6] is by nothing that an agent was told before it started: that may be what ended it', async () => {
    await bench.stop();
    const { state } = bench;
    let spoken = false;
    const hasSpoken = () => spoken;
    const next = { bundle: upgrade('registry.example/agent:3') };
    const image = async () => container(await deployment())?.image;
    bench = startBench(ground, { state, hasSpoken });
    bench.assign(next);
    await bench.reach(
      'it waits',
      ({ wait }) => wait?.reason.includes('once the hub has said') === true,
      'fairway-agent',
    );
    expect(await image()).toBe('registry.example/agent:2');
    spoken = true;
    await bench.reach('the agent is exchanged', isApplied, 'fairway-agent');
    expect(await image()).toBe('registry.example/agent:3');

    await bench.stop();
    await ground.edit(refTo('Deployment', 'fairway-system', 'fairway-agent', 'apps'), 'kubectl-rollout', (object) => {
      (container(object) as { image: string }).image = 'registry.example/agent:2';
    });
    spoken = false;
    bench = startBench(ground, { state, hasSpoken });
    bench.assign(next);
    await bench.reach('it stands', isApplied, 'fairway-agent');
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await image()).toBe('registry.example/agent:2');
    spoken = true;
    await until(async () => (await image()) === 'registry.example/agent:3', { what: 'it is put back' });
  });

  it('[L6] makes no agent where there is none', async () => {
    bench.assign({ bundle: upgrade('registry.example/agent:3', 'another') });
    const failed = await bench.reach('refused', ({ phase }) => phase === 'failed', 'fairway-agent');
    expect(failed.message).toMatch(/selector/);
  });
});
