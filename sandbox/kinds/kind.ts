import type { Type } from '../schema/type.ts';

/** One served kind. Kinds are shared by all stores; those of CRDs belong to the store that holds the CRD. */
export interface Kind {
  readonly group: string;
  /** The preferred one first. */
  readonly versions: readonly string[];
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  /** Has a `status` that only the subresource writes. */
  readonly status: boolean;
  /** Counts in `metadata.generation` how often what is wanted was changed. */
  readonly generation: boolean;
  readonly scale: ScalePaths | null;
  readonly type: Type;
  /** Null for a built-in kind, whose tables and defaults stand in the code. */
  readonly custom: CustomKind | null;
}

/** Where the `scale` subresource finds its parts. */
export interface ScalePaths {
  readonly spec: readonly string[];
  readonly status: readonly string[];
  readonly selector: readonly string[];
}

/** What a CRD says of its kind, beyond its names. */
interface CustomKind {
  readonly columns: readonly { readonly name: string; readonly type: string; readonly jsonPath: string }[];
  /** The OpenAPI schema that fills in defaults and refuses values. */
  readonly schema: unknown;
}

/** `deployments.apps`, `configmaps`: how errors and details name the kind. */
export function qualifiedPlural(kind: Kind): string {
  return kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`;
}

/** `Deployment.apps`, `ConfigMap` */
export function qualifiedKind(kind: Kind): string {
  return kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
}

/** `apps/v1`, `v1` */
export function apiVersionOf(kind: Kind, version = kind.versions[0] ?? ''): string {
  return kind.group === '' ? version : `${kind.group}/${version}`;
}

/** A name of the kind that is unique in its store, and the first part of the keys of its objects. */
export function kindKey(kind: { readonly group: string; readonly plural: string }): string {
  return `${kind.group}/${kind.plural}`;
}
