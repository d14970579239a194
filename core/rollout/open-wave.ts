import { FairwayError } from '../errors.ts';
import type { RolloutEvent } from './react.ts';
import type { Observed, Rollout, RolloutWait } from './types.ts';

type Shut = Pick<RolloutWait, 'on' | 'reason' | 'deadline'>;

/** What keeps the wave under way from starting: a person's approval, a closed window, or drift (R4, P4); null: nothing. */
export function shutGate({ strategy, waves, wave }: Rollout, { closedWindow, drift }: Observed): Shut | null {
  const rule = strategy.waves[wave];
  if (rule?.approval === true && waves[wave]?.approval == null) {
    return { on: 'approval', reason: `wave ${rule.name} waits for its approval`, deadline: null };
  }
  if (closedWindow !== null) return { on: 'window', reason: closedWindow.reason, deadline: closedWindow.opens };
  return drift === null ? null : { on: 'drift', reason: drift, deadline: null };
}

/**
 * A person opens a wave's gate, beforehand too. Twice is once (R7).
 * @throws FairwayError `wave-not-found`, `wave-needs-no-approval`
 */
export function approve(rollout: Rollout, event: Extract<RolloutEvent, { type: 'approve' }>, now: number): Rollout {
  const position =
    event.wave === null ? rollout.wave : rollout.strategy.waves.findIndex(({ name }) => name === event.wave);
  const rule = rollout.strategy.waves[position];
  const wave = rollout.waves[position];
  if (rule === undefined || wave === undefined) {
    throw new FairwayError('wave-not-found', `The rollout has no wave ${event.wave}.`, {
      field: 'wave',
      remedy: `It has ${rollout.strategy.waves.map(({ name }) => name).join(', ')}.`,
    });
  }
  if (!rule.approval) {
    throw new FairwayError('wave-needs-no-approval', `Wave ${rule.name} waits for nobody's approval.`, {
      field: 'wave',
      remedy: 'See what it waits for with `fairway rollout show`.',
    });
  }
  if (wave.approval !== null) return rollout;
  return { ...rollout, waves: rollout.waves.with(position, { ...wave, approval: { by: event.by, at: now } }) };
}
