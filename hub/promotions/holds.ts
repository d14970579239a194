import { FairwayError } from '../../core/errors.ts';
import type { EnvironmentSpec } from '../../core/kinds/environment.ts';
import type { PinSpec } from '../../core/kinds/pin.ts';
import { holdMessage } from '../../core/promotion/commit-message.ts';
import { isSamePin } from '../../core/promotion/pin.ts';
import type { MoveKind } from '../../core/promotion/types.ts';
import { type LedgerEntry, record } from '../audit/ledger.ts';
import { fleetSource } from '../sources/decide-sources.ts';
import { inTransaction } from '../store/transaction.ts';
import type { PromotionContext } from './context.ts';
import { makePinCommit, readPinsBranch, remoteHead } from './pin-commit.ts';
import { tryPush } from './push-pins.ts';

export interface HoldCommand {
  readonly environment: string;
  readonly application: string;
  /** As the ledger names them. */
  readonly actor: string;
  readonly reason: string | null;
}

/** A commit that Git has. */
export interface PinCommit {
  /** Null: Git said so already. */
  readonly commit: string | null;
}

const attempts = 5;

/**
 * Holds a pin: no automation moves it until the hold is lifted, though the hub be rebuilt (P5). Where there is no pin,
 * as in an environment that follows the head, one is written that says what rolls out, which a hold does not undo (R2);
 * or else, what is settled.
 * @throws FairwayError `environment-not-found`, `hold-reason-missing`, `hold-nothing-settled`, `hold-removal-under-way`,
 * `pins-branch-protected`, `pins-contended`, and those of the mirror
 */
export async function setHold(context: PromotionContext, command: HoldCommand): Promise<PinCommit> {
  const { reason, actor } = command;
  if (reason === null || reason.trim() === '') {
    throw new FairwayError('hold-reason-missing', 'Who holds a pin says why.', { field: 'reason' });
  }
  await environmentOf(context, command.environment);
  const hold = { reason, by: actor };
  const standing = await standingMove(context, command);
  return movePin(context, command, 'set', (pin) => {
    if (pin !== null) return { ...pin, hold };
    if (standing === null) {
      throw new FairwayError(
        'hold-nothing-settled',
        `${command.application} has neither a pin nor anything settled in ${command.environment}.`,
        { field: 'application' },
      );
    }
    const { kind, source, revision, promotion } = standing;
    if (kind === 'removal') {
      throw new FairwayError(
        'hold-removal-under-way',
        `${command.application} is being taken away from ${command.environment}: there is no pin to hold.`,
        { field: 'application', remedy: 'Abort its rollout first; which it is, says: fairway rollout list' },
      );
    }
    return { source, revision, ...(promotion === null ? {} : { promotion: String(promotion) }), hold };
  });
}

/**
 * Lifts the hold of a pin. An environment that follows the head does so again: its pin goes.
 * @throws FairwayError `environment-not-found`, `hold-not-found`, `pins-branch-protected`, `pins-contended`, and those
 * of the mirror
 */
export async function liftHold(context: PromotionContext, command: HoldCommand): Promise<PinCommit> {
  const { promotion } = await environmentOf(context, command.environment);
  return movePin(context, command, 'lift', (pin) => {
    if (pin?.hold === undefined) {
      throw new FairwayError('hold-not-found', `${command.application} is not held in ${command.environment}.`, {
        field: 'application',
      });
    }
    const { hold: _, ...free } = pin;
    return promotion.from.length === 0 ? null : free;
  });
}

async function movePin(
  context: PromotionContext,
  { environment, application, actor, reason }: HoldCommand,
  action: 'set' | 'lift',
  change: (pin: PinSpec | null) => PinSpec | null,
): Promise<PinCommit> {
  const { pinsBranch } = context;
  const key = { environment, application };
  const mirror = await context.mirrorOf(fleetSource);
  const at = context.now();
  const subject = { actor, subject: `pin/${environment}/${application}`, environment, application };
  let isAsked = false;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const branch = await readPinsBranch(mirror, pinsBranch);
    const before = branch.pinOf(key)?.spec ?? null;
    const spec = change(before);
    if (isSamePin(spec, before)) return { commit: null };
    const message = holdMessage({ ...key, action, actor, reason });
    const commit = await makePinCommit(context, mirror, branch, [{ key, spec }], { at, message });
    // Before the push, so that a crash between it and the row that follows leaves no commit that nobody asked for.
    if (!isAsked) await note(context, { ...subject, action: 'hold.request', detail: { action, reason } });
    isAsked = true;
    const refusal = await tryPush(mirror, commit, pinsBranch);
    if (refusal === null) {
      await note(context, { ...subject, action: `hold.${action}`, commit, detail: { reason } });
      await context.loops.wake('source', fleetSource);
      return { commit };
    }
    if ((await remoteHead(mirror, pinsBranch)) !== branch.head) continue;
    const beside = `fairway/hold-${environment}-${application}`;
    const offered = (await tryPush(mirror, commit, beside, true)) === null;
    throw new FairwayError('pins-branch-protected', `${pinsBranch} does not take the hub's commit: ${refusal}`, {
      remedy: offered ? `Merge ${beside} into ${pinsBranch}.` : 'Let the hub push there.',
      details: offered ? { branch: beside } : {},
    });
  }
  throw new FairwayError('pins-contended', `The branch ${pinsBranch} moved ${attempts} times while the hub pushed.`, {
    retry: 'again',
  });
}

function note({ db }: PromotionContext, entry: LedgerEntry): Promise<void> {
  return inTransaction(db, (transaction) => record(transaction, [entry]));
}

async function environmentOf({ db }: PromotionContext, name: string): Promise<EnvironmentSpec> {
  const row = await db
    .selectFrom('declarations')
    .select('spec')
    .where('kind', '=', 'Environment')
    .where('name', '=', name)
    .executeTakeFirst();
  if (row !== undefined) return row.spec as EnvironmentSpec;
  throw new FairwayError('environment-not-found', `There is no environment ${JSON.stringify(name)}.`, {
    field: 'environment',
  });
}

/** What put there what an environment has, or is just getting, of an application. */
interface StandingMove {
  readonly kind: MoveKind;
  /** Of the release. */
  readonly source: string;
  readonly revision: string;
  /** Null: none that this database knows of. */
  readonly promotion: number | null;
}

/** The promotion that rolls out; or else the one that has settled. */
async function standingMove(
  { db }: PromotionContext,
  { environment, application }: HoldCommand,
): Promise<StandingMove | null> {
  const rolling = await db
    .selectFrom('promotions')
    .innerJoin('releases', 'releases.id', 'promotions.release')
    .select(['promotions.kind', 'releases.source', 'releases.commit as revision', 'promotions.id as promotion'])
    .where('promotions.environment', '=', environment)
    .where('promotions.application', '=', application)
    .where('promotions.state', '=', 'rolling-out')
    .executeTakeFirst();
  if (rolling !== undefined) return rolling;
  const settled = await db
    .selectFrom('settlements')
    .innerJoin('releases', 'releases.id', 'settlements.release')
    .leftJoin('rollouts', 'rollouts.id', 'settlements.rollout')
    .select(['releases.source', 'releases.commit as revision', 'rollouts.promotion'])
    .where('settlements.environment', '=', environment)
    .where('settlements.application', '=', application)
    .where('settlements.superseded_at', 'is', null)
    .executeTakeFirst();
  return settled === undefined ? null : { ...settled, kind: 'release' };
}
