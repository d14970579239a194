import { isActive } from '../../core/rollout/active.ts';
import { decide } from '../../core/rollout/decide.ts';
import type { Loop } from '../queue/loops.ts';
import { inTransaction } from '../store/transaction.ts';
import { applyChange, carryOut } from './apply.ts';
import { type RolloutContext, silence } from './context.ts';
import { lockRollout } from './load.ts';
import { observe } from './observe.ts';

/**
 * The `rollout` loop: load → decide → apply, in one transaction under the rollout's lock (R9, R11). Key: the id of a
 * rollout. Deciding needs nothing from outside of the database.
 */
export function rolloutLoop(context: RolloutContext): Loop {
  const { db } = context;
  return {
    name: 'rollout',
    concurrency: 4,
    keys: async () => {
      const rows = await db.selectFrom('rollouts').select('id').where('ended_at', 'is', null).execute();
      return rows.map(({ id }) => String(id));
    },
    reconcile: async (key, { log, span }) => {
      const decided = await inTransaction(db, async (transaction) => {
        const loaded = await lockRollout(transaction, Number(key));
        const { row, rollout } = loaded;
        if (!isActive(rollout)) return null;
        const now = context.now();
        const observed = await observe(transaction, row, rollout, context.silence ?? silence, now);
        const { state: after, wakeAt } = decide(rollout, observed, now);
        const effects = await applyChange(transaction, loaded, { after, actor: 'hub', observed, wakeAt }, now);
        return { row, before: rollout, after, effects, wakeAt };
      });
      if (decided === null) return undefined;
      const { row, before, after, effects, wakeAt } = decided;
      if (before.progress.state !== after.progress.state || before.wave !== after.wave) {
        const { environment, application, release, traceparent: parent } = row;
        const attributes = {
          'fairway.application': application,
          'fairway.release': release,
          'deployment.environment.name': environment,
        };
        span('rollout', { parent, attributes: { ...attributes, 'fairway.rollout.state': after.progress.state } });
        log.info(
          { rollout: row.id, environment, application, state: after.progress.state, wave: after.wave },
          'a rollout moved',
        );
      }
      await carryOut(context, row, effects);
      return wakeAt === null ? undefined : { again: Math.max(0, wakeAt - context.now()) };
    },
  };
}
