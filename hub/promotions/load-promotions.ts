import { type Kysely, type Selectable, sql } from 'kysely';
import type { ApplicationSpec } from '../../core/kinds/application.ts';
import type {
  ApprovalFacts,
  EnvironmentFacts,
  RequestedPromotion,
  RollingPromotion,
  RolloutFacts,
  SetMember,
} from '../../core/promotion/world.ts';
import type { Schema } from '../store/schema.ts';
import { loadAbsent } from './load-absent.ts';
import { type Checks, loadChecks, verdictsOn } from './load-checks.ts';
import type { Looked } from './look.ts';
import { loadAddresses } from './people.ts';

/** The promotions of an application in one environment. */
export type PromotionsOf = Pick<EnvironmentFacts, 'requested' | 'rolling' | 'ended'>;

/** So many that have ended are kept in view in each environment, whatever became of them. */
const kept = 10;

type Row = Selectable<Schema['promotions']>;

/** The promotions of an application, by environment. */
export async function loadPromotions(
  db: Kysely<Schema>,
  application: string,
  looked: Looked,
): Promise<ReadonlyMap<string, PromotionsOf>> {
  const rows = await db
    .selectFrom((from) =>
      from
        .selectFrom('promotions')
        .selectAll()
        .select(
          sql<number>`row_number() over (partition by environment, ended_at is null order by id desc)`.as('position'),
        )
        .where('application', '=', application)
        .as('promotions'),
    )
    .selectAll()
    .where((where) =>
      where.or([
        where('ended_at', 'is', null),
        where('position', '<=', kept),
        where('id', 'in', remembered(application)),
      ]),
    )
    .orderBy('id', 'desc')
    .execute();
  const ids = (wanted: (row: Row) => boolean) => rows.filter(wanted).map(({ id }) => id);
  const details = await loadDetails(db, rows.filter(isRequested));
  const rollouts = await loadRollouts(
    db,
    ids(({ state }) => state === 'rolling-out'),
  );
  const refused = await loadRefused(
    db,
    ids(({ state }) => state === 'rejected'),
  );

  const result = new Map<string, PromotionsOf>();
  for (const [environment, own] of Map.groupBy(rows, (row) => row.environment)) {
    const requested = own.find(isRequested);
    const rolling = own.find(({ state }) => state === 'rolling-out');
    result.set(environment, {
      requested: requested === undefined ? null : requestedFacts(requested, details, looked),
      rolling: rolling === undefined ? null : rollingFacts(rolling, rollouts),
      ended: own
        .filter(({ ended_at }) => ended_at !== null)
        .map((row) => ({ ...endedFacts(row), refused: refused.has(row.id) })),
    });
  }
  return result;
}

/**
 * Those that count however long ago they ended: whose commit the pin is (P6), what a person refused, and, as nothing
 * older is tried by itself, what was tried last and the newest that ever was (P5).
 */
function remembered(application: string) {
  return sql<number>`(
    select promotions.id from pins join promotions using (environment, application)
      where application = ${application}
        and (promotions.id = pins.promotion or promotions.id::text = pins.spec->>'promotion')
    union
    select promotion from approvals join promotions on promotions.id = promotion
      where application = ${application} and decision = 'reject'
    union
    (select distinct on (environment) id from promotions
      where application = ${application} and ended_at is not null and state <> 'superseded'
      order by environment, id desc)
    union
    (select distinct on (environment) promotions.id from promotions join releases on releases.id = release
      where promotions.application = ${application} and ended_at is not null and state not in ('superseded', 'rejected')
      order by environment, sequence desc, promotions.id desc))`;
}

type RequestedRow = Row & Pick<RequestedPromotion, 'state'>;

function isRequested<R extends Row>(row: R): row is R & RequestedRow {
  return row.state === 'waiting' || row.state === 'pinning' || row.state === 'pinned';
}

interface Details {
  readonly approvals: ReadonlyMap<number, readonly Omit<ApprovalFacts, 'address'>[]>;
  /** E-mail addresses of people. */
  readonly addresses: ReadonlyMap<string, string>;
  readonly overrides: ReadonlyMap<number, readonly Opened[]>;
  readonly checks: Checks;
  /** By release. */
  readonly specs: ReadonlyMap<string, ApplicationSpec>;
  /** By promotion: what its release depends on and clusters lack. */
  readonly absent: ReadonlyMap<number, ReadonlyMap<string, readonly string[]>>;
  readonly sets: ReadonlyMap<number, readonly SetMember[]>;
}

type Opened = Pick<Selectable<Schema['overrides']>, 'gate' | 'name'>;

/** What was opened by force: windows by their names, other gates as such. */
function openedBy(rows: readonly Opened[]): Pick<RequestedPromotion, 'overrides' | 'openedWindows'> {
  const [windows, others] = [
    rows.filter(({ gate }) => gate === 'window'),
    rows.filter(({ gate }) => gate !== 'window'),
  ];
  return {
    overrides: others.map(({ gate }) => gate as RequestedPromotion['overrides'][number]),
    openedWindows: new Set(windows.flatMap(({ name }) => name ?? [])),
  };
}

function requestedFacts(row: RequestedRow, details: Details, { plans }: Looked): RequestedPromotion {
  const { id, kind, origin, release, state, source, revision } = row;
  return {
    ...{ id, kind, origin, release, state },
    target: source === null || revision === null ? null : { source, revision },
    pinBefore: row.pin_before,
    requestedBy: row.requested_by,
    requesterAddress: details.addresses.get(row.requested_by) ?? null,
    reason: row.reason,
    since: row.created_at.getTime(),
    waits: row.waits,
    ...openedBy(details.overrides.get(id) ?? []),
    plan: plans.get(id) ?? null,
    planDigest: row.plan_digest,
    approvals: (details.approvals.get(id) ?? []).map((approval) => ({
      ...approval,
      address: details.addresses.get(approval.actor) ?? null,
    })),
    authors: row.authors,
    checks: verdictsOn(details.checks, release, row.environment),
    dependsOn: details.specs.get(release ?? '')?.dependsOn ?? [],
    absent: details.absent.get(id) ?? new Map(),
    set: (details.sets.get(row.promotion_set ?? 0) ?? []).filter(({ promotion }) => promotion !== id),
  };
}

function rollingFacts(
  { id, kind, origin, release }: Row,
  rollouts: ReadonlyMap<number, RolloutFacts>,
): RollingPromotion {
  const rollout = rollouts.get(id);
  if (rollout === undefined) throw new Error(`promotion ${id} rolls out, and has no rollout`);
  return { id, kind, origin, release, state: 'rolling-out', rollout };
}

function endedFacts({ id, kind, origin, release, state, state_reason: reason, requested_by: requestedBy }: Row) {
  return { id, kind, origin, release, state, reason, requestedBy };
}

async function loadDetails(db: Kysely<Schema>, rows: readonly RequestedRow[]): Promise<Details> {
  if (rows.length === 0) {
    const none = new Map<never, never>();
    return { approvals: none, addresses: none, overrides: none, checks: none, specs: none, absent: none, sets: none };
  }
  const ids = rows.map(({ id }) => id);
  const releases = rows.flatMap(({ release }) => (release === null ? [] : [release]));
  const approvals = await db
    .selectFrom('approvals')
    .select(['id', 'promotion', 'actor', 'role', 'plan_digest as planDigest'])
    .where('promotion', 'in', ids)
    .where('decision', '=', 'approve')
    .where('voided_at', 'is', null)
    .orderBy('id')
    .execute();
  const overrides = await db
    .selectFrom('overrides')
    .select(['promotion', 'gate', 'name'])
    .where('promotion', 'in', ids)
    .execute();
  const known = await db
    .selectFrom('releases')
    .select(['id', 'spec'])
    .where('id', '=', sql<string>`any(${releases}::text[])`)
    .execute();
  const specs = new Map(known.map(({ id, spec }) => [id, spec as ApplicationSpec]));
  const people = [...approvals.map(({ actor }) => actor), ...rows.map(({ requested_by }) => requested_by)];
  return {
    approvals: Map.groupBy(approvals, ({ promotion }) => promotion),
    addresses: await loadAddresses(db, people),
    overrides: Map.groupBy(overrides, ({ promotion }) => promotion),
    checks: await loadChecks(db, releases),
    specs,
    absent: await loadAbsentOf(db, rows, specs),
    sets: await loadSets(db, rows),
  };
}

async function loadAbsentOf(
  db: Kysely<Schema>,
  rows: readonly RequestedRow[],
  specs: ReadonlyMap<string, ApplicationSpec>,
): Promise<ReadonlyMap<number, ReadonlyMap<string, readonly string[]>>> {
  const found = new Map<number, ReadonlyMap<string, readonly string[]>>();
  for (const { id, environment, release, state } of rows) {
    const spec = specs.get(release ?? '');
    if (spec !== undefined && state !== 'pinned') found.set(id, await loadAbsent(db, environment, spec));
  }
  return found;
}

async function loadSets(
  db: Kysely<Schema>,
  rows: readonly RequestedRow[],
): Promise<ReadonlyMap<number, readonly SetMember[]>> {
  const sets = rows.flatMap(({ promotion_set }) => (promotion_set === null ? [] : [promotion_set]));
  if (sets.length === 0) return new Map();
  const members = await db
    .selectFrom('promotions')
    .select(['id', 'promotion_set', 'application', 'state', 'waits'])
    .where('promotion_set', 'in', sets)
    .orderBy('id')
    .execute();
  const facts = members.map(({ id, promotion_set, application, state, waits }) => {
    const ready = state !== 'waiting' || (waits.length > 0 && waits.every(({ gate }) => gate === 'set'));
    return { set: promotion_set ?? 0, promotion: id, application, state, ready };
  });
  return Map.groupBy(facts, ({ set }) => set);
}

async function loadRollouts(
  db: Kysely<Schema>,
  promotions: readonly number[],
): Promise<ReadonlyMap<number, RolloutFacts>> {
  if (promotions.length === 0) return new Map();
  const rows = await db
    .selectFrom('promotions')
    .innerJoin('rollouts', 'rollouts.id', 'promotions.rollout')
    .select([
      'promotions.id as promotion',
      'rollouts.id',
      'rollouts.state',
      'rollouts.state_reason',
      'rollouts.paused_by',
      'rollouts.previous',
      'rollouts.rolled_back_by as rolledBackBy',
    ])
    .where('promotions.id', 'in', promotions)
    .execute();
  return new Map(
    rows.map(({ promotion, state, state_reason: reason, paused_by, ...row }) => [
      promotion,
      { ...row, state: rolloutState(state, paused_by), reason },
    ]),
  );
}

/** @param pausedBy whoever paused it: the hub, where clusters failed, or a person */
function rolloutState(state: Selectable<Schema['rollouts']>['state'], pausedBy: string | null): RolloutFacts['state'] {
  return state === 'paused' && pausedBy === 'hub' ? 'stopped' : state;
}

/** Of promotions that were rejected, those that a person refused. */
async function loadRefused(db: Kysely<Schema>, promotions: readonly number[]): Promise<ReadonlySet<number>> {
  if (promotions.length === 0) return new Set();
  const rows = await db
    .selectFrom('approvals')
    .select('promotion')
    .distinct()
    .where('promotion', 'in', promotions)
    .where('decision', '=', 'reject')
    .execute();
  return new Set(rows.map(({ promotion }) => promotion));
}
