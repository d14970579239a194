import type { OpenStep, PromotionStep } from './steps.ts';
import type { EnvironmentFacts, PromotionWorld, RollingPromotion } from './world.ts';

/** How a promotion goes on once its rollout has ended; nothing while that goes on. */
export function settleRollout(
  world: PromotionWorld,
  environment: EnvironmentFacts,
  rolling: RollingPromotion,
): PromotionStep[] {
  const { id, kind, rollout } = rolling;
  const end = (state: 'settled' | 'rolled-back' | 'aborted' | 'superseded'): PromotionStep => ({
    ...{ type: 'end', promotion: id, state, reason: rollout.reason },
  });
  switch (rollout.state) {
    case 'running':
    case 'paused':
    case 'stopped':
    case 'rolling-back':
      return [];
    case 'completed':
      if (kind !== 'rollback') return [end('settled')];
      // Its clusters have returned; now Git is to say so (R6).
      return [...giveWay(environment), { type: 'pin', promotions: [id] }];
    case 'rolled-back': {
      const rollback = rollbackOf(world, environment, rolling);
      return rollback === null ? [end('rolled-back')] : [end('rolled-back'), ...giveWay(environment), rollback];
    }
    case 'aborted':
    case 'superseded':
      return [end(rollout.state)];
  }
}

/** True while clusters are taken back, whether by this promotion or from it. */
export function goesBack({ kind, rollout }: RollingPromotion): boolean {
  return kind === 'rollback' || rollout.state === 'rolling-back';
}

/** What was asked for meanwhile was decided on another pin than the one that a rollback writes. */
function giveWay({ requested }: EnvironmentFacts): PromotionStep[] {
  if (requested === null) return [];
  return [{ type: 'end', promotion: requested.id, state: 'superseded', reason: 'the environment was rolled back' }];
}

/**
 * After a rollout has taken its clusters back, the pin is to say what they run, and to be held there, by whoever took
 * them back and for their reason (R6). It is decided together with the end of the rollout: in between, what waits would
 * start. Null where nothing was settled before.
 */
function rollbackOf(
  { releases }: PromotionWorld,
  { name, settlements }: EnvironmentFacts,
  { release, rollout }: RollingPromotion,
): OpenStep | null {
  const settled = releases.get(settlements.find((settlement) => settlement.inForce)?.release ?? '');
  if (settled === undefined) return null;
  return {
    ...{ type: 'open', environment: name, kind: 'rollback', origin: 'rollback', state: 'pinning' },
    requestedBy: rollout.rolledBackBy ?? 'hub',
    release: settled.id,
    target: { source: settled.source, revision: settled.commit },
    reason: rollout.reason ?? `${release ?? 'the removal'} was rolled back`,
  };
}
