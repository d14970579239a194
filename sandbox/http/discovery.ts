import { apiVersionOf, type Kind } from '../kinds/kind.ts';

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const partVerbs = ['get', 'patch', 'update'];

/** `/api`: the core group's versions. */
export function coreVersions(): unknown {
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
}

/** `/apis`: every other group and its versions. */
export function groupList(kinds: readonly Kind[]): unknown {
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: groupsOf(kinds)
      .filter((group) => group !== '')
      .map((group) => groupBody(kinds, group)),
  };
}

/** `/apis/GROUP`; null where there is no such group. */
export function groupDocument(kinds: readonly Kind[], group: string): unknown {
  return groupsOf(kinds).includes(group) ? { kind: 'APIGroup', apiVersion: 'v1', ...groupBody(kinds, group) } : null;
}

/** `/api/v1`, `/apis/GROUP/VERSION`: the resources of a version, with their subresources; null where there is none. */
export function resourceList(kinds: readonly Kind[], group: string, version: string): unknown {
  const served = kindsIn(kinds, group, version);
  if (served.length === 0) return null;
  const groupVersion = group === '' ? version : `${group}/${version}`;
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: served.flatMap(resourcesOf) };
}

/** `/api` or `/apis` with all they serve, in one document. */
export function aggregated(kinds: readonly Kind[], core: boolean, apiVersion: 'v2' | 'v2beta1'): unknown {
  const groups = groupsOf(kinds).filter((group) => (group === '') === core);
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${apiVersion}`,
    metadata: {},
    items: groups.map((group) => ({
      metadata: group === '' ? { creationTimestamp: null } : { name: group, creationTimestamp: null },
      versions: versionsOf(kinds, group).map((version) => ({
        version,
        freshness: 'Current',
        resources: kindsIn(kinds, group, version).map((kind) => aggregatedResource(kind, version)),
      })),
    })),
  };
}

/** Every group and version that is served, as paths have it: `api/v1`, `apis/apps/v1`. */
export function groupVersionPaths(kinds: readonly Kind[]): string[] {
  return groupsOf(kinds).flatMap((group) =>
    versionsOf(kinds, group).map((version) => (group === '' ? `api/${version}` : `apis/${group}/${version}`)),
  );
}

export function kindsIn(kinds: readonly Kind[], group: string, version: string): Kind[] {
  return kinds.filter((kind) => kind.group === group && kind.versions.includes(version));
}

function groupsOf(kinds: readonly Kind[]): string[] {
  return [...new Set(kinds.map(({ group }) => group))];
}

function versionsOf(kinds: readonly Kind[], group: string): string[] {
  return [...new Set(kinds.filter((kind) => kind.group === group).flatMap(({ versions }) => versions))];
}

function groupBody(kinds: readonly Kind[], group: string): object {
  const versions = versionsOf(kinds, group).map((version) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions, preferredVersion: versions[0] };
}

function resourcesOf(kind: Kind): unknown[] {
  const { plural: name, singular: singularName, namespaced, shortNames, categories } = kind;
  const base = { name, singularName, namespaced, kind: kind.kind, verbs };
  const names = shortNames.length > 0 ? { shortNames } : {};
  const inCategories = categories.length > 0 ? { categories } : {};
  const part = (subresource: string, more: object) => ({
    name: `${name}/${subresource}`,
    singularName: '',
    namespaced,
    verbs: partVerbs,
    ...more,
  });
  return [
    { ...base, ...names, ...inCategories },
    ...(kind.status ? [part('status', { kind: kind.kind })] : []),
    ...(kind.scale === null ? [] : [part('scale', { group: 'autoscaling', version: 'v1', kind: 'Scale' })]),
  ];
}

function aggregatedResource(kind: Kind, version: string): unknown {
  const responseKind = { group: kind.group, version, kind: kind.kind };
  const scale = { group: 'autoscaling', version: 'v1', kind: 'Scale' };
  const parts = [
    ...(kind.status ? [{ subresource: 'status', responseKind, verbs: partVerbs }] : []),
    ...(kind.scale === null ? [] : [{ subresource: 'scale', responseKind: scale, verbs: partVerbs }]),
  ];
  return {
    resource: kind.plural,
    responseKind,
    scope: kind.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: kind.singular,
    verbs,
    ...(kind.shortNames.length > 0 ? { shortNames: kind.shortNames } : {}),
    ...(kind.categories.length > 0 ? { categories: kind.categories } : {}),
    ...(parts.length > 0 ? { subresources: parts } : {}),
  };
}

/** `apps/v1, Kind=Deployment` in the form that OpenAPI documents tell it. */
export function groupVersionKind(kind: Kind, version: string): object {
  return { group: kind.group, version, kind: kind.kind };
}

/** The path of a kind's objects, with placeholders. */
export function templatePath(kind: Kind, version: string): string {
  const base = kind.group === '' ? `/api/${version}` : `/apis/${apiVersionOf(kind, version)}`;
  return `${base}${kind.namespaced ? '/namespaces/{namespace}' : ''}/${kind.plural}/{name}`;
}
