import type { KubeObject, ManagedFields, ObjectRef } from '../../core/objects/object.ts';

/**
 * What the agent needs of a Kubernetes API: nothing more may be done to a cluster than what stands here.
 * `client.ts` speaks it over HTTP; tests of thousands of agents put a cluster in memory behind it.
 */
export interface Kube {
  /** The server's version: `v1.30.2`. */
  version(): Promise<string>;

  /**
   * The served resource of a kind, preferring the version that `apiVersion` names. Null where the cluster does
   * not serve it; a miss is looked up anew, at most once a second, so that a CRD just created is found.
   */
  resourceOf(group: string, kind: string, version?: string): Promise<Resource | null>;

  /** Every listable and watchable resource, in its preferred version. */
  resources(): Promise<readonly Resource[]>;

  get(resource: Resource, name: NamespacedName, options?: CallOptions): Promise<KubeObject | null>;

  /** All objects that match, by pages; `resourceVersion` is where a watch goes on. */
  list(resource: Resource, options: ListOptions): Promise<ListResult>;

  /**
   * Server-side apply as manager `fairway`. `created` tells a new object from a changed one.
   * @throws KubeError `conflict` with its causes, `invalid`, `forbidden`, `not-found`, `throttled`, …
   */
  apply(resource: Resource, object: KubeObject, options: ApplyOptions): Promise<ApplyResult>;

  /**
   * Says anew who owns which field of an object, as long as it still stands at that version.
   * @throws KubeError `conflict` where it does not
   */
  replaceOwners(
    resource: Resource,
    name: NamespacedName,
    owners: { readonly managedFields: readonly ManagedFields[]; readonly resourceVersion: string },
    options?: CallOptions,
  ): Promise<void>;

  /** False where it was gone already. A `uid` that no longer fits is a `conflict`. */
  delete(resource: Resource, name: NamespacedName, options?: DeleteOptions): Promise<boolean>;

  /** The last lines that a container of a Pod has written; of its only one where none is named. */
  logs(pod: NamespacedName, options: LogOptions): Promise<string>;

  /**
   * Follows a kind from `resourceVersion` until the signal aborts or the connection ends (the promise then
   * resolves; the caller goes on from the last version that it saw).
   * @throws KubeError `gone` where the version is too old (410): list again.
   */
  watch(resource: Resource, options: WatchOptions, onEvent: (event: WatchEvent) => void): Promise<void>;
}

/** One served kind. */
export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Its name in paths: `deployments`. */
  readonly plural: string;
  readonly namespaced: boolean;
}

export interface NamespacedName {
  /** Empty for a cluster-scoped kind. */
  readonly namespace: string;
  readonly name: string;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** `system:serviceaccount:…` to impersonate (A10). */
  readonly as?: string;
}

export interface ListOptions extends CallOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  /** Only metadata, which is a tenth of the bytes. */
  readonly metadataOnly?: boolean;
}

export interface ListResult {
  readonly items: readonly KubeObject[];
  readonly resourceVersion: string;
}

export interface ApplyOptions extends CallOptions {
  readonly dryRun?: boolean;
  /** Take fields over from other managers. */
  readonly force?: boolean;
}

export interface ApplyResult {
  readonly object: KubeObject;
  readonly created: boolean;
}

export interface DeleteOptions extends CallOptions {
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan';
  readonly uid?: string;
}

export interface LogOptions extends CallOptions {
  readonly container?: string;
  readonly lines: number;
}

export interface WatchOptions {
  readonly labelSelector?: string;
  readonly resourceVersion: string;
  readonly signal: AbortSignal;
}

export type WatchEvent =
  | { readonly type: 'added' | 'modified' | 'deleted'; readonly object: KubeObject }
  /** Nothing changed up to this version. */
  | { readonly type: 'bookmark'; readonly resourceVersion: string };

/** Why a call failed, in words that the engine can act on. */
export type KubeErrorCode =
  | 'conflict' // another manager's field (causes name it), or a stale precondition
  | 'invalid' // the object is refused by schema, admission or immutability (422, 400)
  | 'forbidden' // 401, 403
  | 'not-found' // the kind, the namespace
  | 'gone' // 410
  | 'exists'
  | 'throttled' // 429 after the client's own retries
  | 'too-large' // 413
  | 'unavailable'; // no connection, 5xx, time out

export class KubeError extends Error {
  readonly code: KubeErrorCode;
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;
  /** The server's `reason`: `Invalid`, `AlreadyExists`, … */
  readonly reason: string;
  readonly causes: readonly KubeErrorCause[];
  readonly object: ObjectRef | null;

  constructor(
    code: KubeErrorCode,
    message: string,
    detail: {
      status?: number;
      reason?: string;
      causes?: readonly KubeErrorCause[];
      object?: ObjectRef | null;
      cause?: unknown;
    } = {},
  ) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = 'KubeError';
    this.code = code;
    this.status = detail.status ?? 0;
    this.reason = detail.reason ?? '';
    this.causes = detail.causes ?? [];
    this.object = detail.object ?? null;
  }
}

/** One entry of `status.details.causes`. */
export interface KubeErrorCause {
  /** `FieldManagerConflict`, `FieldValueInvalid`, … */
  readonly reason: string;
  readonly message: string;
  /** As the server writes it: `.spec.replicas`, `spec.template.spec.containers[0].image`. */
  readonly field: string;
}
