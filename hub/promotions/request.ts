import type { Transaction } from 'kysely';
import { FairwayError } from '../../core/errors.ts';
import { list } from '../../core/names.ts';
import { requestTarget } from '../../core/promotion/request.ts';
import { lostStates } from '../../core/promotion/sets.ts';
import type { OverridableGate } from '../../core/promotion/types.ts';
import type { EnvironmentFacts, PromotionWorld, RequestedPromotion } from '../../core/promotion/world.ts';
import type { Schema } from '../store/schema.ts';
import { inTransaction } from '../store/transaction.ts';
import type { PromotionContext } from './context.ts';
import { nothingLooked } from './look.ts';
import { openPromotion } from './open.ts';
import { checkOverride, writeOverride } from './override.ts';
import { endPromotion, lockPromotions, type PromotionRow } from './records.ts';
import { loadPromotionWorld } from './world.ts';

export interface RequestPromotion {
  readonly environment: string;
  /** Several go together, in one commit (G10). */
  readonly applications: readonly string[];
  /** The id of a release; of one application alone. */
  readonly release?: string | undefined;
  /** A whole commit id; it need not be a release yet. */
  readonly revision?: string | undefined;
  /** Takes them away (G9). */
  readonly remove: boolean;
  /** As the ledger names them. */
  readonly actor: string;
  readonly role: string;
  readonly reason: string | null;
  /** Gates to open by force; needs a reason. */
  readonly override?: readonly OverridableGate[] | undefined;
}

/**
 * Asks for applications to be promoted into an environment. Without release and revision that is what has settled
 * where they come from. Who asks again for the same gets the one that is there; who asks for another one replaces what
 * waits.
 * @returns the promotions, in the order of the applications
 * @throws FairwayError `environment-not-found`, `application-not-found`, `application-not-listed`, `release-not-found`,
 * `revision-invalid`, `promotion-ambiguous`, `promotion-settled`, `promotion-under-way`, `promotion-in-set`,
 * `promotion-nothing-to-promote`, `removal-nothing-there`, `environment-follows-head`, and those of `overrideGate`
 */
export async function requestPromotion(
  context: PromotionContext,
  asked: RequestPromotion,
): Promise<readonly PromotionRow[]> {
  const applications = [...new Set(asked.applications)];
  const request = { ...asked, applications };
  checkRequest(request);
  const rows = await inTransaction(context.db, async (transaction) => {
    for (const application of applications.toSorted()) await lockPromotions(transaction, application);
    const opened: PromotionRow[] = [];
    for (const application of applications) opened.push(await open(transaction, context, request, application));
    await joinSet(transaction, opened);
    const ids = opened.map(({ id }) => id);
    return transaction.selectFrom('promotions').selectAll().where('id', 'in', ids).orderBy('id').execute();
  });
  await Promise.all(applications.map((application) => context.loops.wake('promotion', application)));
  // A commit that is no release yet is made one.
  await Promise.all(applications.map((application) => context.loops.wake('release', application)));
  return rows;
}

function checkRequest({ applications, release, revision, remove }: RequestPromotion): void {
  const ambiguous = (field: string, message: string) => new FairwayError('promotion-ambiguous', message, { field });
  if (applications.length === 0) throw ambiguous('applications', 'Name at least one application.');
  if (release !== undefined && revision !== undefined) {
    throw ambiguous('revision', 'Name a release or a revision, not both.');
  }
  if (release !== undefined && applications.length > 1) {
    throw ambiguous('release', 'A release is of one application; promote several by their revision.');
  }
  if (remove && (release !== undefined || revision !== undefined)) {
    throw ambiguous('remove', 'What is taken away has no release.');
  }
  if (revision !== undefined && !/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(revision)) {
    throw new FairwayError('revision-invalid', `${JSON.stringify(revision)} is no whole commit id.`, {
      field: 'revision',
      remedy: 'Write all of its 40 hexadecimal digits, or name a release.',
    });
  }
}

async function open(
  transaction: Transaction<Schema>,
  context: PromotionContext,
  request: RequestPromotion,
  application: string,
): Promise<PromotionRow> {
  const world = await loadPromotionWorld(transaction, application, nothingLooked(), named(request));
  if (world === null) {
    throw new FairwayError('application-not-found', `There is no application ${JSON.stringify(application)}.`, {
      field: 'applications',
    });
  }
  const environment = world.environments.get(request.environment);
  if (environment === undefined) {
    throw new FairwayError('environment-not-found', `There is no environment ${JSON.stringify(request.environment)}.`, {
      field: 'environment',
    });
  }
  const overrides = checkOverrides(request, environment, context.now());
  const row = await openAsked(transaction, context, request, world, environment);
  for (const opened of overrides) await writeOverride(transaction, row, opened, request.actor);
  return row;
}

async function openAsked(
  transaction: Transaction<Schema>,
  context: PromotionContext,
  request: RequestPromotion,
  world: PromotionWorld,
  environment: EnvironmentFacts,
): Promise<PromotionRow> {
  const { application } = world;
  const chosen = requestTarget(world, environment, request);
  const known = environment.requested;
  const isSame = known !== null && known.kind === chosen.kind && known.target?.revision === chosen.target?.revision;
  const isTogether = request.applications.length > 1;
  if (known !== null && isSame && (known.state === 'waiting' || !isTogether)) {
    if (isTogether) checkSet(request, application, known);
    return rowOf(transaction, known.id);
  }
  if (known !== null && known.state !== 'waiting') {
    throw new FairwayError('promotion-under-way', `Promotion ${known.id} of ${application} is on its way to the pin.`, {
      remedy: `Wait until it rolls out, or abort it: fairway promotion abort ${known.id}`,
    });
  }
  if (known !== null) {
    await endPromotion(transaction, known.id, 'superseded', `${request.actor} asked for another one`, context.now());
  }
  return openPromotion(transaction, {
    ...chosen,
    ...{ environment: environment.name, application, origin: 'request', state: 'waiting' },
    requestedBy: request.actor,
    reason: request.reason,
    pinBefore: environment.pin?.spec.revision ?? null,
    previous: environment.settlements.find(({ inForce }) => inForce)?.release ?? null,
    traceparent: await traceOf(transaction, chosen.release),
  });
}

/** The releases that a request names, for they may be none that anything else does. */
function named({ release, revision }: RequestPromotion) {
  return { releases: release === undefined ? [] : [release], commits: revision === undefined ? [] : [revision] };
}

function checkOverrides({ override = [], role, reason }: RequestPromotion, { windows }: EnvironmentFacts, now: number) {
  return override.map((gate) => checkOverride(windows, { gate, role, reason }, now));
}

/** Who asks for several together takes none of them out of a set that others wait in (G10). */
function checkSet(
  { applications, environment }: RequestPromotion,
  application: string,
  { id, set }: RequestedPromotion,
) {
  const others = set.filter(({ state }) => !lostStates.has(state) && state !== 'settled').map((one) => one.application);
  if (others.every((other) => applications.includes(other))) return;
  const all = [...new Set([...applications, ...others])].join(' ');
  throw new FairwayError(
    'promotion-in-set',
    `Promotion ${id} of ${application} goes in one commit with ${list(others)}.`,
    {
      field: 'applications',
      remedy: `Ask for all of them: fairway promote ${all} --to ${environment}; or give that one up: fairway promotion abort ${id}`,
    },
  );
}

async function joinSet(transaction: Transaction<Schema>, rows: readonly PromotionRow[]): Promise<void> {
  const [first] = rows;
  if (first === undefined || rows.length < 2) return;
  await transaction
    .updateTable('promotions')
    .set({ promotion_set: first.id })
    .where(
      'id',
      'in',
      rows.map(({ id }) => id),
    )
    .execute();
}

function rowOf(transaction: Transaction<Schema>, id: number): Promise<PromotionRow> {
  return transaction.selectFrom('promotions').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
}

async function traceOf(transaction: Transaction<Schema>, release: string | null): Promise<string | null> {
  if (release === null) return null;
  const row = await transaction
    .selectFrom('releases')
    .select('traceparent')
    .where('id', '=', release)
    .executeTakeFirst();
  return row?.traceparent ?? null;
}
