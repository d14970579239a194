import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../cli/program.ts';
import type { Terminal } from '../../cli/terminal.ts';
import { permissions, permissionsOf, type Role, roles } from '../../core/access.ts';

const root = resolve(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/operations.md'), 'utf8');
const rows = page.split('\n').filter((line) => line.startsWith('| '));
const cells = (row: string) =>
  row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

const silent = {} as Terminal;
const program = createProgram({ terminal: silent, environment: {}, exitCode: 0 });

describe('docs/operations.md', () => {
  it.each(['hub', 'agent'])('names every variable of the %s', (name) => {
    const command = program.commands.find((one) => one.name() === name);
    const variables = command?.options.map(({ description }) => /\((\w+)\)$/.exec(description)?.[1]) ?? [];
    expect(variables.length).toBeGreaterThan(4);
    for (const variable of variables)
      expect(
        rows.some((row) => row.startsWith(`| \`${variable}\``)),
        variable,
      ).toBe(true);
  });

  it('[T5] gives each role the permissions that it has', () => {
    const heading = rows.find((row) => row.startsWith('| permission'));
    const columns = cells(heading ?? '').slice(2);
    for (const permission of permissions) {
      const marks = cells(rows.find((row) => row.startsWith(`| \`${permission}\``)) ?? '').slice(2);
      const told = columns.flatMap((names, index) => (marks[index] === '✓' ? names.split(', ') : []));
      const able = roles.filter((role: Role) => permissionsOf[role].includes(permission));
      expect([permission, ...told.sort()]).toEqual([permission, ...[...able].sort()]);
    }
  });

  it('names no code of an error that nothing throws', () => {
    const source = ['agent', 'cli', 'core', 'hub', 'proto', 'telemetry']
      .flatMap((folder) =>
        readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
      )
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .map((file) => readFileSync(join(root, file), 'utf8'))
      .join('\n');
    const codes = [...page.matchAll(/`([a-z]+(?:-[a-z]+)+)`/g)].map(([, code = '']) => code);
    expect(codes.length).toBeGreaterThan(20);
    expect(codes.filter((code) => !source.includes(`'${code}'`))).toEqual([]);
  });
});
