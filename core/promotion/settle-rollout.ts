import type { OpenStep, PromotionStep } from './steps.ts';
import type { EnvironmentFacts, PromotionWorld, RollingPromotion } from './world.ts';

/** How a promotion goes on once its rollout has ended; nothing while that goes on. */
export function settleRollout(
  { requested }: EnvironmentFacts,
  { id, kind, rollout }: RollingPromotion,
): PromotionStep[] {
  const end = (state: 'settled' | 'rolled-back' | 'aborted' | 'superseded'): PromotionStep[] => [
    { type: 'end', promotion: id, state, reason: rollout.reason },
  ];
  switch (rollout.state) {
    case 'running':
    case 'paused':
    case 'stopped':
      return [];
    case 'completed': {
      if (kind !== 'rollback') return end('settled');
      // Its clusters have returned; now Git is to say so (R6). What was asked for meanwhile was decided on another pin.
      const superseded: PromotionStep[] =
        requested === null
          ? []
          : [{ type: 'end', promotion: requested.id, state: 'superseded', reason: 'the environment was rolled back' }];
      return [...superseded, { type: 'pin', promotions: [id] }];
    }
    case 'rolled-back':
    case 'aborted':
    case 'superseded':
      return end(rollout.state);
  }
}

/**
 * After a rollout has taken its clusters back, the pin is to say what they run, and to be held there, by whoever took
 * them back and for their reason (R6).
 */
export function openRollback(
  { releases }: PromotionWorld,
  { name, pin, ended, settlements }: EnvironmentFacts,
): OpenStep | null {
  const [latest] = ended;
  const settled = releases.get(settlements.find((settlement) => settlement.inForce)?.release ?? '');
  if (latest?.state !== 'rolled-back' || settled === undefined || pin?.spec.revision === settled.commit) return null;
  return {
    ...{ type: 'open', environment: name, kind: 'rollback', origin: 'rollback', state: 'pinning' },
    requestedBy: latest.rolledBackBy ?? 'hub',
    release: settled.id,
    target: { source: settled.source, revision: settled.commit },
    reason: latest.reason ?? `${latest.release ?? 'the removal'} was rolled back`,
  };
}
