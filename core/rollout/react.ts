import { FairwayError } from '../errors.ts';
import { approve } from './open-wave.ts';
import { handedTurn, move, turnOf } from './turn.ts';
import type { EndState, Member, ProgressState, Rollout } from './types.ts';

/** What happens to a rollout as a whole: a person's word, or what a decision has found. */
export type RolloutEvent =
  | { readonly type: 'pause'; readonly by: string; readonly reason: string | null }
  | { readonly type: 'resume'; readonly by: string }
  | { readonly type: 'abort'; readonly by: string; readonly reason: string | null }
  /** @param clusters null: all that have failed */
  | { readonly type: 'retry'; readonly by: string; readonly clusters: readonly string[] | null }
  | { readonly type: 'skip'; readonly by: string; readonly cluster: string; readonly reason: string | null }
  /** @param wave null: the one under way */
  | { readonly type: 'approve'; readonly by: string; readonly wave: string | null }
  /** @param to null: what was settled when it began */
  | { readonly type: 'roll-back'; readonly by: string; readonly reason: string | null }
  /** Another rollout takes its place (R2). */
  | { readonly type: 'supersede'; readonly by: string; readonly reason: string }
  /** As many clusters have failed as may (R6). */
  | { readonly type: 'threshold'; readonly reason: string }
  /** Its failed clusters take the whole budget: nothing more can happen by itself. */
  | { readonly type: 'stall'; readonly reason: string }
  /** Every wave is done. */
  | { readonly type: 'complete' }
  /** Every cluster that was moved is back, or excused. */
  | { readonly type: 'return' }
  /** The environment is declared no more. */
  | { readonly type: 'vanish' };
export type RolloutEventType = RolloutEvent['type'];

type Cell<T extends RolloutEventType> = (
  rollout: Rollout,
  event: Extract<RolloutEvent, { type: T }>,
  now: number,
) => Rollout;
type Column = { readonly [T in RolloutEventType]: Cell<T> };

/**
 * What an event makes of a rollout. The same one where the event asks for what is so already (R7).
 * @throws FairwayError `rollout-ended`, `rollout-returning`, `rollout-irreversible`, `rollout-cluster-unknown`,
 *   `rollout-cluster-not-skippable`, `rollout-nothing-to-retry`, `wave-not-found`, `wave-needs-no-approval`
 */
export function react(rollout: Rollout, event: RolloutEvent, now: number): Rollout {
  // The table has the right cell for each event, which the compiler cannot follow through the look-up.
  const cell = rolloutTable[rollout.progress.state][event.type] as Cell<RolloutEventType>;
  return cell(rollout, event, now);
}

const same = (rollout: Rollout): Rollout => rollout;

const refuseEnded = (rollout: Rollout): Rollout => {
  throw new FairwayError('rollout-ended', `The rollout has ended: it is ${rollout.progress.state}.`, {
    remedy: 'See what runs where with `fairway status`; to go back to an earlier release use `fairway rollback`.',
  });
};

const refuseReturning = (): Rollout => {
  throw new FairwayError('rollout-returning', 'The rollout gives its clusters back what was settled.', {
    remedy: 'Wait until they are back, or abort it to leave each cluster where it is.',
  });
};

const end =
  <T extends RolloutEventType>(
    state: Exclude<EndState, 'rolled-back'>,
    reasonOf: (event: Extract<RolloutEvent, { type: T }>) => string | null,
  ) =>
  (rollout: Rollout, event: Extract<RolloutEvent, { type: T }>, now: number): Rollout => ({
    ...rollout,
    wait: null,
    progress: { state, since: now, reason: reasonOf(event) },
  });

const abort = end<'abort'>('aborted', ({ by, reason }) => told(`aborted by ${by}`, reason));
const vanish = end<'vanish'>('aborted', () => 'the environment is declared no more');
const supersede = end<'supersede'>('superseded', ({ reason }) => reason);

const pause: Cell<'pause'> = (rollout, { by, reason }, now) => ({
  ...rollout,
  members: recall(rollout, now),
  progress: { state: 'paused', since: now, by, reason: told(`paused by ${by}`, reason) },
});

/** A person's pause takes the place of the hub's, and tells its reason on: failures that are mended do not end it. */
const pauseAgain: Cell<'pause'> = (rollout, event, now) => {
  const { progress } = rollout;
  if (progress.state !== 'paused' || progress.by !== 'hub') return rollout;
  const reason = `${told(`paused by ${event.by}`, event.reason)}; it had stopped before: ${progress.reason}`;
  return { ...pause(rollout, event, now), progress: { state: 'paused', since: now, by: event.by, reason } };
};

const halt = (rollout: Rollout, { reason }: { readonly reason: string }, now: number): Rollout => ({
  ...rollout,
  members: recall(rollout, now),
  progress: { state: 'paused', since: now, by: 'hub', reason },
});

/** What was not handed out is not in flight (R7): it waits for its turn anew, and the pause takes none of its time. */
function recall({ members }: Rollout, now: number): Rollout['members'] {
  return new Map(
    [...members].map(([name, member]): [string, Member] => {
      const isWaiting = member.state === 'due' || (member.state === 'updating' && member.turn.handedOutAt === null);
      return [name, isWaiting ? move(member, { state: 'due', deadline: null }, now, null) : member];
    }),
  );
}

/** It goes on in spite of the failures that are known: a person has seen them. */
const resume: Cell<'resume'> = (rollout, { by }, now) => {
  const failed = [...rollout.members].filter(([, { state }]) => state === 'failed');
  const members = new Map(rollout.members);
  for (const [name, member] of failed) {
    const next = { state: 'skipped', turn: handedTurn(member) } as const;
    members.set(name, move(member, next, now, `it failed; ${by} went on without it`));
  }
  return { ...rollout, members, progress: { state: 'running', since: now } };
};

const meetThreshold: Cell<'threshold'> = (rollout, event, now) => {
  if (rollout.strategy.onFailure === 'pause') return halt(rollout, event, now);
  if (rollout.previous !== null) return giveBack(rollout, 'hub', event.reason, now);
  return halt(
    rollout,
    { reason: `${event.reason}; nothing was settled before, so there is nothing to return to` },
    now,
  );
};

const rollBack: Cell<'roll-back'> = (rollout, { by, reason }, now) => {
  if (rollout.previous === null) {
    throw new FairwayError('rollout-irreversible', 'Nothing was settled before: there is nothing to return to.', {
      remedy: 'Abort it, or promote a release that works.',
    });
  }
  return giveBack(rollout, by, reason === null || reason === '' ? 'rolled back' : reason, now);
};

/** Those that were handed the release go back; whose turn had come and was not handed out has nothing to go back from. */
function giveBack(rollout: Rollout, by: string, reason: string, now: number): Rollout {
  const deadline = now + rollout.strategy.progressDeadline;
  const members = new Map<string, Member>();
  for (const [name, member] of rollout.members) members.set(name, goBack(member, deadline, now));
  return { ...rollout, members, progress: { state: 'rolling-back', since: now, by, reason } };
}

function goBack(member: Member, deadline: number, now: number): Member {
  if (turnOf(member) === null) return member;
  const turn = handedTurn(member);
  const back = turn === null ? null : { ...turn, back: true };
  // Who has left finds what is settled when it comes back, however much later that is.
  if (member.state === 'left') return { ...member, turn: back };
  return back === null
    ? move(member, { state: 'pending' }, now, null)
    : move(member, { state: 'returning', turn: back, deadline }, now, null);
}

/** Who took it back, and why, is told of what was taken back. */
const finishReturn: Cell<'return'> = (rollout, _event, now) =>
  rollout.progress.state === 'rolling-back'
    ? { ...rollout, wait: null, progress: { ...rollout.progress, state: 'rolled-back', since: now } }
    : rollout;

const retry: Cell<'retry'> = (rollout, { clusters }, now) => {
  const named = clusters ?? [...rollout.members].flatMap(([name, { state }]) => (state === 'failed' ? [name] : []));
  if (named.length === 0) {
    throw new FairwayError('rollout-nothing-to-retry', 'No cluster of this rollout has failed.', {
      remedy: 'Name one that was skipped, to try it again.',
    });
  }
  const members = new Map(rollout.members);
  for (const name of named) members.set(name, tryAgain(rollout, name, memberOf(rollout, name), now));
  return { ...rollout, members };
};

/** What failures had stopped goes on once they are tried again; what a person has paused stays so. */
const retryPaused: Cell<'retry'> = (rollout, event, now) => {
  const next = retry(rollout, event, now);
  const stopped = rollout.progress.state === 'paused' && rollout.progress.by === 'hub';
  return stopped ? { ...next, progress: { state: 'running', since: now } } : next;
};

function tryAgain({ strategy, wave }: Rollout, name: string, member: Member, now: number): Member {
  const again = { ...member, attempts: member.attempts + 1 };
  switch (member.state) {
    case 'failed':
    case 'skipped': {
      const turn = handedTurn(member);
      if (turn !== null) {
        const deadline = now + strategy.progressDeadline;
        return move(again, { state: 'updating', turn, deadline }, now, null);
      }
      // It was given nothing yet: it gets a turn like any other, within the budget (R3).
      return move(again, member.wave < wave ? { state: 'due', deadline: null } : { state: 'pending' }, now, null);
    }
    case 'pending':
    case 'due':
    case 'updating':
    case 'healthy':
    case 'ill':
    case 'left':
    case 'returning':
    case 'returned':
      throw new FairwayError('rollout-nothing-to-retry', `The cluster ${name} has not failed: it is ${member.state}.`, {
        field: 'clusters',
      });
  }
}

const skip: Cell<'skip'> = (rollout, { cluster, by, reason }, now) => {
  const member = memberOf(rollout, cluster);
  switch (member.state) {
    case 'skipped':
    case 'left':
      return rollout;
    case 'pending':
    case 'due':
    case 'updating':
    case 'ill':
    case 'failed': {
      const next = { state: 'skipped', turn: handedTurn(member) } as const;
      const members = new Map(rollout.members).set(cluster, move(member, next, now, told(`skipped by ${by}`, reason)));
      return { ...rollout, members };
    }
    case 'healthy':
    case 'returning':
    case 'returned':
      throw new FairwayError('rollout-cluster-not-skippable', `The cluster ${cluster} is ${member.state}.`, {
        field: 'cluster',
        remedy: 'Only a cluster that is not healthy on the release yet can be skipped.',
      });
  }
};

function memberOf({ members }: Rollout, name: string): Member {
  const member = members.get(name);
  if (member !== undefined) return member;
  throw new FairwayError('rollout-cluster-unknown', `The cluster ${name} is no part of this rollout.`, {
    field: 'cluster',
    remedy: 'List them with `fairway rollout show`.',
  });
}

function told(what: string, reason: string | null): string {
  return reason === null || reason === '' ? what : `${what}: ${reason}`;
}

/** Nothing that an ended rollout is told changes it; a person is told so, what is found by itself is not news. */
const ended: Column = {
  pause: refuseEnded,
  resume: refuseEnded,
  abort: refuseEnded,
  retry: refuseEnded,
  skip: refuseEnded,
  approve: refuseEnded,
  'roll-back': refuseEnded,
  supersede: same,
  threshold: same,
  stall: same,
  complete: same,
  return: same,
  vanish: same,
};

/** Every state and every event (R10): a cell that is missing does not compile. */
export const rolloutTable: { readonly [S in ProgressState]: Column } = {
  running: {
    pause,
    resume: same,
    abort,
    retry,
    skip,
    approve,
    'roll-back': rollBack,
    supersede,
    threshold: meetThreshold,
    stall: halt,
    complete: end('completed', () => null),
    return: same,
    vanish,
  },
  paused: {
    pause: pauseAgain,
    resume,
    abort,
    retry: retryPaused,
    skip,
    approve,
    'roll-back': rollBack,
    supersede,
    threshold: same,
    stall: same,
    complete: same,
    return: same,
    vanish,
  },
  'rolling-back': {
    pause: refuseReturning,
    resume: refuseReturning,
    abort,
    retry: refuseReturning,
    skip: refuseReturning,
    approve: refuseReturning,
    'roll-back': same,
    supersede,
    threshold: same,
    stall: same,
    complete: same,
    return: finishReturn,
    vanish,
  },
  completed: ended,
  aborted: { ...ended, abort: same },
  superseded: ended,
  'rolled-back': { ...ended, 'roll-back': same },
};
