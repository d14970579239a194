import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ObjectRef, refKey } from '../../core/objects/object.ts';
import { startTestDatabase, type TestDatabase } from '../database.ts';
import { configMap, devEnvironment, shopApplication } from '../e2e/shop.ts';
import { createRepository, type TestRepository } from '../git/repository.ts';
import { type HubCore, startHubCore } from './hub-core.ts';
import type { Random } from './random.ts';
import { createSimulatedAgent, type SimulatedAgent } from './simulated-agent.ts';

/** A hub core, a repository and many agents in one process, and what may happen to them. */
export interface SimulatedFleet {
  readonly database: TestDatabase;
  readonly agents: readonly SimulatedAgent[];
  /** What every cluster is to hold of each ConfigMap's data, by name. */
  readonly wanted: ReadonlyMap<string, string>;
  /** The newest commit. */
  head(): string;
  /** One thing that goes wrong, or one that people do. */
  disturb(): Promise<void>;
  /** From now on nothing is lost or late. */
  calm(): Promise<void>;
  stop(): Promise<void>;
}

/** Something in every cluster that is nobody's but its owner's. */
const foreign: ObjectRef = { group: '', kind: 'ConfigMap', namespace: 'other', name: 'foreign' };

export async function startSimulatedFleet(random: Random, size: number): Promise<SimulatedFleet> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-sim-fleet-'));
  const database = await startTestDatabase();
  const repository = await createRepository(directory, 'fleet');
  const wanted = new Map<string, string>();
  let head = await beginRepository(repository, wanted);
  let hub: HubCore | null = await startHubCore(database, repository.path);
  let isCalm = false;
  let edits = 0;

  const chaos = () => (isCalm ? { delay: 0, loss: 0 } : { delay: 20, loss: 0.01 });
  const agents = Array.from({ length: size }, (_, index) =>
    createSimulatedAgent({ name: `c${index}`, random, hub: () => hub?.streams ?? null, chaos }),
  );
  await registerAll(database, agents);
  for (const agent of agents) {
    await agent.cluster.put(
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: foreign.name, namespace: foreign.namespace },
        data: { is: 'mine' },
      },
      'someone',
    );
    await agent.start();
  }

  const restartHub = async () => {
    const old = hub;
    hub = null;
    await old?.stop();
    await sleep(random.next() * 200);
    hub = await startHubCore(database, repository.path);
  };
  const restartAgent = async (agent: SimulatedAgent) => {
    agent.crash();
    await sleep(random.next() * 100);
    await agent.start();
  };
  const tamper = async (agent: SimulatedAgent) => {
    const ref = objectOf(random.pick([...wanted.keys()]));
    const exists = agent.cluster
      .objects()
      .some((object) => object.metadata.name === ref.name && object.metadata.namespace === ref.namespace);
    if (!exists) return;
    if (random.chance(0.3)) await agent.cluster.remove(ref);
    else
      await agent.cluster.edit(ref, 'kubectl-edit', (object) =>
        Object.assign(object, { data: { value: `tampered ${++edits}` } }),
      );
  };
  const commit = async () => {
    const files: Record<string, string | null> = {};
    const name = `m${random.below(12)}`;
    if (wanted.has(name) && wanted.size > 6 && random.chance(0.2)) {
      wanted.delete(name);
      files[fileOf(name)] = null;
    } else {
      wanted.set(name, `edit ${++edits}`);
      files[fileOf(name)] = configMap(name, { value: `edit ${edits}` });
    }
    head = await repository.commit(files, `Edit ${edits}`);
    await repository.push();
  };

  return {
    database,
    agents,
    wanted,
    head: () => head,
    async disturb() {
      const dice = random.next();
      if (dice < 0.5) random.pick(agents).cut();
      else if (dice < 0.7) await tamper(random.pick(agents));
      else if (dice < 0.85) await restartAgent(random.pick(agents));
      else if (dice < 0.97) await commit();
      else await restartHub();
    },
    async calm() {
      isCalm = true;
      // A message that was lost on a stream that stands is found at its next checkpoint, or on the next stream.
      for (const agent of agents) agent.cut();
    },
    async stop() {
      await Promise.all(agents.map((agent) => agent.stop()));
      await hub?.stop();
      await database.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** What is still not as it is to be, in words; empty where the fleet has converged. */
export async function differences({ agents, wanted, database, head }: SimulatedFleet): Promise<string[]> {
  const found: string[] = [];
  const release = `shop@${head().slice(0, 12)}`;
  for (const { name, cluster } of agents) {
    const objects = new Map(
      cluster
        .objects()
        .map((object) => [`${object.kind}/${object.metadata.namespace ?? ''}/${object.metadata.name}`, object]),
    );
    if (!objects.has(`ConfigMap/${foreign.namespace}/${foreign.name}`))
      found.push(`${name}: ${refKey(foreign)} is gone`);
    const held = [...objects.values()].filter(
      (object) => object.kind === 'ConfigMap' && object.metadata.namespace === 'shop',
    );
    for (const object of held)
      if (!wanted.has(object.metadata.name)) found.push(`${name}: ${object.metadata.name} was not pruned`);
    for (const [map, value] of wanted) {
      const data = objects.get(`ConfigMap/shop/${map}`)?.data as { value?: string } | undefined;
      if (data?.value !== value)
        found.push(`${name}: ${map} is ${JSON.stringify(data?.value)}, not ${JSON.stringify(value)}`);
    }
  }
  const placements = await database.db.selectFrom('placements').selectAll().execute();
  if (placements.length !== agents.length) found.push(`the hub has ${placements.length} placements`);
  for (const row of placements) {
    if (row.release !== release) found.push(`${row.cluster}: is to run ${row.release}, not ${release}`);
    else if (row.running_release !== release || row.health !== 'healthy' || row.phase !== 'applied') {
      found.push(`${row.cluster}: the hub believes ${row.running_release} ${row.phase} ${row.health}`);
    }
  }
  const open = await database.db.selectFrom('drifts').select('cluster').where('state', '=', 'open').execute();
  for (const { cluster } of open) found.push(`${cluster}: a drift stays open`);
  return found;
}

function objectOf(name: string): ObjectRef {
  return { group: '', kind: 'ConfigMap', namespace: 'shop', name };
}

function fileOf(name: string): string {
  return `apps/shop/${name}.yaml`;
}

async function beginRepository(repository: TestRepository, wanted: Map<string, string>): Promise<string> {
  const files: Record<string, string> = {
    'environments/dev.yaml': devEnvironment,
    'apps/shop/app.yaml': shopApplication,
    'apps/shop/namespace.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n',
  };
  for (let index = 0; index < 10; index++) {
    wanted.set(`m${index}`, 'first');
    files[fileOf(`m${index}`)] = configMap(`m${index}`, { value: 'first' });
  }
  const head = await repository.commit(files, 'The fleet begins');
  await repository.push();
  return head;
}

async function registerAll({ db }: TestDatabase, agents: readonly SimulatedAgent[]): Promise<void> {
  await db
    .insertInto('clusters')
    .values(agents.map(({ name }) => ({ name, labels: JSON.stringify({ env: 'dev' }), state: 'joined' as const })))
    .execute();
}
