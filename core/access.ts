/** Who may do what. Roles are data: what each of them may do stands in one table (T5). */

export const roles = ['viewer', 'developer', 'approver', 'operator', 'auditor', 'admin'] as const;
export type Role = (typeof roles)[number];

/** True for the name of a role. */
export function isRole(name: string): name is Role {
  return (roles as readonly string[]).includes(name);
}

/** Every permission that a route can ask for. */
export const permissions = [
  'fleet.read',
  'cluster.write',
  'cluster.remove',
  'prune.approve',
  'source.write',
  'notification.write',
  'promotion.request',
  'promotion.approve',
  'promotion.override',
  'rollout.control',
  'hold.write',
  'check.report',
  'audit.read',
  'token.manage',
] as const;
export type Permission = (typeof permissions)[number];

/** What each role may do, and nothing beside it. */
export const permissionsOf: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: ['fleet.read'],
  developer: ['fleet.read', 'promotion.request', 'check.report'],
  approver: ['fleet.read', 'promotion.approve', 'prune.approve'],
  operator: [
    'fleet.read',
    'cluster.write',
    'cluster.remove',
    'prune.approve',
    'source.write',
    'notification.write',
    'promotion.request',
    'promotion.override',
    'rollout.control',
    'hold.write',
    'check.report',
  ],
  auditor: ['fleet.read', 'audit.read'],
  admin: permissions,
};

/** Where a role holds. `*` in a list: everywhere. */
export interface Scope {
  readonly environments: readonly string[];
  readonly tenants: readonly string[];
}

/** Somebody who has been recognised. */
export interface Principal {
  /** As the ledger names them: `token:NAME`. */
  readonly actor: string;
  readonly role: Role;
  readonly scope: Scope;
}

/** True where the principal's role has the permission, whatever the scope. */
export function may(principal: Principal, permission: Permission): boolean {
  return permissionsOf[principal.role].includes(permission);
}

/** True where a list of a scope names everything. */
export function isEverywhere(names: readonly string[]): boolean {
  return names.includes('*');
}

/** True where the scope is without bounds. */
export function isUnbounded(scope: Scope): boolean {
  return isEverywhere(scope.environments) && isEverywhere(scope.tenants);
}

/** True where `inner` reaches no further than `outer`: nobody hands on more than they have. */
export function isWithin(inner: Scope, outer: Scope): boolean {
  const within = (names: readonly string[], bounds: readonly string[]) =>
    isEverywhere(bounds) || names.every((name) => name !== '*' && bounds.includes(name));
  return within(inner.environments, outer.environments) && within(inner.tenants, outer.tenants);
}

/** True where a role may hand out another one: it has every permission that the other has. */
export function covers(role: Role, other: Role): boolean {
  return permissionsOf[other].every((permission) => permissionsOf[role].includes(permission));
}
