import type { Transaction } from 'kysely';
import { covers, isRole } from '../../core/access.ts';
import { FairwayError } from '../../core/errors.ts';
import { type OverridableGate, overridableGates } from '../../core/promotion/types.ts';
import { closedWindows } from '../../core/promotion/windows.ts';
import type { EnvironmentFacts } from '../../core/promotion/world.ts';
import type { Schema } from '../store/schema.ts';
import { type PromotionRow, recordPromotion } from './records.ts';

/** A gate that somebody opens by force. */
export interface Override {
  readonly gate: OverridableGate;
  readonly role: string;
  readonly reason: string | null;
}

/**
 * Whether somebody may open a gate by force (P1, P4): with a reason; and a window, only by a role that it names.
 * @param now milliseconds since the epoch
 * @throws FairwayError `gate-unknown`, `override-reason-missing`, `override-forbidden`
 */
export function checkOverride({ windows }: EnvironmentFacts, { gate, role, reason }: Override, now: number): void {
  if (!overridableGates.includes(gate)) {
    throw new FairwayError('gate-unknown', `${JSON.stringify(gate)} is no gate that can be opened by force.`, {
      field: 'gate',
      remedy: `Name one of ${overridableGates.join(', ')}.`,
    });
  }
  if (reason === null || reason.trim() === '') {
    throw new FairwayError('override-reason-missing', 'Who opens a gate by force says why.', { field: 'reason' });
  }
  if (gate !== 'window') return;
  const closed = new Set(closedWindows(windows, now).map(({ name }) => name));
  for (const { name, spec } of windows) {
    if (!closed.has(name) || spec?.override.some((subject) => mayPlay(role, subject)) === true) continue;
    throw new FairwayError('override-forbidden', `The window ${name} is not opened by the role ${role}.`, {
      field: 'gate',
      remedy: `Ask somebody of ${spec?.override.join(', ') || 'a role that spec.override of the window names'}.`,
    });
  }
}

function mayPlay(role: string, subject: string): boolean {
  const asked = subject.slice('role:'.length);
  return isRole(role) && isRole(asked) && covers(role, asked);
}

/** Writes it down, with its ledger row (U1). Twice is once. */
export async function writeOverride(
  transaction: Transaction<Schema>,
  row: PromotionRow,
  { gate, actor, reason }: { readonly gate: OverridableGate; readonly actor: string; readonly reason: string },
): Promise<void> {
  const inserted = await transaction
    .insertInto('overrides')
    .values({ promotion: row.id, gate, actor, reason })
    .onConflict((conflict) => conflict.doNothing())
    .returning('gate')
    .executeTakeFirst();
  if (inserted === undefined) return;
  await recordPromotion(transaction, row, { actor, action: 'promotion.override', reason, detail: { gate } });
}
