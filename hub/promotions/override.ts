import type { Transaction } from 'kysely';
import { covers, isRole } from '../../core/access.ts';
import { FairwayError } from '../../core/errors.ts';
import { type OverridableGate, overridableGates } from '../../core/promotion/types.ts';
import { closedWindows, type NamedWindow } from '../../core/promotion/windows.ts';
import type { Schema } from '../store/schema.ts';
import { type PromotionRow, recordPromotion } from './records.ts';

/** A gate that somebody opens by force. */
export interface Override {
  readonly gate: OverridableGate;
  readonly role: string;
  readonly reason: string | null;
}

/** What that opens. */
export interface OpenedGate {
  readonly gate: OverridableGate;
  /** Of windows, which; null: the gate is the only one of its kind. */
  readonly names: readonly string[] | null;
  readonly reason: string;
}

/**
 * Whether somebody may open a gate by force (P1, P4): with a reason; and windows, those that are closed now, only by a
 * role that each of them names. One that closes later is not opened by that: nobody was asked for it.
 * @param windows those that hold the promotion back, or its rollout
 * @param now milliseconds since the epoch
 * @throws FairwayError `gate-unknown`, `override-reason-missing`, `override-forbidden`, `override-pointless`
 */
export function checkOverride(
  windows: readonly NamedWindow[],
  { gate, role, reason }: Override,
  now: number,
): OpenedGate {
  if (!overridableGates.includes(gate)) {
    throw new FairwayError('gate-unknown', `${JSON.stringify(gate)} is no gate that can be opened by force.`, {
      field: 'gate',
      remedy: `Name one of ${overridableGates.join(', ')}.`,
    });
  }
  if (reason === null || reason.trim() === '') {
    throw new FairwayError('override-reason-missing', 'Who opens a gate by force says why.', { field: 'reason' });
  }
  return { gate, names: gate === 'window' ? windowsToOpen(windows, role, now) : null, reason };
}

function windowsToOpen(windows: readonly NamedWindow[], role: string, now: number): readonly string[] {
  const closed = new Set(closedWindows(windows, now).map(({ name }) => name));
  if (closed.size === 0) {
    throw new FairwayError('override-pointless', 'No window is closed here now that could be opened by force.', {
      field: 'gate',
      remedy: 'Open it while it is closed: fairway promotion show says when that is.',
    });
  }
  for (const { name, spec } of windows) {
    if (!closed.has(name) || spec?.override.some((subject) => mayPlay(role, subject)) === true) continue;
    throw new FairwayError('override-forbidden', `The window ${name} is not opened by the role ${role}.`, {
      field: 'gate',
      remedy: `Ask somebody of ${spec?.override.join(', ') || 'a role that spec.override of the window names'}.`,
    });
  }
  return [...closed];
}

function mayPlay(role: string, subject: string): boolean {
  const asked = subject.slice('role:'.length);
  return isRole(role) && isRole(asked) && covers(role, asked);
}

/** Writes it down, with its ledger row (U1). Twice is once. */
export async function writeOverride(
  transaction: Transaction<Schema>,
  row: PromotionRow,
  { gate, names, reason }: OpenedGate,
  actor: string,
): Promise<void> {
  const inserted = await transaction
    .insertInto('overrides')
    .values((names ?? [null]).map((name) => ({ promotion: row.id, gate, name, actor, reason })))
    .onConflict((conflict) => conflict.doNothing())
    .returning('name')
    .execute();
  if (inserted.length === 0) return;
  const windows = inserted.flatMap(({ name }) => name ?? []);
  const detail = { gate, ...(windows.length === 0 ? {} : { windows }) };
  await recordPromotion(transaction, row, { actor, action: 'promotion.override', reason, detail });
}
