import { errorOfAnswer } from '../../agent/kube/errors.ts';
import type { Kube, NamespacedName, Resource, WatchEvent } from '../../agent/kube/port.ts';
import { fieldManager, type KubeObject, type ObjectRef } from '../../core/objects/object.ts';
import { ApiError } from '../../sandbox/api/error.ts';
import type { Kind } from '../../sandbox/kinds/kind.ts';
import type { Target } from '../../sandbox/store/context.ts';
import type { StoreEvent } from '../../sandbox/store/watch.ts';
import type { Store } from '../../sandbox/store.ts';

/**
 * The agent's view of a sandbox's store, without HTTP: for thousands of clusters in one process. Objects come as the
 * store holds them, frozen. Whom a call impersonates makes no difference here.
 */
export function sandboxKube(store: Store): Kube {
  return {
    version: async () => 'v1.32.4+sandbox',

    async resourceOf(group, name, version) {
      const kind = store.kinds().find((candidate) => candidate.group === group && candidate.kind === name);
      return kind === undefined ? null : resourceOf(kind, version);
    },

    resources: async () => store.kinds().map((kind) => resourceOf(kind)),

    get: async (resource, name) => asked(resource, name, () => store.get(targetOf(store, resource, name))),

    async list(resource, { namespace = '', labelSelector = '', metadataOnly = false }) {
      const found = asked(resource, nowhere, () => {
        const { kind } = targetOf(store, resource, nowhere);
        return store.list(kind, { namespace, labelSelector });
      });
      return {
        items: metadataOnly ? found.items.map(metadataOf) : found.items,
        resourceVersion: found.resourceVersion,
      };
    },

    async apply(resource, object, { dryRun = false, force = false }) {
      const name = { namespace: object.metadata.namespace ?? '', name: object.metadata.name };
      const options = { fieldManager, dryRun, force, fieldValidation: 'Strict' } as const;
      return asked(resource, name, () => store.apply(targetOf(store, resource, name), object, options));
    },

    async replaceOwners(resource, name, { managedFields, resourceVersion }) {
      const value = { metadata: { managedFields, resourceVersion } };
      asked(resource, name, () =>
        store.patch(targetOf(store, resource, name), { type: 'merge', value }, { fieldManager }),
      );
    },

    async delete(resource, name, { propagation = 'Background', uid } = {}) {
      try {
        store.delete(targetOf(store, resource, name), { propagation, ...(uid === undefined ? {} : { uid }) });
        return true;
      } catch (error) {
        if (error instanceof ApiError && error.code === 404) return false;
        throw kubeError(error, resource, name);
      }
    },

    logs: async () => '',

    async watch(resource, { resourceVersion, labelSelector = '', signal }, onEvent) {
      if (signal.aborted) return;
      const tell = later(onEvent, signal);
      const watch = asked(resource, nowhere, () =>
        store.watch(targetOf(store, resource, nowhere).kind, { resourceVersion, labelSelector }, tell),
      );
      for (const event of watch.first) tell(event);
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      watch.stop();
    },
  };
}

const nowhere: NamespacedName = { namespace: '', name: '' };

/** Events reach the agent after the call that caused them, as over a connection. */
function later(onEvent: (event: WatchEvent) => void, signal: AbortSignal): (event: StoreEvent) => void {
  return ({ type, object }) => {
    const event: WatchEvent = { type: type.toLowerCase() as 'added' | 'modified' | 'deleted', object };
    queueMicrotask(() => {
      if (!signal.aborted) onEvent(event);
    });
  };
}

function resourceOf(kind: Kind, wanted?: string): Resource {
  const version = wanted !== undefined && kind.versions.includes(wanted) ? wanted : (kind.versions[0] ?? '');
  return { group: kind.group, version, kind: kind.kind, plural: kind.plural, namespaced: kind.namespaced };
}

/** @throws ApiError 404 where the kind is not served */
function targetOf(store: Store, { group, version, plural }: Resource, { namespace, name }: NamespacedName): Target {
  const kind = store.kindOf(group, version, plural);
  if (kind === null) throw new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});
  return { kind, version, namespace: kind.namespaced ? namespace : '', name };
}

function metadataOf({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  return { apiVersion, kind, metadata };
}

function asked<T>(resource: Resource, name: NamespacedName, ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    throw kubeError(error, resource, name);
  }
}

function kubeError(error: unknown, { group, kind }: Resource, { namespace, name }: NamespacedName): unknown {
  const ref: ObjectRef | null = name === '' ? null : { group, kind, namespace, name };
  return error instanceof ApiError ? errorOfAnswer(error.code, JSON.stringify(error.body), ref) : error;
}
