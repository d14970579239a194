import type { Kysely } from 'kysely';
import type { WindowSpec } from '../../core/kinds/window.ts';
import type { NamedWindow } from '../../core/promotion/windows.ts';
import type { Schema } from '../store/schema.ts';

/** The windows of these names, as they are declared now. */
export async function loadNamedWindows(db: Kysely<Schema>, names: readonly string[]): Promise<NamedWindow[]> {
  if (names.length === 0) return [];
  const rows = await db
    .selectFrom('declarations')
    .select(['name', 'spec'])
    .where('kind', '=', 'Window')
    .where('name', 'in', names)
    .execute();
  const specs = new Map(rows.map(({ name, spec }) => [name, spec as WindowSpec]));
  return names.map((name) => ({ name, spec: specs.get(name) ?? null }));
}

/** The windows that a person has opened by force for a promotion (P4). */
export async function loadOpenedWindows(db: Kysely<Schema>, promotion: number): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom('overrides')
    .select('name')
    .where('promotion', '=', promotion)
    .where('gate', '=', 'window')
    .execute();
  return new Set(rows.flatMap(({ name }) => name ?? []));
}
