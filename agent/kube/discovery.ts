import type { Http } from './http.ts';
import { groupVersionPath } from './paths.ts';
import { KubeError, type Resource } from './port.ts';
import { type GroupVersions, readGroup, readGroups, readResources, type Served, type ServedGroup } from './served.ts';
import type { Time } from './time.ts';

/** What the cluster serves, read when it is needed and kept. */
export interface Discovery {
  /**
   * @returns null where the cluster does not serve the kind
   * @throws KubeError `unavailable` where that cannot be known now, for the group's API server does not answer
   */
  resourceOf(group: string, kind: string, version?: string): Promise<Resource | null>;
  /** Every listable and watchable kind in its preferred version. Groups whose API server is broken are left out. */
  resources(): Promise<readonly Resource[]>;
  /** The group answered otherwise than was known: read it anew when it is next asked for. */
  forget(group: string): void;
}

interface KnownGroup extends ServedGroup {
  readonly readAt: number;
}

const missEvery = 1_000;
const keepFor = 10 * 60_000;
/** A version that was asked for and is not served may be added to a CRD. */
const otherVersionFor = 30_000;
const listEvery = 30_000;
const aggregatedType = ['v2', 'v2beta1']
  .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .concat('application/json')
  .join(',');

export function createDiscovery(http: Http, time: Time): Discovery {
  const known = new Map<string, KnownGroup>();
  const underWay = new Map<string, Promise<unknown>>();
  let allReadAt = Number.NEGATIVE_INFINITY;

  /** A broken group keeps what was last known of it. */
  const remember = (fresh: ServedGroup) => {
    const old = known.get(fresh.group);
    const resources = fresh.whole || old === undefined ? fresh.resources : merge(fresh.resources, old.resources);
    const group = { ...fresh, resources, readAt: time.now() };
    known.set(fresh.group, group);
    return group;
  };
  /** Callers at one time share one reading. */
  const once = <T>(key: string, read: () => Promise<T>): Promise<T> => {
    const running = underWay.get(key) as Promise<T> | undefined;
    if (running !== undefined) return running;
    const started = read().finally(() => underWay.delete(key));
    underWay.set(key, started);
    return started;
  };
  const body = async (path: string, accept?: string) =>
    (await http.call({ method: 'GET', path, ...(accept === undefined ? {} : { accept }) })).body;

  async function readVersions({ group, versions }: GroupVersions): Promise<ServedGroup> {
    let whole = true;
    const resources = await Promise.all(
      versions.map(async (version): Promise<Served[]> => {
        try {
          return readResources(group, version, await body(groupVersionPath(group, version)));
        } catch (error) {
          if (!(error instanceof KubeError)) throw error;
          if (error.code !== 'not-found') whole = false;
          return [];
        }
      }),
    );
    return { group, whole, resources: resources.flat() };
  }

  const readOne = (group: string) =>
    once(group, async () => {
      try {
        const versions =
          group === ''
            ? { group, versions: ((await body('/api')) as { versions?: string[] }).versions ?? [] }
            : readGroup(await body(`/apis/${encodeURIComponent(group)}`));
        return remember(await readVersions({ ...versions, group }));
      } catch (error) {
        if (!(error instanceof KubeError) || error.code !== 'not-found') throw error;
        return remember({ group, whole: true, resources: [] });
      }
    });

  const readAll = () =>
    once('*', async () => {
      const documents = await Promise.all(
        ['/api', '/apis'].map(async (path) => readGroups(await body(path, aggregatedType))),
      );
      const groups = await Promise.all(
        documents.flatMap((document): readonly (ServedGroup | Promise<ServedGroup>)[] =>
          document.kind === 'aggregated' ? document.groups : document.groups.map(readVersions),
        ),
      );
      const served = new Set(groups.map(remember).map(({ group }) => group));
      for (const group of known.keys()) if (!served.has(group)) known.delete(group);
      allReadAt = time.now();
    });

  return {
    async resourceOf(group, kind, version) {
      let entry = known.get(group);
      let hit = entry && choose(entry.resources, kind, version);
      if (entry === undefined || time.now() - entry.readAt >= freshFor(hit, version)) {
        entry = await readOne(group);
        hit = choose(entry.resources, kind, version);
      }
      // Another version that has it is no answer while the one asked for may only be unread.
      if (hit !== undefined && (entry.whole || hit.version === (version ?? hit.version))) return resourceOnly(hit);
      if (entry.whole) return null;
      throw new KubeError(
        'unavailable',
        `the API server of group ${group || 'core'} does not answer: whether it serves ${kind} is unknown`,
      );
    },

    async resources() {
      if (time.now() - allReadAt >= listEvery) await readAll();
      return [...known.values()].flatMap(preferred).map(resourceOnly);
    },

    forget(group) {
      known.delete(group);
      allReadAt = Number.NEGATIVE_INFINITY;
    },
  };
}

/** Milliseconds for which an answer is good: long for a hit, a second for a miss. */
function freshFor(hit: Served | undefined, version: string | undefined): number {
  if (hit === undefined) return missEvery;
  return version === undefined || hit.version === version ? keepFor : otherVersionFor;
}

/** The kind in the version asked for, else in the first that has it. */
function choose(resources: readonly Served[], kind: string, version: string | undefined): Served | undefined {
  const ofKind = resources.filter((resource) => resource.kind === kind);
  return ofKind.find((resource) => resource.version === version) ?? ofKind[0];
}

/** Each kind of a group once, in the first version that has it. */
function preferred({ resources }: ServedGroup): Served[] {
  const seen = new Set<string>();
  return resources.filter(({ plural, verbs }) => {
    if (seen.has(plural) || !verbs.includes('list') || !verbs.includes('watch')) return false;
    seen.add(plural);
    return true;
  });
}

/** What was read anew, and of what was not, what was known. */
function merge(fresh: readonly Served[], old: readonly Served[]): Served[] {
  const read = new Set(fresh.map(({ version }) => version));
  return [...fresh, ...old.filter(({ version }) => !read.has(version))];
}

function resourceOnly({ group, version, kind, plural, namespaced }: Served): Resource {
  return { group, version, kind, plural, namespaced };
}
