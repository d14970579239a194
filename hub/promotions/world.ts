import { type Kysely, sql } from 'kysely';
import type { ApplicationSpec } from '../../core/kinds/application.ts';
import type { EnvironmentSpec } from '../../core/kinds/environment.ts';
import type { PinSpec } from '../../core/kinds/pin.ts';
import type { WindowSpec } from '../../core/kinds/window.ts';
import type { NamedWindow } from '../../core/promotion/windows.ts';
import type {
  EnvironmentFacts,
  PinFacts,
  PromotionWorld,
  ReleaseFacts,
  UndeclaredEnvironment,
} from '../../core/promotion/world.ts';
import { clusterLabels, labelsMatch } from '../access/labels-in-sql.ts';
import type { Schema } from '../store/schema.ts';
import { type Checks, loadChecks, verdictsOn } from './load-checks.ts';
import { loadPromotions, type PromotionsOf } from './load-promotions.ts';
import { loadSettlements } from './load-settlements.ts';
import { changeKey, type Looked } from './look.ts';

/**
 * Everything that decides the promotions of one application; null where the hub has never heard of it.
 * @param db a transaction that holds the application's lock where what is decided is then written
 * @param looked what was looked at outside of the transaction: plans, and who changed pins
 * @param asked releases and commits that are wanted beside those that the rest names
 */
export async function loadPromotionWorld(
  db: Kysely<Schema>,
  application: string,
  looked: Looked,
  asked: { readonly releases: readonly string[]; readonly commits: readonly string[] } = { releases: [], commits: [] },
): Promise<PromotionWorld | null> {
  const row = await db.selectFrom('applications').selectAll().where('name', '=', application).executeTakeFirst();
  const { environments, pinned } = await loadEnvironments(db, application);
  if (row === undefined && pinned.length === 0) return null;
  const [windows, settlements, promotions, left, populated] = [
    await loadWindows(db),
    await loadSettlements(db, application),
    await loadPromotions(db, application, looked),
    await loadLeft(db, application),
    await loadPopulated(db, environments),
  ];
  const newest = row === undefined || row.removed_at !== null ? null : row.newest_release;
  const named = new Set([
    ...asked.releases,
    ...(newest === null ? [] : [newest]),
    ...[...settlements.values()].flat().map(({ release }) => release),
    ...[...promotions.values()].flatMap(releasesOf),
  ]);
  const commits = [
    ...asked.commits,
    ...environments.flatMap(({ pin }) => (pin === null ? [] : [pin.revision])),
    ...[...promotions.values()].flatMap(({ requested }) => requested?.target?.revision ?? []),
  ];
  const releases = await loadReleases(db, application, [...named], commits);
  const checks = await loadChecks(db, [...releases.keys()]);
  const byCommit = new Map([...releases.values()].map(({ commit, id }) => [commit, id]));
  return {
    application,
    gone: row === undefined || row.removed_at !== null,
    newest,
    releases,
    environments: new Map(
      environments.map(({ name, spec, pin }): [string, EnvironmentFacts] => [
        name,
        {
          name,
          rules: spec.promotion,
          hasWaves: spec.rollout.waves !== undefined,
          hasClusters: populated.has(name),
          isLeft: left.has(name),
          windows: spec.promotion.windows.map(
            (window): NamedWindow => ({ name: window, spec: windows.get(window) ?? null }),
          ),
          pin: pin === null ? null : pinFacts(pin, byCommit, looked),
          failed: failedIn(checks, name, spec.promotion.checks),
          settlements: settlements.get(name) ?? [],
          ...(promotions.get(name) ?? { requested: null, rolling: null, ended: [] }),
        },
      ]),
    ),
    undeclared: undeclaredOf(environments, pinned, promotions),
  };
}

interface EnvironmentRow {
  readonly name: string;
  readonly spec: EnvironmentSpec;
  readonly pin: PinRow | null;
}

interface PinRow {
  readonly environment: string;
  readonly spec: unknown;
  readonly revision: string;
  readonly commit: string;
  readonly promotion: number | null;
}

/** Where something is pinned or on its way, and no environment is. */
function undeclaredOf(
  environments: readonly EnvironmentRow[],
  pinned: readonly string[],
  promotions: ReadonlyMap<string, PromotionsOf>,
): UndeclaredEnvironment[] {
  const declared = new Set(environments.map(({ name }) => name));
  const named = new Set([...pinned, ...promotions.keys()]);
  return [...named]
    .filter((name) => !declared.has(name))
    .map((environment) => {
      const { requested = null, rolling = null } = promotions.get(environment) ?? {};
      const underWay = [requested, rolling].flatMap((promotion) => promotion?.id ?? []);
      return { environment, promotions: underWay, isPinned: pinned.includes(environment) };
    });
}

/** @returns every environment that is declared, and the names of those that have a pin, declared or not */
async function loadEnvironments(
  db: Kysely<Schema>,
  application: string,
): Promise<{ readonly environments: EnvironmentRow[]; readonly pinned: readonly string[] }> {
  const declarations = await db
    .selectFrom('declarations')
    .select(['name', 'spec'])
    .where('kind', '=', 'Environment')
    .orderBy('name')
    .execute();
  const pins = await db
    .selectFrom('pins')
    .select(['environment', 'spec', 'revision', 'commit', 'promotion'])
    .where('application', '=', application)
    .execute();
  const byEnvironment = new Map(pins.map((pin) => [pin.environment, pin]));
  const environments = declarations.map(({ name, spec }) => ({
    name,
    spec: spec as EnvironmentSpec,
    pin: byEnvironment.get(name) ?? null,
  }));
  return { environments, pinned: [...byEnvironment.keys()] };
}

function pinFacts(pin: PinRow, byCommit: ReadonlyMap<string, string>, { changes }: Looked): PinFacts {
  const { environment, spec, revision, commit, promotion } = pin;
  return {
    spec: spec as PinSpec,
    commit,
    release: byCommit.get(revision) ?? null,
    promotion,
    change: changes.get(changeKey({ environment, commit })) ?? null,
  };
}

function failedIn(checks: Checks, environment: string, names: readonly string[]): ReadonlySet<string> {
  const hasFailed = (release: string) => {
    const verdicts = verdictsOn(checks, release, environment);
    return names.some((name) => verdicts.get(name)?.verdict === 'fail');
  };
  return new Set([...checks.keys()].filter(hasFailed));
}

async function loadWindows(db: Kysely<Schema>): Promise<ReadonlyMap<string, WindowSpec>> {
  const rows = await db.selectFrom('declarations').select(['name', 'spec']).where('kind', '=', 'Window').execute();
  return new Map(rows.map(({ name, spec }) => [name, spec as WindowSpec]));
}

async function loadReleases(
  db: Kysely<Schema>,
  application: string,
  ids: readonly string[],
  commits: readonly string[],
): Promise<ReadonlyMap<string, ReleaseFacts>> {
  const rows = await db
    .selectFrom('releases')
    .select(['id', 'source', 'commit', 'sequence', 'spec'])
    .where('application', '=', application)
    .where((where) =>
      where.or([
        where('id', '=', sql<string>`any(${ids}::text[])`),
        where('commit', '=', sql<string>`any(${commits}::text[])`),
      ]),
    )
    .execute();
  return new Map(
    rows.map(({ id, source, commit, sequence, spec }) => {
      const { environments, dependsOn } = spec as ApplicationSpec;
      return [id, { id, source, commit, sequence, environments, dependsOn }];
    }),
  );
}

/** The environments in which a placement of the application is leaving. */
async function loadLeft(db: Kysely<Schema>, application: string): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom('placements')
    .select('environment')
    .distinct()
    .where('application', '=', application)
    .where('state', '=', 'leaving')
    .execute();
  return new Set(rows.map(({ environment }) => environment));
}

/** The environments that a cluster belongs to. */
async function loadPopulated(
  db: Kysely<Schema>,
  environments: readonly EnvironmentRow[],
): Promise<ReadonlySet<string>> {
  if (environments.length === 0) return new Set();
  const each = environments.map(
    ({ name, spec }) =>
      sql`select ${name}::text as name where exists (select from clusters where clusters.state <> 'revoked' and ${labelsMatch(spec.clusters, clusterLabels)})`,
  );
  const { rows } = await sql<{ name: string }>`${sql.join(each, sql` union all `)}`.execute(db);
  return new Set(rows.map(({ name }) => name));
}

function releasesOf({ requested, rolling, ended }: PromotionsOf): string[] {
  return [
    requested?.release,
    rolling?.release,
    rolling?.rollout.previous,
    ...ended.map(({ release }) => release),
  ].filter((release) => release !== null && release !== undefined);
}
