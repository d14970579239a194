import type { Wanted } from '../../core/apply/desired.ts';
import { annotationOf, movedFromAnnotation } from '../../core/objects/annotations.ts';
import type { Resource } from '../kube/port.ts';

/** What every application of the cluster wants, to find by object what a change in the cluster is to be held against. */
export interface DesiredIndex {
  /** Replaces what one application wants. */
  set(application: string, wanted: readonly Wanted[]): void;
  /**
   * Says what an application is about to run. What it takes over from others is known from that, also while something
   * older is kept in its place (A12).
   */
  announce(application: string, wanted: readonly Wanted[]): void;
  remove(application: string): void;
  /**
   * What is wanted under a key in the version of the resource: by the application that takes it over from its owner,
   * else by the owner, for another that names it too is refused (A12).
   */
  find(resource: Resource, key: string, owner: string | null): Wanted | null;
  /** The application that takes an object over from another one; null: none does (A12). */
  heirOf(key: string, owner: string): string | null;
  /** The application that named an object before this one did; null: none has (A12). */
  claimedBefore(key: string, application: string): string | null;
  /** True where some application wants it with fields that came encrypted (A11). */
  isSealed(key: string): boolean;
  /** Every application that names the object. */
  applicationsOf(key: string): Iterable<string>;
}

export function createDesiredIndex(): DesiredIndex {
  const byKey = new Map<string, Map<string, Wanted>>();
  const keysOf = new Map<string, ReadonlySet<string>>();
  /** By application, and by the key of what it takes over: from whom. */
  const moves = new Map<string, ReadonlyMap<string, string>>();

  /** Those that it goes on to name keep their place: who came first stays first. */
  const unset = (application: string, but: ReadonlySet<string>) => {
    for (const key of keysOf.get(application) ?? []) {
      if (but.has(key)) continue;
      const entries = byKey.get(key);
      entries?.delete(application);
      if (entries?.size === 0) byKey.delete(key);
    }
    keysOf.delete(application);
  };

  return {
    set: (application, wanted) => {
      const keys = new Set(wanted.map(({ key }) => key));
      unset(application, keys);
      keysOf.set(application, keys);
      for (const item of wanted) {
        const entries = byKey.get(item.key) ?? new Map<string, Wanted>();
        byKey.set(item.key, entries.set(application, item));
      }
    },
    announce: (application, wanted) => {
      const own = wanted.flatMap(({ key, object }) => {
        const from = annotationOf(object, movedFromAnnotation);
        return from === null ? [] : [[key, from] as const];
      });
      if (own.length === 0) moves.delete(application);
      else moves.set(application, new Map(own));
    },
    remove: (application) => {
      unset(application, new Set());
      moves.delete(application);
    },
    find: (resource, key, owner) => {
      const entries = byKey.get(key);
      if (entries === undefined) return null;
      const heir = [...entries.values()].find(({ object }) => annotationOf(object, movedFromAnnotation) === owner);
      const wanted = heir ?? entries.get(owner ?? '') ?? entries.values().next().value;
      return wanted !== undefined && isServedAs(wanted, resource) ? wanted : null;
    },
    heirOf: (key, owner) => [...moves].find(([, own]) => own.get(key) === owner)?.[0] ?? null,
    claimedBefore: (key, application) => {
      const [first] = byKey.get(key)?.keys() ?? [];
      return first === undefined || first === application ? null : first;
    },
    isSealed: (key) => [...(byKey.get(key)?.values() ?? [])].some(({ sealed }) => sealed.length > 0),
    applicationsOf: (key) => byKey.get(key)?.keys() ?? [],
  };
}

/** One kind may be followed in two versions; a wanted object is compared in its own. */
function isServedAs({ object }: Wanted, { group, version }: Resource): boolean {
  return object.apiVersion === (group === '' ? version : `${group}/${version}`);
}
