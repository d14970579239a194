import { broughtBy } from '../promotion/view.ts';
import type { Style } from '../terminal.ts';
import type { Snapshot } from './snapshot.ts';

/** What stands still until somebody, or some time, lets it go on. */
export interface Standing {
  /** The same for as long as it stands for the same reason. */
  readonly key: string;
  readonly text: string;
  readonly style: Style;
}

/** What a rollout waits for that is no matter of moments. */
const gates: ReadonlySet<string> = new Set(['approval', 'window', 'drift']);

/** Promotions at their gates, rollouts that have stopped or wait for a person or a time, and pins that are held. */
export function standing({ status: { promotions, rollouts, holds } }: Snapshot): readonly Standing[] {
  const waiting = promotions.items.map((promotion): Standing => {
    const { id, environment, waits } = promotion;
    const more = waits.length > 1 ? ` (and ${waits.length - 1} more)` : '';
    return {
      key: `promotion ${id} ${waits.map(({ gate, name }) => `${gate} ${name}`).join()}`,
      text: `${broughtBy(promotion)} → ${environment} waits: ${waits[0]?.reason ?? 'it is looked at'}${more}; promotion ${id}`,
      style: 'yellow',
    };
  });
  const stopped = rollouts.items.flatMap(({ id, application, release, environment, kind, state, wait }): Standing[] => {
    const isStopped = state === 'paused';
    if (wait === null || !(isStopped || gates.has(wait.on))) return [];
    const what = kind === 'removal' ? `${application} away from ${environment}` : `${release} → ${environment}`;
    const text = `${what} ${isStopped ? 'has stopped' : 'waits'}: ${wait.reason}; rollout ${id}`;
    return [{ key: `rollout ${id} ${state} ${wait.on}`, text, style: isStopped ? 'red' : 'yellow' }];
  });
  const held = holds.items.map(({ environment, application, by, reason }): Standing => {
    const text = `${application} is held in ${environment} by ${by}: ${reason}`;
    return { key: text, text, style: 'yellow' };
  });
  return [...waiting, ...stopped, ...held];
}
