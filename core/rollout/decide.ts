import { isActive } from './active.ts';
import { step } from './advance.ts';
import { effectsOf } from './effects.ts';
import { see } from './members.ts';
import { react } from './react.ts';
import { isIllBefore, sightingOf, targetOf } from './sighting.ts';
import { stopsFor } from './stops.ts';
import type { Decision, Member, Observed, Rollout, RolloutWait } from './types.ts';
import { waitOf } from './wait.ts';
import { wakeAt } from './wake.ts';

/**
 * What a rollout does next, given what is seen of the world (R10). Pure and level-triggered: deciding twice on the same
 * world gives the same rollout, that very one, the second time.
 * @param now milliseconds since the epoch
 */
export function decide(before: Rollout, observed: Observed, now: number): Decision {
  if (!isActive(before)) return { state: before, effects: [], wakeAt: null };
  const moved = run(before, observed, now);
  const state = isActive(moved) ? withWait(moved, waitOf(moved, observed, now)) : moved;
  return { state, effects: effectsOf(before, state), wakeAt: isActive(state) ? wakeAt(state, observed, now) : null };
}

/** The same rollout where it waits for the same: there is nothing to write then. */
function withWait(rollout: Rollout, wait: RolloutWait | null): Rollout {
  const { wait: old } = rollout;
  const isSame =
    old?.on === wait?.on &&
    old?.reason === wait?.reason &&
    old?.since === wait?.since &&
    old?.deadline === wait?.deadline;
  return isSame ? rollout : { ...rollout, wait };
}

function run(rollout: Rollout, observed: Observed, now: number): Rollout {
  if (observed.members === null) return react(rollout, { type: 'vanish' }, now);
  let current = admit(rollout, observed.members, now);
  for (;;) {
    const before = current;
    current = go(look(before, observed, now), observed, now);
    if (current === before || !isActive(current)) return current;
  }
}

/** One step of whatever it is about; the same rollout where it waits. */
function go(rollout: Rollout, observed: Observed, now: number): Rollout {
  switch (rollout.progress.state) {
    case 'running': {
      const stop = stopsFor(rollout);
      if (stop !== null) return react(rollout, stop, now);
      const next = step(rollout, observed, now);
      if (next.wave < next.waves.length) return next;
      return react({ ...next, wave: next.waves.length - 1 }, { type: 'complete' }, now);
    }
    case 'rolling-back': {
      const isBack = [...rollout.members.values()].every(({ state }) => state !== 'returning');
      return isBack ? react(rollout, { type: 'return' }, now) : rollout;
    }
    case 'paused':
    case 'completed':
    case 'rolled-back':
    case 'aborted':
    case 'superseded':
      return rollout;
  }
}

/** Clusters that have become members join the last wave (R1). */
function admit(rollout: Rollout, facts: NonNullable<Observed['members']>, now: number): Rollout {
  const wave = rollout.waves.length - 1;
  const joined = [...facts].filter(([name]) => !rollout.members.has(name));
  if (joined.length === 0 || rollout.progress.state === 'rolling-back') return rollout;
  const members = new Map<string, Member>(rollout.members);
  for (const [name, seen] of joined) {
    const illBefore = isIllBefore(seen, now);
    members.set(name, { state: 'pending', wave, illBefore, since: now, reason: null, attempts: 0 });
  }
  return { ...rollout, members };
}

/** Looks at every member. A rollout that does not run begins nothing: whose turn it is goes on waiting (R7). */
function look(rollout: Rollout, { members: facts }: Observed, now: number): Rollout {
  const { strategy, generation, progress } = rollout;
  const changed = new Map<string, Member>();
  for (const [name, member] of rollout.members) {
    const seen = facts?.get(name);
    if (progress.state !== 'running' && member.state === 'due' && seen !== undefined) continue;
    const sighting = sightingOf(seen, targetOf(rollout, member), now);
    // Without gates nothing is waited for: whoever cannot be reached catches up.
    const isWaitedFor = strategy.gated || (sighting !== 'silent' && sighting !== 'blocked');
    const message = sighting === 'blocked' ? (seen?.blocked ?? null) : (seen?.placement?.message ?? null);
    const isWaveDone = member.wave < rollout.wave;
    const context = { strategy, now, message, generation: generation + 1, isWaveDone };
    const next = see(member, isWaitedFor || member.state !== 'due' ? sighting : 'busy', context);
    if (next !== member) changed.set(name, next);
  }
  return changed.size === 0 ? rollout : { ...rollout, members: new Map([...rollout.members, ...changed]) };
}
