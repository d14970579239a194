import type { KubeObject } from '../../core/objects/object.ts';
import { forbidden, notFound } from '../api/error.ts';
import { builtinKinds } from '../kinds/builtin.ts';
import { type Kind, kindKey } from '../kinds/kind.ts';
import { objectsOf, type State } from './state.ts';

const namespaceKind = builtinKinds.find((kind) => kindKey(kind) === '/namespaces') as Kind;

/** Namespaces that every cluster has, and keeps. */
export const systemNamespaces = ['default', 'kube-node-lease', 'kube-public', 'kube-system'] as const;

/**
 * Whether a namespace may hold a new object.
 * @throws ApiError 404 where it is not there, 403 where it is being deleted
 */
export function admitNew(state: State, kind: Kind, namespace: string, name: string): void {
  if (!kind.namespaced) return;
  const found = objectsOf(state, namespaceKind).get(`/${namespace}`);
  if (found === undefined) throw notFound(namespaceKind, namespace);
  if (found.metadata.deletionTimestamp !== undefined) {
    const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
    const message = `namespace ${namespace} is being terminated`;
    throw forbidden(kind, name, why, [{ reason: 'NamespaceTerminating', message, field: 'metadata.namespace' }]);
  }
}

/** @throws ApiError 403 for a namespace that every cluster keeps */
export function admitDeletion(kind: Kind, object: KubeObject): void {
  if (kindKey(kind) !== '/namespaces') return;
  const { name } = object.metadata;
  if (name !== 'kube-node-lease' && (systemNamespaces as readonly string[]).includes(name)) {
    throw forbidden(kind, name, 'this namespace may not be deleted');
  }
}
