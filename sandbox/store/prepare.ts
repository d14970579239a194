import { canonicalJson } from '../../core/canonical.ts';
import type { KubeObject } from '../../core/objects/object.ts';
import { mapOf } from '../kinds/defaults/draft.ts';
import { fillDefaults } from '../kinds/defaults/fill.ts';
import { type Kind, kindKey } from '../kinds/kind.ts';
import { allocate } from './allocate.ts';
import { type Context, newUid, type Target, timestamp } from './context.ts';

/** A new object as it is to be stored: its defaults filled in, its metadata begun, no status but a kind's first. */
export function prepareNew(context: Context, { kind, namespace }: Target, candidate: KubeObject): KubeObject {
  const { name, generateName, labels, annotations, finalizers, ownerReferences } = candidate.metadata;
  const metadata: Record<string, unknown> = {
    name,
    generateName,
    namespace: kind.namespaced ? namespace : undefined,
    uid: newUid(context.random),
    generation: kind.generation ? 1 : undefined,
    creationTimestamp: timestamp(context.now()),
    labels,
    annotations,
    ownerReferences,
    finalizers,
  };
  const object: KubeObject = { ...candidate, metadata: defined(metadata) as KubeObject['metadata'] };
  if (kind.status) delete object.status;
  fillDefaults(kind, object);
  begin(kind, object);
  allocate(context, kind, object, null);
  return object;
}

/** A changed object as it is to be stored: what only the server writes comes from what stood there. */
export function prepareChanged(
  context: Context,
  { kind }: Target,
  before: KubeObject,
  candidate: KubeObject,
  subresource: 'status' | 'scale' | undefined,
): KubeObject {
  const {
    name,
    namespace,
    uid,
    generation,
    creationTimestamp,
    deletionTimestamp,
    deletionGracePeriodSeconds,
    generateName,
  } = before.metadata;
  const { labels, annotations, finalizers, ownerReferences } = candidate.metadata;
  const fixed = {
    name,
    generateName,
    namespace,
    uid,
    generation,
    creationTimestamp,
    deletionTimestamp,
    deletionGracePeriodSeconds,
  };
  if (subresource === 'status') {
    const { managedFields: _, ...metadata } = before.metadata;
    const object: KubeObject = { ...structuredClone(before), metadata: structuredClone(metadata) };
    if (candidate.status === undefined) delete object.status;
    else object.status = candidate.status;
    return object;
  }
  const metadata = defined({ ...fixed, labels, annotations, ownerReferences, finalizers }) as KubeObject['metadata'];
  const object: KubeObject = { ...candidate, metadata };
  if (kind.status) {
    if (before.status === undefined) delete object.status;
    else object.status = before.status;
  }
  if (kindKey(kind) === '/services') keepAddresses(object, before);
  fillDefaults(kind, object);
  if (kindKey(kind) === '/namespaces') object.spec = before.spec;
  allocate(context, kind, object, before);
  if (kind.generation && wishOf(object) !== wishOf(before)) object.metadata.generation = (generation ?? 0) + 1;
  return object;
}

/** What an object is to be: all but what it is called and how it is. */
function wishOf({ metadata: _, status: __, apiVersion: ___, ...wish }: KubeObject): string {
  return canonicalJson(wish);
}

function begin(kind: Kind, object: KubeObject): void {
  switch (kindKey(kind)) {
    case '/namespaces':
      object.spec = { finalizers: ['kubernetes'] };
      object.status = { phase: 'Active' };
      return;
    case '/pods':
    case '/persistentvolumeclaims':
    case '/persistentvolumes':
      object.status = { phase: 'Pending' };
      return;
    case '/services':
      object.status = { loadBalancer: {} };
      return;
    case 'networking.k8s.io/ingresses':
      object.status = { loadBalancer: {} };
      return;
    case 'apps/deployments':
    case 'batch/jobs':
    case 'batch/cronjobs':
      object.status = {};
      return;
    case 'apps/replicasets':
    case 'apps/statefulsets':
      object.status = { replicas: 0 };
      return;
    case 'apps/daemonsets':
      object.status = { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 };
  }
}

/** A Service keeps its addresses where an update leaves them out. */
function keepAddresses(object: KubeObject, before: KubeObject): void {
  const [spec, old] = [mapOf(object, 'spec'), mapOf(before, 'spec')];
  if (spec === undefined || old === undefined || spec.type === 'ExternalName') return;
  for (const name of ['clusterIP', 'clusterIPs']) {
    if (spec[name] === undefined && old[name] !== undefined) spec[name] = structuredClone(old[name]);
  }
}

function defined(map: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value !== undefined));
}
