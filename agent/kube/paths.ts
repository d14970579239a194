import type { NamespacedName, Resource } from './port.ts';

/** `/api/v1`, `/apis/apps/v1` */
export function groupVersionPath(group: string, version: string): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
}

/** All objects of a kind, in one namespace or, where none is given, in all. */
export function collectionPath(resource: Resource, namespace = ''): string {
  const scope = resource.namespaced && namespace !== '' ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${groupVersionPath(resource.group, resource.version)}${scope}/${resource.plural}`;
}

export function objectPath(resource: Resource, { namespace, name }: NamespacedName): string {
  return `${collectionPath(resource, namespace)}/${encodeURIComponent(name)}`;
}

/** `apps/v1`, `v1` */
export function apiVersionOf(resource: Resource): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}
