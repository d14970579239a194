import { canonicalJson, type Digest, digestOf } from './canonical.ts';
import type { KubeObject } from './objects/object.ts';
import type { ObjectSelector } from './objects/object-selector.ts';

/**
 * A release rendered for one set of variable values: everything that an agent needs to apply it. Its canonical
 * JSON is what is digested, stored once and sent (G3, G4). What the fleet decides about a placement (drift mode,
 * tenant) is not in it, but in the assignment.
 */
export interface Bundle {
  readonly application: string;
  /** For namespaced objects that name none; null: `default`. */
  readonly namespace: string | null;
  readonly conflicts: ConflictPolicy;
  readonly ignore: readonly IgnoreRule[];
  readonly health: readonly HealthRule[];
  /** In the order of their files; no two name the same object. */
  readonly objects: readonly KubeObject[];
}

/** A bundle whose encrypted objects were decrypted, as an agent holds it in memory and nowhere else (A13). */
export interface OpenedBundle extends Bundle {
  /** For each object that came encrypted, JSON pointers of the fields that did. */
  readonly sealed?: ReadonlyMap<KubeObject, readonly string[]>;
}

export type ConflictPolicy = 'yield' | 'force';

/** Fields left to another owner, written only at creation (D4). */
export interface IgnoreRule extends ObjectSelector {
  /** JSON pointers, with items of lists by their keys, and `*` for every member or item. */
  readonly fields: readonly string[];
}

/**
 * CEL expressions over `object` that say how a kind is (H1). The first of `degraded`, `suspended`, `progressing` and
 * `healthy` that holds counts; where none does it is progressing. `message` gives the sentence that says why (H2).
 */
export interface HealthRule extends ObjectSelector {
  readonly kind: string;
  readonly healthy: string;
  readonly progressing?: string;
  readonly degraded?: string;
  readonly suspended?: string;
  readonly message?: string;
}

export interface EncodedBundle {
  readonly digest: Digest;
  readonly content: Uint8Array;
}

/** The canonical bytes of a bundle, and their digest. */
export function encodeBundle(bundle: Bundle): EncodedBundle {
  const content = new TextEncoder().encode(canonicalJson(bundle));
  return { digest: digestOf(content), content };
}

/** Reads what `encodeBundle` wrote. The caller has checked the digest; the content is trusted. */
export function decodeBundle(content: Uint8Array): Bundle {
  return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(content)) as Bundle;
}
