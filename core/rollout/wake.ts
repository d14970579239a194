import { soakAgain } from './settled.ts';
import type { Member, Observed, Rollout } from './types.ts';

/** When an active rollout is to be looked at again though nothing is heard: the next moment that changes something. */
export function wakeAt(rollout: Rollout, observed: Observed, now: number): number | null {
  const { members, waves, wave, strategy, progress } = rollout;
  const times: number[] = [];
  for (const [name, member] of members) {
    // A rollout that does not run begins nothing: whose turn it is goes on waiting (R7).
    if (member.state === 'due' && progress.state !== 'running') continue;
    if ('deadline' in member && member.deadline !== null) times.push(member.deadline);
    const silentAt = observed.members?.get(name)?.silentAt ?? null;
    if (silentAt !== null && silentAt > now && isWatched(member)) times.push(silentAt);
  }
  if (progress.state === 'running') {
    const current = waves[wave]?.progress;
    if (current?.state === 'soaking') times.push(current.healthySince + (strategy.waves[wave]?.soak ?? 0));
    if (current?.state === 'waiting') {
      const later = [soakAgain(rollout, now)?.until, observed.closedWindow?.opens];
      times.push(...later.filter((time) => time != null));
    }
  }
  return times.length === 0 ? null : Math.min(...times);
}

/** Whether it matters to a member that it falls silent. */
function isWatched({ state }: Member): boolean {
  switch (state) {
    case 'due':
    case 'updating':
    case 'healthy':
    case 'ill':
    case 'returning':
      return true;
    case 'pending':
    case 'failed':
    case 'skipped':
    case 'left':
    case 'returned':
      return false;
  }
}
