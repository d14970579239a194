import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../core/objects/object.ts';
import { type AgeKey, createAgeKey, sealObject } from '../sops.ts';
import { until } from '../until.ts';
import { type Bench, configMap, type Ground, isApplied, namespaceObject, refTo, startBench } from './engine-harness.ts';

const values = ['hunter2', 'aHVudGVyMg==', 'found-by-hand', 'not a host name!'];

/** What an agent owes to manifests that SOPS encrypted, on any cluster. */
export function sopsSuite(
  open: () => Promise<{ ground: Ground; close: () => Promise<void> }>,
  options: { readonly validates: boolean },
): void {
  const folder = mkdtempSync(join(tmpdir(), 'fairway-sops-'));
  const keyFile = join(folder, 'age.agekey');
  let ground: Ground;
  let close: () => Promise<void>;
  let key: AgeKey;
  let count = 0;
  let space = '';
  let logged = '';
  const benches: Bench[] = [];

  const log = pino(
    { level: 'trace' },
    {
      write: (line: string) => {
        logged += line;
      },
    },
  );
  const start = (namespace: string | null = null) => {
    const bench = startBench(ground, { keys: { file: namespace === null ? keyFile : null, namespace }, log });
    benches.push(bench);
    return bench;
  };
  const read = async (kind: string, name: string) => {
    const resource = await ground.kube.resourceOf('', kind);
    return resource === null ? null : ground.kube.get(resource, { namespace: space, name });
  };
  const data = async (name: string) => (await read('ConfigMap', name))?.data as Record<string, string> | undefined;
  const secret = (name: string, password: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    stringData: { password },
  });
  const sealed = (object: KubeObject) => sealObject(object, key.recipient, /^(data|stringData|externalName)$/);
  const bundle = (...objects: KubeObject[]) => ({ application: space, namespace: space, objects });

  /** Everything that ever leaves the agent. */
  const told = (bench: Bench) => JSON.stringify([bench.events, bench.reports]) + logged;
  const expectNoValue = (bench: Bench) => {
    for (const value of values) expect(told(bench)).not.toContain(value);
  };

  beforeAll(async () => {
    ({ ground, close } = await open());
    key = await createAgeKey();
  });
  beforeEach(async () => {
    space = `sops-${++count}`;
    logged = '';
    writeFileSync(keyFile, key.file);
    await ground.put(namespaceObject(space), 'kubectl');
  });
  afterEach(async () => {
    for (const bench of benches.splice(0)) await bench.stop();
  });
  afterAll(async () => {
    await close?.();
    rmSync(folder, { recursive: true, force: true });
  });

  describe('what SOPS encrypted', () => {
    it('[A13] is decrypted in the agent, then labelled and applied', async () => {
      const bench = start();
      bench.run(bundle(await sealed(secret('db', 'hunter2')), await sealed(configMap('c', { token: 'hunter2' }))));
      await bench.reach('applied', isApplied, space);
      const live = await read('Secret', 'db');
      expect(live?.data).toEqual({ password: 'aHVudGVyMg==' });
      expect(live?.metadata.labels).toMatchObject({ 'fairway.dev/application': space });
      expect(live).not.toHaveProperty('sops');
      expect((await read('ConfigMap', 'c'))?.data).toEqual({ token: 'hunter2' });
      const before = bench.writes();
      bench.run(bundle(await sealed(secret('db', 'hunter2')), await sealed(configMap('c', { token: 'hunter2' }))));
      await bench.reach('applied again', (status) => isApplied(status) && status.generation === 2, space);
      expect(bench.writes()).toBe(before);
      expectNoValue(bench);
    });

    it('[A13] opens with the key in a Secret beside the agent', async () => {
      await ground.put(
        {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: 'fairway-sops', namespace: space },
          data: { 'age.agekey': Buffer.from(key.file).toString('base64') },
        },
        'kubectl',
      );
      const bench = start(space);
      bench.run(bundle(await sealed(secret('db', 'hunter2'))));
      await bench.reach('applied', isApplied, space);
      expectNoValue(bench);
    });

    it('[A13] [X2] without its key nothing of the application is applied, until the key is there', async () => {
      rmSync(keyFile);
      const bench = start();
      bench.run(bundle(configMap('plain', { a: '1' }), await sealed(secret('db', 'hunter2'))));
      const failed = await bench.reach('failed', ({ phase }) => phase === 'failed', space);
      expect(failed.message).toMatch(/age key cannot be read.*age-keygen/);
      expect(bench.details('failed')).toEqual([]);
      expect(await read('ConfigMap', 'plain')).toBeNull();
      expect(bench.writes()).toBe(0);
      writeFileSync(keyFile, key.file);
      await bench.reach('applied', isApplied, space);
      expect(await read('ConfigMap', 'plain')).not.toBeNull();
    });

    it('[A13] with a wrong key what ran before is enforced on', async () => {
      const bench = start();
      bench.run(bundle(configMap('plain', { a: '1' })));
      await bench.reach('applied', isApplied, space);
      writeFileSync(keyFile, (await createAgeKey()).file);
      bench.run(bundle(configMap('plain', { a: '2' }), await sealed(secret('db', 'hunter2'))));
      const failed = await bench.reach('failed', ({ phase }) => phase === 'failed', space);
      expect(failed.message).toMatch(/Secret db cannot be decrypted: It is encrypted for age1/);
      await ground.edit(refTo('ConfigMap', space, 'plain'), 'kubectl', (object) => {
        object.data = { a: 'by hand' };
      });
      const isBack = async () => (await data('plain'))?.a === '1';
      await until(isBack, { what: 'the old bundle put back' });
      expect(await read('Secret', 'db')).toBeNull();
      expectNoValue(bench);
    });

    it('[A13] that was changed by hand in Git is refused whole', async () => {
      const bench = start();
      const changed = await sealed(configMap('c', { token: 'hunter2', open: 'yes' }));
      changed.sops = String(changed.sops)
        .replace('"ConfigMap"', '"ConfigMap" ')
        .replace(/"open": "[^"]*"/, '"open": "no"');
      bench.run(bundle(configMap('plain', { a: '1' }), changed));
      const failed = await bench.reach('failed', ({ phase }) => phase === 'failed', space);
      expect(failed.message).toMatch(/not those that SOPS has signed/);
      expect(await read('ConfigMap', 'plain')).toBeNull();
      expectNoValue(bench);
    });

    it('[A11] is not shown when it drifts, whatever its kind', async () => {
      const bench = start();
      bench.run(
        bundle(await sealed(configMap('c', { token: 'hunter2', more: 'x' })), await sealed(secret('db', 'hunter2'))),
        { drift: 'report' },
      );
      await bench.reach('applied', isApplied, space);
      await ground.edit(refTo('ConfigMap', space, 'c'), 'kubectl-edit', (object) => {
        object.data = { ...(object.data as object), token: 'found-by-hand' };
      });
      const { drifts } = await bench.reach('a drift', ({ counts }) => counts.drifted === 1, space);
      expect(drifts).toMatchObject([{ field: '/data/token', wanted: '"(masked)"', found: '"(masked)"' }]);
      await ground.edit(refTo('ConfigMap', space, 'c'), 'kubectl-edit', (object) => {
        delete object.data;
      });
      const gone = (status: { drifts: readonly { found: string | null }[] }) =>
        status.drifts.some(({ found }) => found === null);
      await bench.reach('a drift of the whole', gone, space);
      expectNoValue(bench);
    });

    if (!options.validates) return;
    it('[A11] is not quoted where the API server refuses it', async () => {
      const bench = start();
      const service: KubeObject = {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 's' },
        spec: { type: 'ExternalName', externalName: 'not a host name!' },
      };
      bench.run(bundle(await sealed(service)));
      const { problems } = await bench.reach('failed', ({ phase }) => phase === 'failed', space);
      expect(problems).toMatchObject([{ code: 'invalid', field: '/spec/externalName' }]);
      expectNoValue(bench);
    });
  });
}
