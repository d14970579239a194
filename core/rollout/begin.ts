import type { MoveKind } from '../promotion/types.ts';
import { type Candidate, planWaves } from './plan-waves.ts';
import type { StrategyChoice } from './strategy.ts';
import type { Member, Rollout } from './types.ts';

/** A cluster of the snapshot. */
interface SnapshotCluster extends Candidate {
  /** Ill or silent now: it takes none of the budget (R3). */
  readonly illBefore: boolean;
}

export interface Beginning {
  readonly kind: MoveKind;
  readonly release: string;
  readonly previous: string | null;
  readonly chosen: StrategyChoice;
  readonly clusters: readonly SnapshotCluster[];
}

/** A rollout at its beginning: the snapshot that it keeps to, whatever is edited afterwards (R1). */
export function begin({ kind, release, previous, chosen, clusters }: Beginning, now: number): Rollout {
  const { strategy, choices } = chosen;
  const planned = planWaves(choices, clusters);
  const members = clusters.map(({ name, illBefore }): [string, Member] => {
    const wave = planned.get(name) ?? strategy.waves.length - 1;
    return [name, { state: 'pending', wave, illBefore, since: now, reason: null, attempts: 0 }];
  });
  return {
    kind,
    release,
    previous,
    strategy,
    progress: { state: 'running', since: now },
    wait: null,
    wave: 0,
    waves: strategy.waves.map(() => ({ progress: { state: 'pending' }, approval: null })),
    members: new Map(members),
    generation: 0,
  };
}
