import type { Rollout } from './types.ts';

/** True until it has ended. */
export function isActive({ progress }: Pick<Rollout, 'progress'>): boolean {
  return progress.state === 'running' || progress.state === 'paused' || progress.state === 'rolling-back';
}
