import { budgetOf } from './budget.ts';
import { turnOf } from './turn.ts';
import type { Member, Observed, Rollout } from './types.ts';

/** One thing that happened to a rollout, for whoever asks afterwards. */
export interface Step {
  /** `rollout.paused`, `wave.soaking`, `cluster.updating`: what it is about, and the state that it came into. */
  readonly event: string;
  /** Its position; null: it is about the whole. */
  readonly wave: number | null;
  readonly cluster: string | null;
  readonly detail: Readonly<Record<string, string | number | null>>;
}

/**
 * The steps from one state to another, in the order in which one follows from the other: what was seen of clusters, the
 * waves that end and begin by that, the turns that these give, and what the whole comes to. A cluster that is given its
 * turn says how many places of the budget are taken then, and of how many (R3).
 */
export function stepsBetween(before: Rollout, after: Rollout, observed: Pick<Observed, 'elsewhere'>): Step[] {
  const seen: Step[] = [];
  const given: Step[] = [];
  const waves: Step[] = [];
  const whole: Step[] = [];
  const { taken, limit } = budgetOf(after, observed);
  const places = { taken: taken.size, limit: Number.isFinite(limit) ? limit : null };
  for (const [cluster, member] of after.members) {
    const old = before.members.get(cluster);
    if (old?.state === member.state) continue;
    const isGiven = isTurn(old, member);
    const detail = { reason: member.reason, ...(isGiven ? places : {}) };
    (isGiven ? given : seen).push({ event: `cluster.${member.state}`, wave: member.wave, cluster, detail });
  }
  for (const [position, { progress, approval }] of after.waves.entries()) {
    const old = before.waves[position];
    const about = { wave: position, cluster: null } as const;
    if (approval !== null && old?.approval == null) {
      waves.push({ ...about, event: 'wave.approved', detail: { by: approval.by } });
    }
    if (old?.progress.state !== progress.state) waves.push({ ...about, event: `wave.${progress.state}`, detail: {} });
  }
  const { progress } = after;
  if (before.progress.state !== progress.state) {
    const reason = 'reason' in progress ? progress.reason : null;
    whole.push({ event: `rollout.${progress.state}`, wave: null, cluster: null, detail: { reason } });
  }
  return [...seen, ...waves, ...given, ...whole];
}

function isTurn(before: Member | undefined, after: Member): boolean {
  return turnOf(after) !== null && (before === undefined || turnOf(before) === null);
}
