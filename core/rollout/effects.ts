import { isActive } from './active.ts';
import { isUnavailable } from './budget.ts';
import { turnOf } from './turn.ts';
import type { Effect, Rollout } from './types.ts';

/** What is to be done because a rollout went from one state to another, by a decision or by a person's word. */
export function effectsOf(before: Rollout, after: Rollout): Effect[] {
  const effects: Effect[] = [];
  if (after.progress.state === 'running') effects.push(...handOuts(after));
  const isOver = isActive(before) && !isActive(after);
  const isSettled = isOver && after.progress.state === 'completed';
  if (isSettled) effects.push({ type: 'settle' });
  if (isSettled || isPlaced(before, after)) effects.push({ type: 'place' });
  if (isOver) effects.push({ type: 'report' });
  if (count(before) > count(after) || (isOver && count(after) > 0)) effects.push({ type: 'free' });
  return effects;
}

/** Of those whose turn came and that the queue has not come to yet, each generation's. */
function handOuts({ members }: Rollout): Effect[] {
  const waiting = [...members].flatMap(([name, member]) => {
    const turn = turnOf(member);
    return turn !== null && turn.handedOutAt === null && member.state === 'updating' ? [{ name, turn }] : [];
  });
  const generations = Map.groupBy(waiting, ({ turn }) => turn.generation);
  return [...generations].map(([generation, group]) => ({
    type: 'hand-out',
    generation,
    clusters: group.map(({ name }) => name),
  }));
}

/** True where members are handed out or given back by the decision itself, or have nothing left to take away. */
function isPlaced(before: Rollout, after: Rollout): boolean {
  return [...after.members].some(([name, member]) => {
    const turn = turnOf(member);
    const old = before.members.get(name);
    if (after.kind === 'removal' && member.state === 'healthy' && old?.state !== 'healthy') return true;
    const was = old === undefined ? null : turnOf(old);
    if (turn === null || turn.handedOutAt === null) return false;
    return was === null || was.handedOutAt === null || was.back !== turn.back;
  });
}

function count({ members }: Rollout): number {
  return [...members.values()].filter(isUnavailable).length;
}
