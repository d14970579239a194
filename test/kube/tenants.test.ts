import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { TenantBounds } from '../../core/link/assignment.ts';
import {
  type Bench,
  configMap,
  type Ground,
  isApplied,
  namespaceObject,
  startBench,
} from '../contract/engine-harness.ts';
import { until } from '../until.ts';
import { openGround } from './ground.ts';
import type { KubeCluster } from './harness/cluster.ts';
import { describeKube } from './harness/describe.ts';

/** What a tenant's service account may not do, the API server refuses to the agent that acts as it. */
describeKube('tenants on a real API server', () => {
  let ground: Ground;
  let cluster: KubeCluster;
  let close: () => Promise<void>;
  let bench: Bench;
  let count = 0;
  let space = '';

  beforeAll(async () => {
    ({ ground, cluster, close } = await openGround('tenants'));
  });
  afterEach(() => bench.stop());
  afterAll(() => close());

  /** A namespace in which the tenant's account may do so much with ConfigMaps. */
  const begin = async (verbs: readonly string[]): Promise<TenantBounds> => {
    count += 1;
    space = `tenant-${count}`;
    await ground.put(namespaceObject(space), 'kubectl');
    await cluster.kubectl(['-n', space, 'create', 'serviceaccount', 'deployer']);
    await cluster.kubectl(['-n', space, 'create', 'role', 'x', `--verb=${verbs.join(',')}`, '--resource=configmaps']);
    await cluster.kubectl([
      '-n',
      space,
      'create',
      'rolebinding',
      'x',
      '--role=x',
      `--serviceaccount=${space}:deployer`,
    ]);
    bench = startBench(ground);
    return { name: 't', namespaces: ['*'], allow: ['*/*'], deny: [], serviceAccount: `${space}/deployer` };
  };
  const maps = (...names: string[]) => names.map((name) => configMap(name, { name }));
  const exists = async (name: string) => {
    const resource = await ground.kube.resourceOf('', 'ConfigMap');
    return resource !== null && (await ground.kube.get(resource, { namespace: space, name })) !== null;
  };

  it('[A10] writes and deletes as the tenant’s service account', async () => {
    const tenant = await begin(['get', 'create', 'patch', 'delete']);
    const own = { namespace: space, application: space };
    bench.run({ ...own, objects: maps('a', 'b', 'c') }, { tenant });
    await bench.reach('it is applied', isApplied, space);
    bench.run({ ...own, objects: maps('a', 'b') }, { tenant });
    await until(async () => !(await exists('c')), { what: 'c is pruned' });
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } };
    bench.run({ ...own, objects: [...maps('a', 'b'), secret] }, { tenant });
    const status = await bench.reach('it is refused', ({ phase }) => phase === 'failed', space);
    expect(status.problems[0]).toMatchObject({ code: 'forbidden', object: { kind: 'Secret' } });
    expect(status.message).toContain(`system:serviceaccount:${space}:deployer`);
  });

  it('[A6, A10] deletes nothing with wider rights than the tenant’s, and says what is missing', async () => {
    const tenant = await begin(['get', 'create', 'patch']);
    const own = { namespace: space, application: space };
    bench.run({ ...own, objects: maps('a', 'b', 'c') }, { tenant });
    await bench.reach('it is applied', isApplied, space);
    bench.run({ ...own, objects: maps('a', 'b') }, { tenant });
    const status = await bench.reach('it has failed', ({ phase }) => phase === 'failed', space);
    expect(status.problems[0]).toMatchObject({ code: 'forbidden', object: { name: 'c' } });
    expect(status.message).toMatch(/deployer.*cannot delete/);
    expect(await exists('c')).toBe(true);
    const grant = ['-n', space, 'create', 'role', 'y', '--verb=delete', '--resource=configmaps'];
    await cluster.kubectl(grant);
    await cluster.kubectl([
      '-n',
      space,
      'create',
      'rolebinding',
      'y',
      '--role=y',
      `--serviceaccount=${space}:deployer`,
    ]);
    await until(async () => !(await exists('c')), { what: 'it goes once it may', within: 60_000 });
    await bench.reach('it is applied', (now) => isApplied(now) && now.generation === 2, space);
  });
});
