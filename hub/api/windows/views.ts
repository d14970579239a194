import { type Kysely, sql } from 'kysely';
import type { EnvironmentSpec } from '../../../core/kinds/environment.ts';
import type { WindowSpec } from '../../../core/kinds/window.ts';
import { windowState } from '../../../core/promotion/windows.ts';
import type { Window, WindowQuery } from '../../../proto/rest/windows.ts';
import { environmentVisible, type Visibility } from '../../access/visibility.ts';
import type { Schema } from '../../store/schema.ts';
import type { Slice } from '../pager.ts';

/**
 * Windows by name, and how each is at a moment (P4). A caller bound to environments sees those that one of them names.
 * @param now milliseconds since the epoch
 */
export async function listWindows(
  db: Kysely<Schema>,
  visibility: Visibility,
  { environment }: WindowQuery,
  { after, limit }: Slice,
  now: number,
): Promise<Window[]> {
  const environments = await loadNamed(db, visibility);
  const naming = (window: string) =>
    environments.filter(({ windows }) => windows.includes(window)).map(({ name }) => name);
  const bounded = visibility.environments !== null || environment !== undefined;
  const named = environments.filter(({ name }) => environment === undefined || name === environment);
  const seen = new Set(named.flatMap(({ windows }) => windows));
  let rows = db
    .selectFrom('declarations')
    .select(['name', 'spec'])
    .where('kind', '=', 'Window')
    .where(bounded ? sql<boolean>`name = any(${[...seen]}::text[])` : sql<boolean>`true`)
    .orderBy('name')
    .limit(limit);
  if (after !== null) rows = rows.where('name', '>', String(after[0]));
  return (await rows.execute()).map(({ name, spec }) => describe(name, spec as WindowSpec, naming(name), now));
}

interface NamingEnvironment {
  readonly name: string;
  readonly windows: readonly string[];
}

async function loadNamed(db: Kysely<Schema>, visibility: Visibility): Promise<NamingEnvironment[]> {
  const rows = await db
    .selectFrom('declarations')
    .select(['name', 'spec'])
    .where('kind', '=', 'Environment')
    .where(environmentVisible(visibility, 'declarations.name'))
    .orderBy('name')
    .execute();
  return rows.map(({ name, spec }) => ({ name, windows: (spec as EnvironmentSpec).promotion.windows ?? [] }));
}

function describe(name: string, spec: WindowSpec, environments: string[], now: number): Window {
  const { type, schedule, duration, timeZone, override } = spec;
  const { open, since, until } = windowState(spec, now);
  return {
    ...{ name, type, schedule, duration, timeZone, override: [...override], environments },
    on: open,
    passable: open === (type === 'allow'),
    since: textOf(since),
    until: textOf(until),
  };
}

function textOf(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
