import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Agent, runAgent } from '../../agent/agent.ts';
import { openDiskState } from '../../agent/state/disk.ts';
import type { Bundle } from '../../core/bundle.ts';
import { ownerLabel } from '../../core/objects/object.ts';
import { registerCluster } from '../../hub/fleet/clusters.ts';
import { dialHub } from '../dial.ts';
import { createMemoryCluster } from '../memory/cluster.ts';
import { until } from '../until.ts';
import { bundleOf as benchBundle, configMap } from './engine-harness.ts';
import { type GrpcTransport, openGrpc } from './link/transports.ts';
import { createWorld, log, type World } from './link/world.ts';

const cluster = 'damaged';
const folder = mkdtempSync(join(tmpdir(), 'fairway-damage-'));
const names = ['a', 'b', 'c', 'd', 'e', 'f'];
let world: World;
let hub: GrpcTransport;
let token = '';
let agent: Agent | null = null;
let writes = 0;
let generation = 0;
const { kube } = createMemoryCluster();
const counted = {
  ...kube,
  apply: (...[resource, object, options]: Parameters<typeof kube.apply>) => {
    if (options?.dryRun !== true) writes += 1;
    return kube.apply(resource, object, options);
  },
};

const bundle = (kept: readonly string[], round: number): Bundle =>
  benchBundle(
    'shop',
    kept.map((name) => configMap(name, { round: String(round) })),
  );

async function start(directory: string): Promise<Agent> {
  const state = await openDiskState(directory);
  const dial = dialHub({ state, hub: `127.0.0.1:${hub.port()}`, joinToken: token, version: '1', log });
  return runAgent({ kube: counted, state, dial, version: '1', log, now: Date.now, random: Math.random });
}

const live = async () => {
  const resource = await kube.resourceOf('', 'ConfigMap');
  if (resource === null) throw new Error('no ConfigMaps');
  const { items } = await kube.list(resource, { labelSelector: `${ownerLabel}=shop` });
  return items.map(({ metadata }) => metadata.name).sort();
};

const isApplied = async (wanted: Bundle) => {
  const row = await world.placement(cluster, 'shop');
  return (
    row.phase === 'applied' && row.running_bundle === row.bundle && (await live()).length === wanted.objects.length
  );
};

beforeAll(async () => {
  world = await createWorld();
  hub = await openGrpc(world);
  ({ token } = await registerCluster(hub.fleet, { name: cluster, actor: 'test' }));
});
afterEach(async () => {
  await agent?.stop();
  agent = null;
});
afterAll(async () => {
  await hub?.close();
  await world?.stop();
  rmSync(folder, { recursive: true, force: true });
});

type Damage = (content: Buffer) => Buffer | null;
const damages: readonly (readonly [string, Damage])[] = [
  ['a byte was changed', flipped],
  ['it was cut to nothing', () => Buffer.alloc(0)],
  ['it was cut in half', (content) => content.subarray(0, content.length / 2)],
  ['it is gone', () => null],
];

function flipped(content: Buffer): Buffer {
  const changed = Buffer.from(content);
  const at = Math.floor(Math.random() * content.length);
  changed[at] = (content[at] ?? 0) ^ (1 + Math.floor(Math.random() * 255));
  return changed;
}

/** Everything that an agent keeps, by what it is for. */
const records = ['desired', 'identity', 'identity-copy', 'inventories', 'inventory', 'bundle', 'outbox'] as const;

describe('an agent whose state is damaged', () => {
  it.each(records.flatMap((record) => damages.map(([name, damage]) => [record, name, damage] as const)))(
    '[X1] [L4] makes good for %s, where %s',
    async (record, _, damage) => {
      const directory = join(folder, `${record}-${generation}`);
      if (generation > 0) cpSync(join(folder, 'last'), directory, { recursive: true });
      const before = bundle(names, generation);
      if (generation === 0) {
        agent = await start(directory);
        await world.assign('shop', [cluster], before);
        await until(() => isApplied(before), { what: 'the first bundle is applied' });
        await agent.stop();
      }

      const files = readdirSync(directory).filter((file) =>
        file.startsWith(record === 'bundle' ? 'bundle%2f' : record),
      );
      const own = files.filter((file) => record !== 'identity' || !file.startsWith('identity-copy'));
      expect(own.length).toBeGreaterThan(0);
      for (const file of own) {
        const content = damage(readFileSync(join(directory, file)));
        if (content === null) rmSync(join(directory, file));
        else writeFileSync(join(directory, file), content);
      }
      writes = 0;
      agent = await start(directory);
      await until(() => agent?.connection().state === 'connected', { what: 'it is connected again' });
      await until(() => isApplied(before), { what: 'it stands as before' });
      expect(writes).toBe(0);

      // What leaves the bundle is pruned: nothing is untracked, whatever was lost.
      const fewer = bundle(names.slice(1), generation);
      await world.assign('shop', [cluster], fewer);
      await until(() => isApplied(fewer), { what: 'the object that left is pruned' });
      generation += 1;
      const after = bundle(names, generation);
      await world.assign('shop', [cluster], after);
      await until(() => isApplied(after), { what: 'the next bundle is applied' });
      await agent.stop();
      rmSync(join(folder, 'last'), { recursive: true, force: true });
      cpSync(directory, join(folder, 'last'), { recursive: true });
    },
  );
});
