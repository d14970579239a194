import type { Placement } from '../../proto/rest/placements.ts';
import type { Cell } from '../table.ts';

/** What a placement is to run; one that nothing wants any more is leaving, and runs on (G9). */
export function toRun({ state, release }: Placement): Cell {
  return state === 'leaving' ? { text: 'leaving', style: 'yellow' } : release;
}

/** Why it is as it is: why it leaves, what failed, what it waits for; else how the agent finds it. */
export function says({ state, stateReason, phase, wait, message }: Placement): Cell {
  if (state === 'leaving' && stateReason !== null) return { text: `${stateReason}; it runs on`, style: 'yellow' };
  const text = wait?.reason ?? message;
  return phase === 'failed' && text !== null ? { text, style: 'red' } : text;
}
