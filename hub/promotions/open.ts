import type { Transaction } from 'kysely';
import type { OpenStep } from '../../core/promotion/steps.ts';
import type { PromotionWorld } from '../../core/promotion/world.ts';
import type { Schema } from '../store/schema.ts';
import { type PromotionRow, recordPromotion } from './records.ts';

/** What a promotion begins with. */
export interface NewPromotion extends Omit<OpenStep, 'type'> {
  readonly application: string;
  /** The pin's revision that it is decided on; null: there is none (G10). */
  readonly pinBefore: string | null;
  /** What is settled; null: nothing. */
  readonly previous: string | null;
  readonly traceparent: string | null;
}

/** Opens a promotion that a decision asks for. */
export async function openDecided(
  transaction: Transaction<Schema>,
  world: PromotionWorld,
  step: OpenStep,
): Promise<void> {
  const { application } = world;
  const environment = world.environments.get(step.environment);
  const traceparent =
    step.origin === 'pin'
      ? await traceOfPin(transaction, application, step.environment)
      : await traceOfRelease(transaction, step.release);
  const row = await openPromotion(transaction, {
    ...step,
    application,
    pinBefore: environment?.pin?.spec.revision ?? null,
    previous: environment?.settlements.find(({ inForce }) => inForce)?.release ?? null,
    traceparent,
  });
  if (step.origin !== 'pin') return;
  await transaction
    .updateTable('pins')
    .set({ promotion: row.id })
    .where('environment', '=', step.environment)
    .where('application', '=', application)
    .execute();
}

/** Writes a promotion's row, and its ledger row. */
export async function openPromotion(transaction: Transaction<Schema>, promotion: NewPromotion): Promise<PromotionRow> {
  const { environment, application, kind, origin, state, release, previous, reason, traceparent } = promotion;
  const row = await transaction
    .insertInto('promotions')
    .values({
      ...{ environment, application, kind, origin, state, release, previous, reason, traceparent },
      source: promotion.target?.source ?? null,
      revision: promotion.target?.revision ?? null,
      pin_before: promotion.pinBefore,
      requested_by: promotion.requestedBy,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  const detail = { previous };
  const told = reason === null ? {} : { reason };
  await recordPromotion(transaction, row, { actor: promotion.requestedBy, action: 'promotion.open', detail, ...told });
  return row;
}

async function traceOfPin(transaction: Transaction<Schema>, application: string, environment: string) {
  const row = await transaction
    .selectFrom('pins')
    .select('traceparent')
    .where('environment', '=', environment)
    .where('application', '=', application)
    .executeTakeFirst();
  return row?.traceparent ?? null;
}

async function traceOfRelease(transaction: Transaction<Schema>, release: string | null) {
  if (release === null) return null;
  const row = await transaction
    .selectFrom('releases')
    .select('traceparent')
    .where('id', '=', release)
    .executeTakeFirst();
  return row?.traceparent ?? null;
}
