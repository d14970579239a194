import type { Kube, Resource } from '../../../agent/kube/port.ts';
import { type State, StateCorrupt } from '../../../agent/state/port.ts';
import { wantedObject } from '../../../core/apply/desired.ts';
import { decodeInventory, type Inventory } from '../../../core/apply/inventory.ts';
import { differences } from '../../../core/fields/diff.ts';
import { groupOf, type KubeObject, type ObjectRef, ownerLabel, refKey, refOf } from '../../../core/objects/object.ts';

/** How the cluster differs from what an application's bundle says, in words. Nothing more of it may stand. */
export async function clusterDifferences(
  kube: Kube,
  application: string,
  objects: readonly KubeObject[],
  strangers: ReadonlySet<string>,
): Promise<string[]> {
  const found: string[] = [];
  const wantedKeys = new Set<string>();
  for (const manifest of objects) {
    const resource = await resourceFor(kube, manifest);
    const wanted = wantedObject(manifest, application, resource.namespaced, 'default', []);
    wantedKeys.add(wanted.key);
    const live = await kube.get(resource, wanted.ref);
    if (live === null) found.push(`${wanted.key} is missing`);
    else
      for (const { pointer, found: value } of differences(wanted.object, live))
        found.push(`${wanted.key}${pointer} is ${value}`);
  }
  for (const key of await labelledKeys(kube, application, objects))
    if (!wantedKeys.has(key) && !strangers.has(key)) found.push(`${key} is left over`);
  return found;
}

/** How an application's inventory differs from its bundle, which the cluster is to equal. */
export async function inventoryDifferences(
  kube: Kube,
  state: State,
  application: string,
  objects: readonly KubeObject[],
): Promise<string[]> {
  const inventory = await inventoryOf(state, application);
  if (inventory === null) return ['there is no whole inventory'];
  if (!inventory.settled) return ['the inventory is not settled'];
  const listed = new Set(inventory.refs.map(refKey));
  const found: string[] = [];
  for (const manifest of objects) {
    const { namespaced } = await resourceFor(kube, manifest);
    if (!listed.delete(wantedObject(manifest, application, namespaced, 'default', []).key))
      found.push(`the inventory lacks ${manifest.kind} ${manifest.metadata.name}`);
  }
  for (const key of listed) found.push(`the inventory lists ${key}`);
  return found;
}

/** What stands in the cluster under an application's name and its inventory does not list (A5). */
export async function untracked(
  kube: Kube,
  state: State,
  application: string,
  objects: readonly KubeObject[],
  strangers: ReadonlySet<string>,
): Promise<string[]> {
  const inventory = await inventoryOf(state, application);
  const listed = new Set(inventory?.refs.map(refKey));
  const keys = await labelledKeys(kube, application, objects);
  return keys.filter((key) => !listed.has(key) && !strangers.has(key)).map((key) => `${key} is untracked`);
}

/** Null where there is none, and where its record is just being replaced in Secrets under an onlooker's eyes. */
async function inventoryOf(state: State, application: string): Promise<Inventory | null> {
  try {
    const content = await state.read(`inventory/${application}`);
    return content === null ? null : decodeInventory(content);
  } catch (error) {
    if (error instanceof StateCorrupt) return null;
    throw error;
  }
}

/** All objects that carry an application's label, of the kinds of the objects given. */
export async function labelledObjects(
  kube: Kube,
  application: string,
  objects: readonly KubeObject[],
): Promise<readonly { readonly resource: Resource; readonly ref: ObjectRef }[]> {
  const resources = new Map<string, Resource>();
  for (const manifest of objects) resources.set(manifest.kind, await resourceFor(kube, manifest));
  const labelSelector = `${ownerLabel}=${application}`;
  const found = [];
  for (const resource of resources.values()) {
    const { items } = await kube.list(resource, { labelSelector, metadataOnly: true });
    for (const item of items)
      found.push({ resource, ref: { ...refOf(item), group: resource.group, kind: resource.kind } });
  }
  return found;
}

async function labelledKeys(kube: Kube, application: string, objects: readonly KubeObject[]): Promise<string[]> {
  return (await labelledObjects(kube, application, objects)).map(({ ref }) => refKey(ref));
}

async function resourceFor(kube: Kube, { apiVersion, kind }: KubeObject): Promise<Resource> {
  const resource = await kube.resourceOf(groupOf(apiVersion), kind);
  if (resource === null) throw new Error(`${kind} is not served`);
  return resource;
}
