import { begin } from './begin.ts';
import { decide } from './decide.ts';
import { type RolloutEvent, react } from './react.ts';
import type { StrategyChoice } from './strategy.ts';
import { turnOf } from './turn.ts';
import type { Decision, Facts, Observed, Rollout } from './types.ts';

/** A small world around one rollout, in which random things happen to it in an order that can be told again. */

export type Happening =
  /** Time passes. */
  | { readonly type: 'pass'; readonly milliseconds: number }
  /** The agent of a cluster does what it can: applies what it was handed, well or ill. */
  | { readonly type: 'apply'; readonly cluster: number; readonly well: boolean }
  | { readonly type: 'connect' | 'disconnect' | 'cordon' | 'uncordon' | 'join' | 'leave'; readonly cluster: number }
  /** Other rollouts of the environment take places, or leave them. */
  | { readonly type: 'elsewhere'; readonly clusters: readonly number[] }
  | { readonly type: 'window' | 'drift' | 'block'; readonly on: boolean }
  /** The queue loses what it held. */
  | { readonly type: 'flush' }
  | { readonly type: 'tell'; readonly event: RolloutEvent };

interface Cluster {
  member: boolean;
  cordoned: boolean;
  silentAt: number | null;
  runs: string | null;
  well: boolean;
}

const oldRelease = 'shop@old';
const newRelease = 'shop@new';
const silence = 60_000;

interface Decided {
  readonly now: number;
  readonly before: Rollout;
  readonly observed: Observed;
  readonly decision: Decision;
}

export interface World {
  readonly now: () => number;
  readonly rollout: () => Rollout;
  /** Everything that was decided, in order. */
  readonly decisions: readonly Decided[];
  happen(happening: Happening): void;
  /** Looks once. */
  look(): Decision;
  /** From now on all goes well: agents are there, windows open, people approve and resume. Until it has ended. */
  settle(): void;
}

/** @param size clusters in the snapshot; three more may join */
export function createWorld(chosen: StrategyChoice, size: number): World {
  let now = 1_000_000;
  const clusters: Cluster[] = Array.from({ length: size + 3 }, (_, index) => ({
    member: index < size,
    cordoned: false,
    silentAt: null,
    runs: index < size ? oldRelease : null,
    well: true,
  }));
  const name = (index: number) => `c${String(index % clusters.length).padStart(2, '0')}`;
  let elsewhere = new Set<string>();
  let closedWindow: Observed['closedWindow'] = null;
  let drift: string | null = null;
  let blocked: string | null = null;
  let handing = new Set<string>();
  const snapshot = clusters.flatMap(({ member }, index) =>
    member ? [{ name: name(index), labels: { ring: String(index % 3) }, illBefore: false }] : [],
  );
  let rollout = begin({ kind: 'release', release: newRelease, previous: oldRelease, chosen, clusters: snapshot }, now);
  const decisions: Decided[] = [];

  const wantedOf = (index: number): string => {
    const member = rollout.members.get(name(index));
    const turn = member === undefined ? null : turnOf(member);
    return turn?.handedOutAt == null || turn.back ? oldRelease : newRelease;
  };
  const factsOf = (cluster: Cluster, index: number): Facts => {
    const release = cluster.cordoned && cluster.runs !== null ? cluster.runs : wantedOf(index);
    const applied = cluster.runs === release;
    const well = applied && cluster.well;
    return {
      cordoned: cluster.cordoned,
      silentAt: cluster.silentAt,
      blocked: release === newRelease ? null : blocked,
      placement: { release, removal: false, applied, well, ill: applied && !well, message: null },
    };
  };
  const observe = (): Observed => ({
    members: new Map(
      clusters.flatMap((cluster, index) => (cluster.member ? [[name(index), factsOf(cluster, index)] as const] : [])),
    ),
    elsewhere,
    closedWindow,
    drift,
  });
  const handOut = () => {
    if (rollout.progress.state !== 'running') return;
    const members = new Map(rollout.members);
    for (const cluster of handing) {
      const member = members.get(cluster);
      if (member?.state !== 'updating' || member.turn.handedOutAt !== null) continue;
      members.set(cluster, { ...member, turn: { ...member.turn, handedOutAt: now } });
    }
    handing = new Set();
    rollout = { ...rollout, members };
  };
  const look = (): Decision => {
    const observed = observe();
    const before = rollout;
    const decision = decide(before, observed, now);
    rollout = { ...decision.state, generation: before.generation + 1 };
    for (const effect of decision.effects) {
      if (effect.type === 'hand-out') for (const cluster of effect.clusters) handing.add(cluster);
    }
    decisions.push({ now, before, observed, decision });
    return decision;
  };
  const at = (index: number): Cluster => clusters[index % clusters.length] as Cluster;

  const happen = (happening: Happening): void => {
    switch (happening.type) {
      case 'pass':
        now += happening.milliseconds;
        return;
      case 'apply': {
        handOut();
        const index = happening.cluster % clusters.length;
        const cluster = at(index);
        if (cluster.silentAt !== null || cluster.cordoned) return;
        cluster.runs = wantedOf(index);
        cluster.well = happening.well;
        return;
      }
      case 'connect':
        at(happening.cluster).silentAt = null;
        return;
      case 'disconnect':
        at(happening.cluster).silentAt ??= now + silence;
        return;
      case 'cordon':
      case 'uncordon':
        at(happening.cluster).cordoned = happening.type === 'cordon';
        return;
      case 'join':
      case 'leave':
        at(happening.cluster).member = happening.type === 'join';
        return;
      case 'elsewhere':
        elsewhere = new Set(happening.clusters.map(name));
        return;
      case 'window':
        closedWindow = happening.on ? { reason: 'window mornings is closed', opens: now + 5_000_000 } : null;
        return;
      case 'drift':
        drift = happening.on ? 'drift stands on c00' : null;
        return;
      case 'block':
        blocked = happening.on ? 'database is not healthy there' : null;
        return;
      case 'flush':
        handing = new Set();
        return;
      case 'tell':
        rollout = { ...react(rollout, happening.event, now), generation: rollout.generation + 1 };
        return;
    }
  };

  const calm = () => {
    elsewhere = new Set();
    closedWindow = drift = blocked = null;
    for (const cluster of clusters) Object.assign(cluster, { cordoned: false, silentAt: null });
  };
  const help = () => {
    const { progress, wait } = rollout;
    if (progress.state === 'paused') happen({ type: 'tell', event: { type: 'resume', by: 'user:lead' } });
    if (wait?.on === 'approval') happen({ type: 'tell', event: { type: 'approve', by: 'user:lead', wave: null } });
  };

  return {
    now: () => now,
    rollout: () => rollout,
    decisions,
    happen,
    look,
    settle() {
      calm();
      for (let round = 0; round < clusters.length * 20 + 100; round++) {
        const { wakeAt } = look();
        if (
          rollout.progress.state !== 'running' &&
          rollout.progress.state !== 'paused' &&
          rollout.progress.state !== 'rolling-back'
        )
          return;
        help();
        for (const [index, { member }] of clusters.entries())
          if (member) happen({ type: 'apply', cluster: index, well: true });
        if (wakeAt !== null && round % 3 === 2) now = Math.max(now, wakeAt);
      }
      throw new Error(`it never ends: ${JSON.stringify({ ...rollout, members: [...rollout.members] }, null, 1)}`);
    },
  };
}
