import type { KubeObject } from '../../../core/objects/object.ts';
import type { Server } from './both.ts';

/** Objects and paths that the suites share. */
export function configMap(
  namespace: string,
  name: string,
  data: object = { a: '1' },
  metadata: object = {},
): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, ...metadata }, data };
}

export function deployment(namespace: string, name: string, spec: object = {}): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'main', image: 'example/app:1' }] },
      },
      ...spec,
    },
  };
}

export function mapPath(namespace: string, name = ''): string {
  return `/api/v1/namespaces/${namespace}/configmaps${name === '' ? '' : `/${name}`}`;
}

export function deploymentPath(namespace: string, name = ''): string {
  return `/apis/apps/v1/namespaces/${namespace}/deployments${name === '' ? '' : `/${name}`}`;
}

/** Applies on the server's side as a manager. */
export function apply(server: Server, path: string, manager: string, body: unknown, query = '') {
  return server.call('PATCH', `${path}?fieldManager=${manager}${query}`, {
    body,
    type: 'application/apply-patch+yaml',
  });
}

/** Who owns what of an object, by manager and operation. */
export function ownersOf(object: KubeObject): Record<string, unknown> {
  const entries = object.metadata.managedFields ?? [];
  return Object.fromEntries(entries.map(({ manager, operation, fieldsV1 }) => [`${manager} ${operation}`, fieldsV1]));
}
