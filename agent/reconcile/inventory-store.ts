import type { Logger } from 'pino';
import { decodeInventory, emptyInventory, encodeInventory, type Inventory } from '../../core/apply/inventory.ts';
import type { Kube } from '../kube/port.ts';
import { type State, StateCorrupt } from '../state/port.ts';
import { trackedObjects } from './rebuild.ts';

/** The inventories of a cluster, on what survives a restart (A5). */
export interface InventoryStore {
  /** The inventory of an application: as it was saved, rebuilt from the cluster where it was lost, or empty. */
  load(application: string): Promise<Inventory>;
  /** Those of every application that ever had one, assigned or not any more. */
  all(): Promise<readonly Inventory[]>;
  /** Returns once it is durable. */
  save(inventory: Inventory): Promise<void>;
  /** Digests of the bundles that were last applied whole: what the agent may have to keep in force. */
  running(): ReadonlySet<string>;
  /** True where this very inventory is durable: what a save failed to keep only seems to stand. */
  isSaved(inventory: Inventory): boolean;
}

/** Names every application that ever had an inventory, so that a lost one is told from one that never was. */
const index = 'inventories';
const recordOf = (application: string) => `inventory/${application}`;

export function createInventoryStore(state: State, kube: Kube, log: Logger): InventoryStore {
  const loaded = new Map<string, Inventory>();
  const durable = new WeakSet<Inventory>();
  let known: Promise<Set<string>> | null = null;
  let indexed: Promise<void> = Promise.resolve();

  /** Where the index is lost too, whatever Fairway has applied to the cluster counts as known. */
  const readIndex = async (): Promise<Set<string>> => {
    const content = await readOrNull(index);
    if (content !== null) return new Set(JSON.parse(new TextDecoder().decode(content)) as string[]);
    log.info('no index of inventories: looking through the cluster for what Fairway has applied');
    const found = new Set((await trackedObjects(kube, null)).keys());
    await writeIndex(found);
    return found;
  };
  const writeIndex = (names: ReadonlySet<string>) =>
    state.write(index, new TextEncoder().encode(JSON.stringify([...names].sort())));

  const readOrNull = async (record: string): Promise<Uint8Array | null> => {
    try {
      return await state.read(record);
    } catch (error) {
      if (!(error instanceof StateCorrupt)) throw error;
      log.warn({ record }, 'a record of the state is corrupt and is rebuilt');
      return null;
    }
  };

  const knownNames = () => {
    known ??= readIndex().catch((error: unknown) => {
      known = null;
      throw error;
    });
    return known;
  };

  const rebuild = async (application: string): Promise<Inventory> => {
    const { refs, jobs } = (await trackedObjects(kube, application)).get(application) ?? { refs: [], jobs: [] };
    log.warn({ application, objects: refs.length + jobs.length }, 'rebuilt a lost inventory from the cluster');
    return { ...emptyInventory(application), refs, jobs, settled: false };
  };

  const load = async (application: string): Promise<Inventory> => {
    const before = loaded.get(application);
    if (before !== undefined) return before;
    const content = await readOrNull(recordOf(application));
    const saved = content === null ? null : decodeInventory(content);
    if (saved !== null) durable.add(saved);
    const lost = saved === null && (await knownNames()).has(application);
    const inventory = saved ?? (lost ? await rebuild(application) : emptyInventory(application));
    loaded.set(application, inventory);
    return inventory;
  };

  return {
    load,
    all: async () => Promise.all([...(await knownNames())].map(load)),
    save: async (inventory) => {
      const { application } = inventory;
      const names = await knownNames();
      if (!names.has(application)) {
        names.add(application);
        indexed = indexed.catch(() => undefined).then(() => writeIndex(names)); // Its own caller has the error.
        await indexed.catch((error: unknown) => {
          names.delete(application);
          throw error;
        });
      }
      await state.write(recordOf(application), encodeInventory(inventory));
      loaded.set(application, inventory);
      durable.add(inventory);
    },
    running: () => new Set([...loaded.values()].flatMap(({ running }) => running?.bundle ?? [])),
    isSaved: (inventory) => durable.has(inventory),
  };
}
