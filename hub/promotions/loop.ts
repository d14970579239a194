import { decidePromotions } from '../../core/promotion/decide.ts';
import { pinProblems } from '../../core/promotion/pin-problems.ts';
import type { PromotionStep } from '../../core/promotion/steps.ts';
import type { Loop } from '../queue/loops.ts';
import { replaceProblems } from '../store/problems.ts';
import { inTransaction } from '../store/transaction.ts';
import { applyStep, type Wakes, type WrittenStep } from './apply.ts';
import { checkSets } from './check-sets.ts';
import type { PromotionContext } from './context.ts';
import { noteHealth } from './load-settlements.ts';
import { type Looked, lookAtPin, lookAtPlan, nothingLooked } from './look.ts';
import { pushPins } from './push-pins.ts';
import { lockWithSets } from './records.ts';
import { loadPromotionWorld } from './world.ts';

/** So many decisions of one application follow each other at most, before others get their turn. */
const longestRun = 100;

/**
 * The `promotion` loop: releases → pins → rollouts (P1 to P7). Key: an application. It decides and writes under the
 * application's lock, one small step after the other, until nothing is left to do; what takes long, plans, signatures
 * and pushes, is done between two such transactions.
 */
export function promotionLoop(context: PromotionContext): Loop {
  const { db, now } = context;
  return {
    name: 'promotion',
    concurrency: 4,
    keys: async () => {
      const applications = db.selectFrom('applications').select('name as key');
      const keys = await applications.union(db.selectFrom('pins').select('application as key')).execute();
      return keys.map(({ key }) => key);
    },
    reconcile: async (application, { log, signal }) => {
      const looked = nothingLooked();
      while (!signal.aborted) {
        const { looks, wakeAt, wakes, written } = await decideAndWrite(context, application, looked);
        if (written > 0) log.info({ application, steps: written }, 'promotions went on');
        await wake(context, wakes);
        for (const look of looks) await lookAt(context, application, look, looked);
        if (looks.length > 0) continue;
        await pushPins(context, application, log);
        return wakeAt === null ? undefined : { again: Math.max(0, wakeAt - now()) };
      }
      return undefined;
    },
  };
}

type Look = Extract<PromotionStep, { type: 'look-at-plan' | 'look-at-pin' }>;

interface Outcome {
  readonly looks: readonly Look[];
  readonly wakeAt: number | null;
  readonly wakes: Wakes;
  /** How many steps. */
  readonly written: number;
}

function decideAndWrite(context: PromotionContext, application: string, looked: Looked): Promise<Outcome> {
  return inTransaction(context.db, async (transaction) => {
    const isLocked = await lockWithSets(transaction, application);
    const now = context.now();
    const wakes: Wakes = { rollouts: new Set(), applications: new Set() };
    if (!isLocked) return { looks: [], wakeAt: now, wakes, written: 0 };
    await noteHealth(transaction, application, now);
    let written = 0;
    for (let run = 0; run < longestRun; run++) {
      const world = await loadPromotionWorld(transaction, application, looked);
      if (world === null) break;
      const { steps: decided, wakeAt } = decidePromotions(world, now);
      const steps = await checkSets(transaction, world, decided, looked, wakes, now);
      const writes = steps.filter(isWritten);
      if (writes.length === 0) {
        await replaceProblems(transaction, `promotion:${application}`, pinProblems(world));
        return { looks: steps.filter(isLook), wakeAt, wakes, written };
      }
      for (const step of writes) await applyStep(transaction, world, step, wakes, now);
      written += writes.length;
    }
    return { looks: [], wakeAt: written === 0 ? null : now, wakes, written };
  });
}

function isLook(step: PromotionStep): step is Look {
  return step.type === 'look-at-plan' || step.type === 'look-at-pin';
}

function isWritten(step: PromotionStep): step is WrittenStep {
  return !isLook(step);
}

function lookAt(context: PromotionContext, application: string, look: Look, looked: Looked): Promise<void> {
  return look.type === 'look-at-plan'
    ? lookAtPlan(context, look.promotion, looked)
    : lookAtPin(context, application, look.environment, looked);
}

async function wake({ loops }: PromotionContext, { rollouts, applications }: Wakes): Promise<void> {
  await Promise.all([
    ...[...rollouts].map((rollout) => loops.wake('rollout', String(rollout))),
    ...[...applications].map((application) => loops.wake('promotion', application)),
  ]);
}
