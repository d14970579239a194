import type { TenantBounds } from './assignment.ts';
import { matchesGlob } from './glob.ts';
import type { ObjectRef } from './object.ts';

/** An object that lies outside its tenant's bounds, and why, as a sentence (A10). */
export interface Refusal {
  readonly ref: ObjectRef;
  readonly message: string;
}

/**
 * What of an application lies outside the bounds of its tenant; none: all may be applied (A10). A denied kind beats an
 * allowed one, and what is not allowed is refused. A Namespace needs a name within the tenant's namespaces. Any other
 * cluster-scoped object lies in none of them: its kind must be allowed by its group, for `*` would let a tenant give
 * itself the rights of the whole cluster.
 */
export function refusals(refs: readonly ObjectRef[], bounds: TenantBounds): readonly Refusal[] {
  return refs.flatMap((ref) => {
    const message = refusalOf(ref, bounds);
    return message === null ? [] : [{ ref, message }];
  });
}

function refusalOf(ref: ObjectRef, bounds: TenantBounds): string | null {
  const kind = `${ref.group === '' ? 'v1' : ref.group}/${ref.kind}`;
  const denied = bounds.deny.find((pattern) => matchesKind(pattern, ref));
  if (denied !== undefined) return `tenant ${bounds.name} may not have ${kind}: ${denied} is denied`;
  const namespace = ref.group === '' && ref.kind === 'Namespace' ? ref.name : ref.namespace;
  const allowed = bounds.allow.filter((pattern) => matchesKind(pattern, ref));
  if (allowed.length === 0) return `tenant ${bounds.name} may not have ${kind}: only ${list(bounds.allow)} is allowed`;
  if (namespace === '' && allowed.every((pattern) => pattern.startsWith('*')))
    return `tenant ${bounds.name} may not have ${kind}: it belongs to no namespace, and only ${list(allowed)} allows it`;
  if (namespace !== '' && !bounds.namespaces.some((pattern) => matchesGlob(pattern, namespace)))
    return `tenant ${bounds.name} may not use namespace ${namespace}: only ${list(bounds.namespaces)} is allowed`;
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
export function impersonatedUser(bounds: TenantBounds | null): string | null {
  if (bounds?.serviceAccount == null) return null;
  return `system:serviceaccount:${bounds.serviceAccount.replace('/', ':')}`;
}

function list(patterns: readonly string[]): string {
  return patterns.length === 0 ? 'nothing' : patterns.join(', ');
}
