import { budgetOf, hasPlace } from './budget.ts';
import { shutGate } from './open-wave.ts';
import { isOpen, soakAgain } from './settled.ts';
import { move } from './turn.ts';
import type { Member, Observed, Rollout, WaveProgress } from './types.ts';

/**
 * One step of the wave under way: opens it, gives clusters their turn within budget and concurrency, soaks, and goes on
 * to the next (R3, R4).
 * @returns the same rollout where it waits; with `wave` beyond the last where every wave is done
 */
export function step(rollout: Rollout, observed: Observed, now: number): Rollout {
  const wave = rollout.waves[rollout.wave];
  if (wave === undefined) return rollout;
  const { progress } = wave;
  switch (progress.state) {
    case 'pending':
    case 'waiting': {
      const isKept = isOpen(rollout, rollout.wave - 1);
      if (!isKept && !hasClusters(rollout)) return finish(rollout, null, now);
      if (isKept || soakAgain(rollout, now) !== null || shutGate(rollout, observed) !== null) {
        const waits = progress.state === 'waiting' ? rollout : inWave(rollout, { state: 'waiting' });
        return giveTurns(waits, observed, now);
      }
      return inWave(rollout, { state: 'rolling', startedAt: now });
    }
    case 'rolling': {
      const due = makeDue(rollout, now);
      if (due !== rollout) return due;
      const given = giveTurns(rollout, observed, now);
      if (given !== rollout || isOpen(rollout, rollout.wave)) return given;
      return inWave(rollout, { state: 'soaking', startedAt: progress.startedAt, healthySince: now });
    }
    case 'soaking': {
      if (isOpen(rollout, rollout.wave)) return inWave(rollout, { state: 'rolling', startedAt: progress.startedAt });
      const { soak = 0 } = rollout.strategy.waves[rollout.wave] ?? {};
      return now >= progress.healthySince + soak ? finish(rollout, progress.startedAt, now) : rollout;
    }
    case 'done':
      return finish(rollout, progress.startedAt, now);
  }
}

function hasClusters({ members, wave }: Rollout): boolean {
  return [...members.values()].some((member) => member.wave === wave && member.state !== 'left');
}

function makeDue(rollout: Rollout, now: number): Rollout {
  const { members, wave } = rollout;
  const pending = [...members].filter(([, member]) => member.wave <= wave && member.state === 'pending');
  if (pending.length === 0) return rollout;
  const next = new Map(members);
  for (const [name, member] of pending) next.set(name, move(member, { state: 'due', deadline: null }, now, null));
  return { ...rollout, members: next };
}

/** Gives their turn to those that are due, in the order of their names, while there is a place for them. */
function giveTurns(rollout: Rollout, observed: Observed, now: number): Rollout {
  if (observed.drift !== null) return rollout;
  const { members, strategy, generation } = rollout;
  const budget = budgetOf(rollout, observed);
  const underWay = updatingByWave(members);
  const given = new Map<string, Member>();
  for (const [name, member] of [...members].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (member.state !== 'due' || member.deadline !== null || !hasPlace(budget, name, member)) continue;
    const inWave = underWay.get(member.wave) ?? 0;
    if (inWave >= (strategy.waves[member.wave]?.maxConcurrent ?? Number.POSITIVE_INFINITY)) continue;
    const turn = { at: now, generation: generation + 1, handedOutAt: strategy.gated ? null : now, back: false };
    given.set(name, move(member, { state: 'updating', turn, deadline: now + strategy.progressDeadline }, now, null));
    if (!member.illBefore) budget.taken.add(name);
    underWay.set(member.wave, inWave + 1);
  }
  return given.size === 0 ? rollout : { ...rollout, members: new Map([...members, ...given]) };
}

function updatingByWave(members: Rollout['members']): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { state, wave } of members.values())
    if (state === 'updating') counts.set(wave, (counts.get(wave) ?? 0) + 1);
  return counts;
}

function finish(rollout: Rollout, startedAt: number | null, now: number): Rollout {
  return { ...inWave(rollout, { state: 'done', startedAt, endedAt: now }), wave: rollout.wave + 1 };
}

function inWave(rollout: Rollout, progress: WaveProgress): Rollout {
  const wave = rollout.waves[rollout.wave];
  if (wave === undefined) return rollout;
  return { ...rollout, waves: rollout.waves.with(rollout.wave, { ...wave, progress }) };
}
