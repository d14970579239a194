import type { Resource } from './port.ts';

/** A resource, and what may be done with it. */
export interface Served extends Resource {
  readonly verbs: readonly string[];
}

/** Everything that one API group serves, its preferred version first. */
export interface ServedGroup {
  readonly group: string;
  readonly resources: readonly Served[];
  /** False where a part of it could not be read: what is missing may be served all the same. */
  readonly whole: boolean;
}

/** What `/api` and `/apis` answer: group by group in one document from 1.26 on, else names and versions only. */
export type GroupsDocument =
  | { readonly kind: 'aggregated'; readonly groups: readonly ServedGroup[] }
  | { readonly kind: 'names'; readonly groups: readonly GroupVersions[] };

export interface GroupVersions {
  readonly group: string;
  /** The preferred one first. */
  readonly versions: readonly string[];
}

interface AggregatedBody {
  readonly kind?: string;
  readonly items?: readonly {
    readonly metadata?: { readonly name?: string };
    readonly versions?: readonly {
      readonly version: string;
      readonly freshness?: string;
      readonly resources?: readonly {
        readonly resource: string;
        readonly responseKind?: { readonly group?: string; readonly version?: string; readonly kind?: string };
        readonly scope?: string;
        readonly verbs?: readonly string[];
      }[];
    }[];
  }[];
}

interface NamesBody {
  readonly kind?: string;
  readonly versions?: readonly string[];
  readonly groups?: readonly GroupBody[];
}

interface GroupBody {
  readonly name?: string;
  readonly versions?: readonly { readonly version: string }[];
  readonly preferredVersion?: { readonly version: string };
}

interface ResourceListBody {
  readonly resources?: readonly {
    readonly name: string;
    readonly kind: string;
    readonly namespaced?: boolean;
    readonly verbs?: readonly string[];
  }[];
}

/** Reads `/api` (which has one group, without a name) or `/apis`, in whichever form the server speaks. */
export function readGroups(body: unknown): GroupsDocument {
  const { kind } = body as { kind?: string };
  if (kind === 'APIGroupDiscoveryList') return { kind: 'aggregated', groups: readAggregated(body as AggregatedBody) };
  const { versions, groups = [] } = body as NamesBody;
  if (versions !== undefined) return { kind: 'names', groups: [{ group: '', versions }] };
  return { kind: 'names', groups: groups.map(readGroup) };
}

/** Reads `/apis/GROUP`. */
export function readGroup(body: unknown): GroupVersions {
  const { name = '', versions = [], preferredVersion } = body as GroupBody;
  const all = versions.map(({ version }) => version);
  const first = preferredVersion?.version;
  return { group: name, versions: first === undefined ? all : [first, ...all.filter((version) => version !== first)] };
}

/** Reads `/apis/GROUP/VERSION`. Subresources are left out. */
export function readResources(group: string, version: string, body: unknown): Served[] {
  return ((body as ResourceListBody).resources ?? [])
    .filter(({ name }) => !name.includes('/'))
    .map(({ name, kind, namespaced, verbs }) => ({
      group,
      version,
      kind,
      plural: name,
      namespaced: namespaced === true,
      verbs: verbs ?? [],
    }));
}

function readAggregated(body: AggregatedBody): ServedGroup[] {
  return (body.items ?? []).map(({ metadata, versions = [] }) => {
    const group = metadata?.name ?? '';
    return {
      group,
      whole: versions.every(({ freshness }) => freshness !== 'Stale'),
      resources: versions.flatMap(({ version, resources = [] }) =>
        resources.map(({ resource, responseKind, scope, verbs }) => ({
          group,
          version,
          kind: responseKind?.kind ?? '',
          plural: resource,
          namespaced: scope === 'Namespaced',
          verbs: verbs ?? [],
        })),
      ),
    };
  });
}
