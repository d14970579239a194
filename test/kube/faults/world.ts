import type { Kube } from '../../../agent/kube/port.ts';
import { type Bundle, encodeBundle } from '../../../core/bundle.ts';
import type { Assignment } from '../../../core/link/assignment.ts';
import type { ApplicationStatus } from '../../../core/link/status.ts';
import { type KubeObject, type ObjectRef, ownerLabel, refOf } from '../../../core/objects/object.ts';
import { bundleOf, type Ground } from '../../contract/engine-harness.ts';
import { createFastTime } from '../../fast-time.ts';
import type { Random } from '../../sim/random.ts';
import { clusterDifferences, inventoryDifferences, labelledObjects, untracked } from './differences.ts';
import { createEvolving, type Evolving, secretValue } from './evolving.ts';
import { type Afterlife, type Life, lookInto, startLife } from './life.ts';
import type { FaultyProxy } from './proxy.ts';

/** All that waits by the agent's clock goes so many times as fast. */
const haste = 10;

/** Two applications, their agent, and others with hands in the same cluster. */
export interface World {
  /** Rules that were seen broken on the way. */
  readonly broken: readonly string[];
  begin(): Promise<void>;
  /** One thing that somebody does. */
  disturb(): Promise<void>;
  /** What is not as it is to be. */
  wrong(): Promise<readonly string[]>;
  end(): Promise<void>;
}

export async function createWorld(
  ground: Ground,
  proxy: FaultyProxy,
  random: Random,
  namespace: string,
  seed: number,
): Promise<World> {
  const applications = ['one', 'two'].map((name) => createEvolving(`${namespace}-${name}`, namespace, random));
  const bundles = new Map<string, Bundle>();
  const after: Afterlife = {
    proxy,
    bundles,
    time: createFastTime(haste, random.next),
    state: seed % 2 === 0 ? { type: 'disk', records: new Map() } : { type: 'secrets', namespace },
    said: [],
  };
  const broken: string[] = [];
  const strangers = await putStrangers(ground, applications, namespace);
  let generation = 0;
  let life: Life | null = null;

  const assign = () => {
    generation += 1;
    life?.engine.assign(applications.map((application) => assignmentOf(application, bundles, generation)));
  };
  const state = () => lookInto(after.state, ground.kube, after.time);
  const kill = async () => {
    await life?.kill();
    await proxy.settled();
    for (const { application, objects } of applications)
      broken.push(...(await untracked(ground.kube, await state(), application, objects(), strangers)));
  };
  const restart = async (crash: boolean) => {
    if (crash) await kill();
    else await life?.stop();
    life = await startLife(after);
    assign();
  };
  const tamper = () => tamperWith(ground, random, random.pick(applications));

  return {
    broken,
    async begin() {
      life = await startLife(after);
      assign();
    },
    async disturb() {
      const dice = random.next();
      if (dice < 0.3) {
        random.pick(applications).evolve();
        assign();
      } else if (dice < 0.75) await tamper();
      else if (dice < 0.85) proxy.cut();
      else await restart(random.chance(0.7));
    },
    async wrong() {
      const found: string[] = [];
      for (const evolving of applications) {
        const { application, objects } = evolving;
        found.push(...(await clusterDifferences(ground.kube, application, objects(), strangers)));
        found.push(...(await inventoryDifferences(ground.kube, await state(), application, objects())));
        found.push(...statusDifferences(life?.engine.statuses().get(application), bundleFor(evolving)));
      }
      found.push(...(await goneStrangers(ground, namespace)));
      if (after.said.some((line) => line.includes(secretValue))) found.push('a value of a Secret was told');
      return found;
    },
    async end() {
      await life?.stop();
      for (const { application, objects } of applications) await removeLabelled(ground.kube, application, objects());
    },
  };
}

function bundleFor({ application, objects }: Evolving): Bundle {
  return bundleOf(application, objects());
}

function assignmentOf(evolving: Evolving, bundles: Map<string, Bundle>, generation: number): Assignment {
  const bundle = bundleFor(evolving);
  const { digest } = encodeBundle(bundle);
  bundles.set(digest, bundle);
  return {
    application: evolving.application,
    release: `${evolving.application}@${digest.slice(7, 19)}`,
    bundle: digest,
    generation,
    environment: 'faults',
    drift: 'correct',
    tenant: null,
    allow: null,
    pruneApproved: false,
    traceparent: null,
  };
}

function statusDifferences(status: ApplicationStatus | undefined, bundle: Bundle): string[] {
  if (status === undefined) return ['there is no status'];
  const { phase, message, running, counts } = status;
  const found: string[] = [];
  if (phase !== 'applied') found.push(`${bundle.application} is ${phase}: ${message}`);
  if (running?.bundle !== encodeBundle(bundle).digest) found.push(`${bundle.application} runs ${running?.bundle}`);
  if (counts.drifted > 0) found.push(`${counts.drifted} objects of ${bundle.application} have drifted`);
  return found;
}

/** What people do by hand. */
async function tamperWith(ground: Ground, random: Random, evolving: Evolving): Promise<void> {
  const ref = random.pick(evolving.objects().map((object) => refOf(object)));
  const dice = random.next();
  if (dice < 0.3) return ground.remove(ref);
  if (dice < 0.4) return edit(ground, random.pick(evolving.lasting()), ({ metadata }) => void delete metadata.labels);
  return edit(ground, ref, change);
}

async function edit(ground: Ground, ref: ObjectRef, by: (object: KubeObject) => void): Promise<void> {
  await ground.edit(ref, 'kubectl-edit', by).catch((error: Error) => {
    // It is not applied yet, or was deleted, or somebody was always quicker.
    if (!/does not exist|not found|the object has been modified/.test(error.message)) throw error;
  });
}

function change(object: KubeObject): void {
  const spec = object.spec as { replicas?: number; selector?: Record<string, string> } | undefined;
  switch (object.kind) {
    case 'ConfigMap':
      object.data = { revision: 'changed by hand', added: 'by hand' };
      break;
    case 'Secret':
      object.data = { password: Buffer.from('changed by hand').toString('base64') };
      break;
    case 'Service':
      if (spec !== undefined) spec.selector = { app: 'changed-by-hand' };
      break;
    case 'Deployment':
      if (spec !== undefined) spec.replicas = 7;
      break;
    case 'ClusterRole':
      object.rules = [];
      break;
  }
}

/** Leaves nothing behind that the next seed's agent would have to look at. */
async function removeLabelled(kube: Kube, application: string, objects: readonly KubeObject[]): Promise<void> {
  for (const { resource, ref } of await labelledObjects(kube, application, objects)) await kube.delete(resource, ref);
}

const stranger = 'stranger';
const labelledStranger = 'labelled-stranger';

/** Objects that are none of the agent's business, one of which carries the label of an application. */
async function putStrangers(
  ground: Ground,
  applications: readonly Evolving[],
  namespace: string,
): Promise<ReadonlySet<string>> {
  const map = (name: string, labels: Record<string, string>): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, labels },
    data: { is: 'mine' },
  });
  await ground.put(map(stranger, {}), 'someone');
  await ground.put(map(labelledStranger, { [ownerLabel]: applications[0]?.application ?? '' }), 'someone');
  return new Set([`/ConfigMap/${namespace}/${labelledStranger}`]);
}

async function goneStrangers(ground: Ground, namespace: string): Promise<string[]> {
  const configMaps = await ground.kube.resourceOf('', 'ConfigMap');
  const found: string[] = [];
  for (const name of [stranger, labelledStranger]) {
    const live = configMaps === null ? null : await ground.kube.get(configMaps, { namespace, name });
    if ((live?.data as { is?: string } | undefined)?.is !== 'mine') found.push(`${name} was touched`);
  }
  return found;
}
