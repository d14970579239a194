import { groupOf, type KubeObject } from '../../core/objects/object.ts';
import { builtinKinds, definitionKind } from '../kinds/builtin.ts';
import { kindOfDefinition } from '../kinds/custom.ts';
import { type Kind, kindKey } from '../kinds/kind.ts';
import { kindOfObject, servedKinds } from '../kinds/registry.ts';
import { isMap } from '../schema/type.ts';
import type { Context } from '../store/context.ts';
import { deleteObject, foregroundFinalizer, orphanFinalizer } from '../store/delete.ts';
import { objectsOf, put, take } from '../store/state.ts';
import { hasContentFinalizer } from '../store/write.ts';

const definitionFinalizer = 'customresourcecleanup.apiextensions.k8s.io';
const namespaceKind = builtinKinds.find((kind) => kindKey(kind) === '/namespaces') as Kind;

interface Found {
  readonly kind: Kind;
  readonly object: KubeObject;
}

/** Deletes what the deletion of an object takes with it. @param uid of the object that is gone */
export function collectDependents(context: Context, uid: string): void {
  for (const found of dependentsOf(context, uid)) collectOrphan(context, found.kind, found.object);
}

/** Deletes an object all of whose owners are gone. */
export function collectOrphan(context: Context, kind: Kind, object: KubeObject): void {
  const owners = object.metadata.ownerReferences ?? [];
  if (owners.length === 0 || object.metadata.deletionTimestamp !== undefined) return;
  if (owners.some((owner) => exists(context, object, owner))) return;
  remove(context, { kind, object }, 'Background');
}

/** Goes on with the deletion of an object that finalizers of the sandbox's own hold. */
export function continueDeletion(context: Context, kind: Kind, object: KubeObject): void {
  const { finalizers = [], uid = '' } = object.metadata;
  if (object.metadata.deletionTimestamp === undefined) return;
  if (finalizers.includes(orphanFinalizer)) {
    for (const dependent of dependentsOf(context, uid)) disown(context, dependent, uid);
    release(context, kind, object, orphanFinalizer);
  } else if (finalizers.includes(foregroundFinalizer)) {
    const dependents = dependentsOf(context, uid);
    for (const dependent of dependents) remove(context, dependent, 'Foreground');
    const blocking = dependentsOf(context, uid).filter(({ object: other }) => blocks(other, uid));
    if (blocking.length === 0) release(context, kind, object, foregroundFinalizer);
  } else if (kindKey(kind) === '/namespaces' && hasContentFinalizer(object)) {
    emptyNamespace(context, object);
  } else if (kind === definitionKind && finalizers.includes(definitionFinalizer)) {
    emptyDefinition(context, object);
  }
}

/** Deletes everything in a namespace; it goes when nothing is left. */
function emptyNamespace(context: Context, namespace: KubeObject): void {
  const { name } = namespace.metadata;
  const content = () =>
    servedKinds(context.state)
      .filter((kind) => kind.namespaced)
      .flatMap((kind) => ofKind(context, kind))
      .filter(({ object }) => object.metadata.namespace === name);
  for (const found of content()) remove(context, found, 'Background');
  const left = content();
  if (left.length === 0) {
    take(context.state, namespaceKind, { ...namespace, spec: {} });
    return;
  }
  const kinds = [
    ...new Set(left.map(({ kind }) => `${kind.plural}.${kind.group} has ${left.length} resource instances`)),
  ];
  const condition = {
    type: 'NamespaceContentRemaining',
    status: 'True',
    reason: 'SomeResourcesRemain',
    message: `Some resources are remaining: ${kinds.join(', ')}`,
  };
  const status = { phase: 'Terminating', conditions: [condition] };
  if (JSON.stringify(namespace.status) !== JSON.stringify(status))
    put(context.state, namespaceKind, { ...namespace, status });
}

function emptyDefinition(context: Context, definition: KubeObject): void {
  const kind = kindOfDefinition(definition);
  for (const found of ofKind(context, kind)) remove(context, found, 'Background');
  if (ofKind(context, kind).length === 0) release(context, definitionKind, definition, definitionFinalizer);
}

/** What a CRD looks like once its kind is served, and held until its objects are gone. */
export function established(definition: KubeObject, time: string): KubeObject {
  const spec = definition.spec as { names: object; versions: readonly { name: string; storage: boolean }[] };
  const condition = (type: string, reason: string, message: string) => ({
    type,
    status: 'True',
    lastTransitionTime: time,
    reason,
    message,
  });
  const finalizers = definition.metadata.finalizers ?? [];
  return {
    ...definition,
    metadata: {
      ...definition.metadata,
      finalizers: finalizers.includes(definitionFinalizer) ? finalizers : [...finalizers, definitionFinalizer],
    },
    status: {
      acceptedNames: spec.names,
      conditions: [
        condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
        condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
      ],
      storedVersions: spec.versions.filter(({ storage }) => storage).map(({ name }) => name),
    },
  };
}

function ofKind({ state }: Context, kind: Kind): Found[] {
  return [...objectsOf(state, kind).values()].map((object) => ({ kind, object }));
}

function dependentsOf(context: Context, uid: string): Found[] {
  return servedKinds(context.state)
    .flatMap((kind) => ofKind(context, kind))
    .filter(({ object }) => object.metadata.ownerReferences?.some((owner) => owner.uid === uid) === true);
}

function remove(context: Context, { kind, object }: Found, propagation: 'Background' | 'Foreground'): void {
  if (object.metadata.deletionTimestamp !== undefined) return;
  const { namespace = '', name } = object.metadata;
  if (!objectsOf(context.state, kind).has(`${namespace}/${name}`)) return;
  deleteObject(context, { kind, version: kind.versions[0] ?? '', namespace, name }, { propagation });
}

function disown(context: Context, { kind, object }: Found, uid: string): void {
  const ownerReferences = (object.metadata.ownerReferences ?? []).filter((owner) => owner.uid !== uid);
  const { ownerReferences: _, ...metadata } = object.metadata;
  const rest = ownerReferences.length === 0 ? metadata : { ...metadata, ownerReferences };
  put(context.state, kind, { ...object, metadata: rest });
}

function release(context: Context, kind: Kind, object: KubeObject, finalizer: string): void {
  const finalizers = (object.metadata.finalizers ?? []).filter((other) => other !== finalizer);
  const { finalizers: _, ...metadata } = object.metadata;
  if (finalizers.length === 0 && !hasContentFinalizer(object)) take(context.state, kind, { ...object, metadata });
  else
    put(context.state, kind, { ...object, metadata: finalizers.length === 0 ? metadata : { ...metadata, finalizers } });
}

function blocks(object: KubeObject, uid: string): boolean {
  const owners = object.metadata.ownerReferences ?? [];
  return owners.some(
    (owner) => owner.uid === uid && (owner as { blockOwnerDeletion?: boolean }).blockOwnerDeletion === true,
  );
}

type Owner = NonNullable<KubeObject['metadata']['ownerReferences']>[number];

/** An owner of a kind that is not served counts as there: nobody can tell. */
function exists({ state }: Context, object: KubeObject, { apiVersion, kind, name, uid }: Owner): boolean {
  const known = kindOfObject(state, groupOf(apiVersion), kind);
  if (known === null) return true;
  const namespace = known.namespaced ? (object.metadata.namespace ?? '') : '';
  const owner = objectsOf(state, known).get(`${namespace}/${name}`);
  return owner !== undefined && isMap(owner.metadata) && owner.metadata.uid === uid;
}
