import type { Sighting } from './sighting.ts';
import { handedTurn, move } from './turn.ts';
import type { Member, MemberState, Strategy } from './types.ts';

/** What a member's next state depends on beside its own state and what is seen of it. */
export interface MemberContext {
  readonly strategy: Strategy;
  readonly now: number;
  /** What its agent or the hub says of it. */
  readonly message: string | null;
  /** The generation of this decision. */
  readonly generation: number;
  /** Its wave is done, soak included: what it was given has proved itself there. */
  readonly isWaveDone: boolean;
}

type In<S extends MemberState> = Extract<Member, { state: S }>;
type Cell<S extends MemberState> = (member: In<S>, context: MemberContext) => Member;
type Row<S extends MemberState> = { readonly [W in Sighting]: Cell<S> };

/** What becomes of a member that is seen so. */
export function see(member: Member, sighting: Sighting, context: MemberContext): Member {
  // The table has the right row for each state, which the compiler cannot follow through the look-up.
  const cell = memberTable[member.state][sighting] as (member: Member, context: MemberContext) => Member;
  return cell(member, context);
}

const stay = <S extends MemberState>(member: In<S>): Member => member;

const leave = (member: Member, { now }: MemberContext): Member =>
  move(member, { state: 'left', turn: handedTurn(member) }, now, 'it is no longer a member of the environment');

const excuseCordoned = (member: Member, { now }: MemberContext): Member =>
  move(member, { state: 'skipped', turn: handedTurn(member) }, now, 'it is cordoned');

const recover = (member: In<'updating' | 'ill' | 'failed' | 'skipped'>, { now }: MemberContext): Member =>
  member.turn === null
    ? member
    : move(member, { state: member.turn.back ? 'returned' : 'healthy', turn: member.turn }, now, null);

/** It has until its deadline. */
const strive = (member: In<'updating' | 'ill' | 'returning'>, { now, message }: MemberContext): Member =>
  now < member.deadline ? note(member, message) : fail(member, now, message ?? 'it was not healthy in time');

/**
 * One that fell silent after its turn came has until its deadline too. After that policy may excuse it only where its
 * wave is done (R8): before, what it was given is the first to be suspected of having silenced it.
 */
const strain = (member: In<'updating' | 'ill'>, { strategy, now, isWaveDone }: MemberContext): Member => {
  if (now < member.deadline) return note(member, 'it cannot be reached');
  return strategy.unreachable === 'skip' && isWaveDone
    ? move(member, { state: 'skipped', turn: member.turn }, now, 'it cannot be reached')
    : fail(member, now, 'it fell silent after it was given the release');
};

/**
 * Its time runs from when it was handed the release (R5). Until the queue comes to it, it is as good as due, and cannot
 * fail for what it never got: it loses its turn where one that is due would not get it, and else keeps it.
 */
function onceHandedOut(sighting: Sighting, cell: Cell<'updating'>): Cell<'updating'> {
  return (member, context) => {
    const { strategy, now } = context;
    const { handedOutAt } = member.turn;
    if (handedOutAt !== null) {
      const deadline = Math.max(member.deadline, handedOutAt + strategy.progressDeadline);
      return cell(deadline === member.deadline ? member : { ...member, deadline }, context);
    }
    const due = see(move(member, { state: 'due', deadline: null }, now, null), sighting, context);
    if (due.state !== 'due' || due.deadline !== null) return due;
    // Its deadline is when it is asked for once more.
    const queued = now < member.deadline ? member : { ...member, deadline: now + strategy.progressDeadline };
    return note(queued, 'it is to be handed the release');
  };
}

const sicken =
  (reason: string): Cell<'healthy'> =>
  (member, { strategy, now, message }) => {
    const deadline = now + strategy.progressDeadline;
    return move(member, { state: 'ill', turn: member.turn, deadline }, now, message ?? reason);
  };

/** A member whose turn it is and that cannot be reached (R8). */
const awaitAgent: Cell<'due'> = (member, { strategy, now }) => {
  switch (strategy.unreachable) {
    case 'skip':
      return move(member, { state: 'skipped', turn: null }, now, 'it cannot be reached');
    case 'fail':
      return move(member, { state: 'failed', turn: null }, now, 'it cannot be reached');
    case 'wait':
      return hold(member, strategy, now, 'it cannot be reached');
  }
};

const awaitDependency: Cell<'due'> = (member, { strategy, now, message }) =>
  hold(member, strategy, now, message ?? 'what it depends on is not healthy there');

/** Nothing of its own keeps it: it waits for its place alone. */
const ready: Cell<'due'> = (member) =>
  member.deadline === null ? member : { ...member, deadline: null, reason: null };

/** It runs what it is to run already: it need not be made unavailable for that. */
const arrive: Cell<'due'> = (member, { now, generation }) =>
  move(member, { state: 'healthy', turn: { at: now, generation, handedOutAt: now, back: false } }, now, null);

/** It is a member again: where its turn had come it goes on, else it joins. */
const rejoin: Cell<'left'> = (member, { strategy, now }) => {
  const { turn } = member;
  if (turn === null) return move({ ...member, wave: strategy.waves.length - 1 }, { state: 'pending' }, now, null);
  const deadline = now + strategy.progressDeadline;
  return move(member, { state: turn.back ? 'returning' : 'updating', turn, deadline }, now, null);
};

const excuseReturn =
  (reason: string): Cell<'returning'> =>
  (member, { now }) =>
    move(member, { state: 'skipped', turn: member.turn }, now, reason);

/** Every state and everything that can be seen in it (R10): a cell that is missing does not compile. */
export const memberTable: { readonly [S in MemberState]: Row<S> } = {
  pending: {
    gone: leave,
    cordoned: stay,
    silent: stay,
    blocked: stay,
    busy: stay,
    ill: stay,
    well: stay,
  },
  due: {
    gone: leave,
    cordoned: excuseCordoned,
    silent: awaitAgent,
    blocked: awaitDependency,
    busy: ready,
    ill: ready,
    well: arrive,
  },
  updating: {
    gone: leave,
    cordoned: excuseCordoned,
    silent: onceHandedOut('silent', strain),
    blocked: onceHandedOut('blocked', strive),
    busy: onceHandedOut('busy', strive),
    ill: onceHandedOut('ill', strive),
    well: onceHandedOut('well', recover),
  },
  healthy: {
    gone: leave,
    cordoned: excuseCordoned,
    silent: sicken('it cannot be reached'),
    blocked: sicken('it does not run the release any more'),
    busy: sicken('it is not healthy any more'),
    ill: sicken('it fell ill'),
    well: stay,
  },
  ill: {
    gone: leave,
    cordoned: excuseCordoned,
    silent: strain,
    blocked: strive,
    busy: strive,
    ill: strive,
    well: recover,
  },
  failed: {
    gone: leave,
    cordoned: stay,
    silent: stay,
    blocked: stay,
    busy: stay,
    ill: stay,
    well: recover,
  },
  skipped: {
    gone: leave,
    cordoned: stay,
    silent: stay,
    blocked: stay,
    busy: stay,
    ill: stay,
    well: recover,
  },
  left: {
    gone: stay,
    cordoned: rejoin,
    silent: rejoin,
    blocked: rejoin,
    busy: rejoin,
    ill: rejoin,
    well: rejoin,
  },
  returning: {
    gone: leave,
    cordoned: excuseReturn('it is cordoned, and returns once it is not'),
    silent: excuseReturn('it cannot be reached, and returns once it can'),
    blocked: strive,
    busy: strive,
    ill: strive,
    well: (member, { now }) => move(member, { state: 'returned', turn: member.turn }, now, null),
  },
  returned: {
    gone: leave,
    cordoned: stay,
    silent: stay,
    blocked: stay,
    busy: stay,
    ill: stay,
    well: stay,
  },
};

function fail(member: In<'updating' | 'ill' | 'returning' | 'due'>, now: number, reason: string): Member {
  return move(member, { state: 'failed', turn: handedTurn(member) }, now, reason);
}

/** It waits in its turn, for as long as it would have to get well (R5). */
function hold(member: In<'due'>, strategy: Strategy, now: number, reason: string): Member {
  const deadline = member.deadline ?? now + strategy.progressDeadline;
  if (now >= deadline) return fail(member, now, reason);
  return member.deadline === deadline ? note(member, reason) : { ...member, deadline, reason };
}

function note<M extends Member>(member: M, reason: string | null): M {
  return member.reason === reason ? member : { ...member, reason };
}
