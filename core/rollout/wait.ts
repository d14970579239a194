import { clusters, list } from '../names.ts';
import { shutGate } from './open-wave.ts';
import { isOpen, soakAgain } from './settled.ts';
import { isSilent } from './sighting.ts';
import type { Member, MemberState, Observed, Rollout, RolloutWait } from './types.ts';

/** What an active rollout waits for now: why, since when, and until when at most (R5). */
export function waitOf(rollout: Rollout, observed: Observed, now: number): RolloutWait | null {
  const { progress } = rollout;
  switch (progress.state) {
    case 'running':
      return waitOfWave(rollout, observed, now);
    case 'paused':
      return { on: 'pause', reason: progress.reason, since: progress.since, deadline: null };
    case 'rolling-back': {
      const back = namedIn(rollout, 'returning');
      const reason = `${clusters(back.length)} go back to ${rollout.previous}: ${list(back.map(([name]) => name))}`;
      return { on: 'return', reason, since: progress.since, deadline: earliest(back) };
    }
    case 'completed':
    case 'rolled-back':
    case 'aborted':
    case 'superseded':
      return null;
  }
}

function waitOfWave(rollout: Rollout, observed: Observed, now: number): RolloutWait | null {
  const wave = rollout.waves[rollout.wave];
  const rule = rollout.strategy.waves[rollout.wave];
  if (wave === undefined || rule === undefined) return null;
  switch (wave.progress.state) {
    case 'waiting': {
      if (isOpen(rollout, rollout.wave - 1)) return waitOfClusters(rollout, observed, now);
      const soak = soakAgain(rollout, now);
      if (soak !== null) {
        const reason = `wave ${rule.name} waits until those before it have soaked again`;
        return { on: 'soak', reason, since: soak.since, deadline: soak.until };
      }
      const gate = shutGate(rollout, observed);
      return gate === null ? null : { ...gate, since: sinceOf(rollout, gate, now) };
    }
    case 'soaking': {
      const { healthySince } = wave.progress;
      const reason = `wave ${rule.name} soaks`;
      return { on: 'soak', reason, since: healthySince, deadline: healthySince + rule.soak };
    }
    case 'rolling':
      return waitOfClusters(rollout, observed, now);
    case 'pending':
    case 'done':
      return null;
  }
}

function waitOfClusters(rollout: Rollout, observed: Observed, now: number): RolloutWait | null {
  const striving = [...namedIn(rollout, 'updating'), ...namedIn(rollout, 'ill')];
  if (striving.length > 0) {
    const reason = `${clusters(striving.length)} to become healthy: ${list(striving.map(([name]) => name))}`;
    return { on: 'progress', reason, since: oldest(striving), deadline: earliest(striving) };
  }
  if (observed.drift !== null) {
    const wait = { on: 'drift', reason: observed.drift, deadline: null } as const;
    return { ...wait, since: sinceOf(rollout, wait, now) };
  }
  const due = namedIn(rollout, 'due');
  const ready = due.filter(([, { deadline }]) => deadline === null);
  if (ready.length > 0) {
    const taken = [...observed.elsewhere].toSorted();
    const reason = `places in the budget, which other rollouts take: ${list(taken)}`;
    return { on: 'budget', reason, since: oldest(ready), deadline: null };
  }
  const [first] = due;
  if (first === undefined) return null;
  const [name, member] = first;
  const facts = observed.members?.get(name);
  const on = facts !== undefined && isSilent(facts, now) ? 'unreachable' : 'dependency';
  const others = due.length > 1 ? ` (and ${due.length - 1} more)` : '';
  return { on, reason: `${name}: ${member.reason}${others}`, since: oldest(due), deadline: earliest(due) };
}

/** What is waited for as before has been waited for since before. */
function sinceOf({ wait }: Rollout, { on, reason }: Pick<RolloutWait, 'on' | 'reason'>, now: number): number {
  return wait?.on === on && (on !== 'approval' || wait.reason === reason) ? wait.since : now;
}

type Named<S extends MemberState> = readonly [string, Extract<Member, { state: S }>];

function namedIn<S extends MemberState>({ members }: Rollout, state: S): Named<S>[] {
  return [...members].filter((entry): entry is [string, Extract<Member, { state: S }>] => entry[1].state === state);
}

function oldest(members: readonly (readonly [string, { readonly since: number }])[]): number {
  return Math.min(...members.map(([, { since }]) => since));
}

function earliest(members: readonly (readonly [string, { readonly deadline: number | null }])[]): number | null {
  const deadlines = members.flatMap(([, { deadline }]) => (deadline === null ? [] : [deadline]));
  return deadlines.length === 0 ? null : Math.min(...deadlines);
}
