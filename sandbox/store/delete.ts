import type { KubeObject } from '../../core/objects/object.ts';
import { notFound, unmet } from '../api/error.ts';
import { kindKey } from '../kinds/kind.ts';
import { admitDeletion } from './admit.ts';
import { type Context, type Target, timestamp } from './context.ts';
import { put, take } from './state.ts';
import { findObject, hasContentFinalizer } from './write.ts';

export interface DeleteOptions {
  /** What becomes of the objects that this one owns. */
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan';
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly dryRun?: boolean;
}

export interface Deleted {
  readonly object: KubeObject;
  /** False where finalizers still hold it: it is marked, and goes when the last of them does. */
  readonly gone: boolean;
}

export const foregroundFinalizer = 'foregroundDeletion';
export const orphanFinalizer = 'orphan';

/** Deletes an object, or marks it where finalizers hold it. @throws ApiError */
export function deleteObject(context: Context, target: Target, options: DeleteOptions = {}): Deleted {
  const { kind, name } = target;
  const object = findObject(context, target);
  if (object === null) throw notFound(kind, name);
  admitDeletion(kind, object);
  const { uid, resourceVersion } = object.metadata;
  if (options.uid !== undefined && options.uid !== uid) {
    throw unmet(kind, name, 'UID', options.uid, uid, 'deleted and then recreated');
  }
  if (options.resourceVersion !== undefined && options.resourceVersion !== resourceVersion) {
    throw unmet(kind, name, 'ResourceVersion', options.resourceVersion, resourceVersion, 'modified');
  }
  const finalizers = finalizersFor(object, options.propagation);
  const held = finalizers.length > 0 || hasContentFinalizer(object);
  if (!held) return { object: options.dryRun === true ? object : take(context.state, kind, object), gone: true };
  const marked = mark(context, object, finalizers, kindKey(kind) === '/namespaces');
  if (options.dryRun === true) return { object: marked, gone: false };
  const known =
    object.metadata.deletionTimestamp !== undefined && finalizers.length === (object.metadata.finalizers ?? []).length;
  return { object: known ? object : put(context.state, kind, marked), gone: false };
}

function finalizersFor(object: KubeObject, propagation: DeleteOptions['propagation']): string[] {
  const own = object.metadata.finalizers ?? [];
  if (object.metadata.deletionTimestamp !== undefined && propagation === undefined) return own;
  const others = own.filter((finalizer) => finalizer !== foregroundFinalizer && finalizer !== orphanFinalizer);
  if (propagation === 'Foreground') return [...others, foregroundFinalizer];
  if (propagation === 'Orphan') return [...others, orphanFinalizer];
  return others;
}

function mark(context: Context, object: KubeObject, finalizers: string[], isNamespace: boolean): KubeObject {
  const { generation, deletionTimestamp } = object.metadata;
  const first = deletionTimestamp === undefined;
  const metadata = {
    ...object.metadata,
    deletionTimestamp: deletionTimestamp ?? timestamp(context.now()),
    deletionGracePeriodSeconds: 0,
    ...(generation === undefined ? {} : { generation: first ? generation + 1 : generation }),
    ...(finalizers.length > 0 ? { finalizers } : {}),
  };
  if (!isNamespace) return { ...object, metadata };
  return { ...object, metadata, status: { ...(object.status as object | undefined), phase: 'Terminating' } };
}
