import { handedTurn, turnOf } from './turn.ts';
import type { Facts, Member, PlacementFacts, Rollout } from './types.ts';

/** What is seen of one cluster, in the words that its rollout decides by. */
export type Sighting =
  /** No member of the environment any more. */
  | 'gone'
  /** Nothing new may be given to it, and it is not where the rollout wants it. */
  | 'cordoned'
  /** It cannot be reached. */
  | 'silent'
  /** What it depends on is not healthy there (R12). */
  | 'blocked'
  /** On its way, or not there yet. */
  | 'busy'
  /** It cannot be applied, or is degraded. */
  | 'ill'
  /** It runs exactly what it is to run, and is healthy. */
  | 'well';

/** What a rollout wants a cluster to run. */
export interface Target {
  readonly release: string;
  readonly removal: boolean;
}

/** What a rollout wants of a member: its release, or what was settled where it was given that back (R6). */
export function targetOf({ kind, release, previous }: Rollout, member: Member): Target {
  return turnOf(member)?.back === true && previous !== null
    ? { release: previous, removal: false }
    : { release, removal: kind === 'removal' };
}

/** @param facts undefined: it is no member any more */
export function sightingOf(facts: Facts | undefined, target: Target, now: number): Sighting {
  if (facts === undefined) return 'gone';
  const { placement } = facts;
  const isThere = isOn(placement, target);
  if (facts.cordoned && !isThere) return 'cordoned';
  if (isSilent(facts, now)) return 'silent';
  if (isThere && isWell(placement)) return 'well';
  if (isThere && placement?.ill === true) return 'ill';
  return facts.blocked !== null && !isThere ? 'blocked' : 'busy';
}

/**
 * True where a cluster is ill or silent before anything is given to it (R3).
 * @param replaced what it was to the rollout that this one takes the place of. Who was not ill before that one either
 *   may be so because of it, or of one before that: it spends of the budget now as it did then
 */
export function isIllBefore(facts: Facts, now: number, replaced?: Member): boolean {
  const isIll = isSilent(facts, now) || (facts.placement !== null && !facts.placement.well);
  return isIll && (replaced === undefined || replaced.illBefore || isExcused(replaced));
}

/** A rollout has gone on without it. */
function isExcused(member: Member): boolean {
  return (
    member.state === 'skipped' || member.state === 'left' || (member.state === 'failed' && handedTurn(member) === null)
  );
}

export function isSilent({ silentAt }: Facts, now: number): boolean {
  return silentAt !== null && silentAt <= now;
}

/** Where nothing is placed, a removal has nothing left to do. */
function isOn(placement: PlacementFacts | null, { release, removal }: Target): boolean {
  if (placement === null) return removal;
  return placement.release === release && placement.removal === removal;
}

function isWell(placement: PlacementFacts | null): boolean {
  return placement === null || placement.well;
}
