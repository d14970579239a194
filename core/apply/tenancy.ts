import { matchesGlob } from '../glob.ts';
import type { Assignment, TenantBounds } from '../link/assignment.ts';
import { describeRef, type ObjectRef } from '../objects/object.ts';

/** What may be touched: of one tenant, or in one cluster (A10, T7). */
export interface Bounds {
  /** The beginning of a refusal: `tenant storefront may not`. */
  readonly refusal: string;
  /** Names or globs (`shop-*`). */
  readonly namespaces: readonly string[];
  /** `group/Kind`, `v1/Kind` for the core group, `*` or a glob in either place. */
  readonly allow: readonly string[];
  readonly deny: readonly string[];
  /** Whether `*` allows what belongs to no namespace too; else its group must be named. */
  readonly clusterScoped: 'by-group' | 'by-any';
}

/** An object that lies outside of bounds, and why, as a sentence (A10). */
export interface Refusal {
  readonly ref: ObjectRef;
  readonly message: string;
}

/**
 * The bounds that an assignment brings: its tenant's, and the cluster's own. Each holds by itself. For a tenant `*`
 * would reach the whole cluster, so what belongs to no namespace must be allowed by its group; a cluster that may
 * receive every namespace has no such inside to protect.
 */
export function boundsOf({ tenant, allow }: Pick<Assignment, 'tenant' | 'allow'>): readonly Bounds[] {
  const bounds: Bounds[] = [];
  if (tenant != null) {
    const { name, namespaces, allow: kinds, deny } = tenant;
    bounds.push({ refusal: `tenant ${name} may not`, namespaces, allow: kinds, deny, clusterScoped: 'by-group' });
  }
  if (allow != null) {
    const { namespaces, kinds } = allow;
    const clusterScoped = namespaces.includes('*') ? 'by-any' : 'by-group';
    bounds.push({ refusal: 'this cluster may not', namespaces, allow: kinds, deny: [], clusterScoped });
  }
  return bounds;
}

/** What of an application lies outside of any of the bounds; none: all may be applied (A10). */
export function refusals(refs: readonly ObjectRef[], bounds: readonly Bounds[]): readonly Refusal[] {
  return refs.flatMap((ref) => {
    const message = refusalOf(ref, bounds);
    return message === null ? [] : [{ ref, message: `${describeRef(ref)}: ${message}` }];
  });
}

/**
 * Why one object lies outside of the bounds; null where it lies within all of them. A denied kind beats an allowed
 * one, and what is not allowed is refused. A Namespace needs a name within the bounds' namespaces (A10).
 */
export function refusalOf(ref: ObjectRef, bounds: readonly Bounds[]): string | null {
  for (const each of bounds) {
    const message = refusalBy(each, ref);
    if (message !== null) return message;
  }
  return null;
}

function refusalBy({ refusal, namespaces, allow, deny, clusterScoped }: Bounds, ref: ObjectRef): string | null {
  const kind = `${ref.group === '' ? 'v1' : ref.group}/${ref.kind}`;
  const denied = deny.find((pattern) => matchesKind(pattern, ref));
  if (denied !== undefined) return `${refusal} have ${kind}: ${denied} is denied`;
  const namespace = ref.group === '' && ref.kind === 'Namespace' ? ref.name : ref.namespace;
  const allowed = allow.filter((pattern) => matchesKind(pattern, ref));
  if (allowed.length === 0) return `${refusal} have ${kind}: only ${list(allow)} is allowed`;
  if (namespace === '' && clusterScoped === 'by-group' && allowed.every((pattern) => pattern.startsWith('*')))
    return `${refusal} have ${kind}: it belongs to no namespace, and only ${list(allowed)} allows it`;
  if (namespace !== '' && !namespaces.some((pattern) => matchesGlob(pattern, namespace)))
    return `${refusal} use namespace ${namespace}: only ${list(namespaces)} is allowed`;
  return null;
}

/** `group/Kind`, `v1/Kind` for the core group, `*` or a glob in either place; `*` alone is any kind. */
function matchesKind(pattern: string, ref: ObjectRef): boolean {
  if (pattern === '*') return true;
  const slash = pattern.lastIndexOf('/');
  const group = pattern.slice(0, Math.max(slash, 0));
  return matchesGlob(group, ref.group === '' ? 'v1' : ref.group) && matchesGlob(pattern.slice(slash + 1), ref.kind);
}

/** The user that the agent acts as for a tenant (`namespace/name` → `system:serviceaccount:…`); null: itself (A10). */
export function impersonatedUser(tenant: TenantBounds | null): string | null {
  if (tenant?.serviceAccount == null) return null;
  return `system:serviceaccount:${tenant.serviceAccount.replace('/', ':')}`;
}

function list(patterns: readonly string[]): string {
  return patterns.length === 0 ? 'nothing' : patterns.join(', ');
}
