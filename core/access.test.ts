import { describe, expect, it } from 'vitest';
import { covers, isUnbounded, isWithin, may, permissions, permissionsOf, roles } from './access.ts';

const scope = (environments: string[], tenants: string[] = ['*']) => ({ environments, tenants });

describe('[T5] roles', () => {
  it('every permission is somebody’s, and the administrator has all', () => {
    expect(permissionsOf.admin).toEqual(permissions);
    for (const role of roles)
      expect(permissionsOf[role].every((permission) => permissions.includes(permission))).toBe(true);
  });

  it('only the administrator makes tokens, and only it and the auditor read the ledger', () => {
    const holders = (permission: (typeof permissions)[number]) =>
      roles.filter((role) => may({ actor: 'token:x', role, scope: scope(['*']) }, permission));
    expect(holders('token.manage')).toEqual(['admin']);
    expect(holders('audit.read')).toEqual(['auditor', 'admin']);
    expect(holders('cluster.write')).toEqual(['operator', 'admin']);
    expect(holders('fleet.read')).toEqual([...roles]);
  });

  it('a role covers those that can do no more', () => {
    expect(covers('admin', 'operator')).toBe(true);
    expect(covers('operator', 'viewer')).toBe(true);
    expect(covers('operator', 'auditor')).toBe(false);
  });
});

describe('[T5] scopes', () => {
  it.each([
    [scope(['dev']), scope(['*']), true],
    [scope(['dev']), scope(['dev', 'prod']), true],
    [scope(['*']), scope(['dev']), false],
    [scope(['dev', 'prod']), scope(['dev']), false],
    [scope(['dev'], ['*']), scope(['dev'], ['shop']), false],
    [scope(['dev'], ['shop']), scope(['*'], ['shop']), true],
    [scope(['*']), scope(['*']), true],
  ])('%j within %j: %s', (inner, outer, within) => {
    expect(isWithin(inner, outer)).toBe(within);
  });

  it('are unbounded only where both parts are', () => {
    expect(isUnbounded(scope(['*']))).toBe(true);
    expect(isUnbounded(scope(['*'], ['shop']))).toBe(false);
  });
});
