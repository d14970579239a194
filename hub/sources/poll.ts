import type { Logger } from 'pino';
import { FairwayError, messageOf } from '../../core/errors.ts';
import type { Mirror } from './mirror.ts';

/** One source as the poller sees it. */
export interface PollTarget {
  readonly name: string;
  readonly mirror: Mirror;
  readonly branches: readonly string[];
  /** Milliseconds between two looks. */
  readonly interval: number;
}

export interface Poller {
  /** Polls these from now on. A source that stays keeps its rhythm, unless its mirror or branches are other ones. */
  follow(targets: readonly PollTarget[]): void;
  /** Resolves when no look is under way. */
  stop(): Promise<void>;
}

export interface PollerOptions {
  /** A head is another than at the last look, or the remote went away or came back. */
  readonly onNews: (source: string) => Promise<void>;
  readonly log: Logger;
  /** In [0, 1). */
  readonly random: () => number;
}

/**
 * Looks at the heads of sources and says when one moved; what it remembers is a hint, never the truth. Each source
 * has its own rhythm: a host that does not answer delays no other.
 */
export function createPoller({ onNews, log, random }: PollerOptions): Poller {
  const polls = new Map<string, { readonly target: PollTarget; readonly stop: () => Promise<void> }>();
  const ending = new Set<Promise<void>>();
  const end = (poll: { readonly stop: () => Promise<void> }) => {
    const ended = poll.stop().finally(() => ending.delete(ended));
    ending.add(ended);
  };

  const start = (target: PollTarget) => {
    let seen: string | null = null;
    let failures = 0;
    let timer: NodeJS.Timeout | undefined;
    let stopped = false;
    let looking: Promise<void> = Promise.resolve();

    const look = async () => {
      const state = await stateOf(target);
      failures = state.failed ? failures + 1 : 0;
      if (!stopped && state.text !== seen) {
        // A wake that fails is repeated with the next look.
        await onNews(target.name).then(
          () => {
            seen = state.text;
          },
          (thrown) => log.warn({ source: target.name, error: messageOf(thrown) }, 'a source could not be woken'),
        );
      }
      if (!stopped) schedule(nextLook(target.interval, failures, random()));
    };
    const schedule = (delay: number) => {
      timer = setTimeout(() => {
        looking = look();
      }, delay);
    };
    // Many sources do not begin all at once.
    schedule(random() * target.interval);
    return async () => {
      stopped = true;
      clearTimeout(timer);
      await looking;
    };
  };

  return {
    follow(targets) {
      const wanted = new Map(targets.map((target) => [target.name, target]));
      for (const [name, poll] of polls) {
        const target = wanted.get(name);
        if (target !== undefined && isSame(target, poll.target)) wanted.delete(name);
        else {
          end(poll);
          polls.delete(name);
        }
      }
      for (const target of wanted.values()) polls.set(target.name, { target, stop: start(target) });
    },
    async stop() {
      for (const poll of polls.values()) end(poll);
      polls.clear();
      await Promise.all(ending);
    },
  };
}

const slowest = 60_000;

/**
 * Milliseconds until the next look: the interval, twice as long after each failure up to a minute, give or take a
 * tenth so that sources do not march in step.
 */
export function nextLook(interval: number, failures: number, random: number): number {
  const steady = Math.min(interval * 2 ** Math.min(failures, 20), Math.max(interval, slowest));
  return steady * (0.9 + 0.2 * random);
}

/** The heads of all branches as one text; a failure counts as one, whatever its message. */
async function stateOf({ mirror, branches }: PollTarget): Promise<{ readonly text: string; readonly failed: boolean }> {
  try {
    const heads = await Promise.all(branches.map((branch) => headOf(mirror, branch)));
    return { text: heads.join(' '), failed: false };
  } catch (thrown) {
    return { text: `failed ${thrown instanceof FairwayError ? thrown.code : ''}`, failed: true };
  }
}

async function headOf(mirror: Mirror, branch: string): Promise<string> {
  try {
    return await mirror.remoteHead(branch);
  } catch (thrown) {
    // A branch that is not there yet may come at any time.
    if (thrown instanceof FairwayError && thrown.code === 'branch-missing') return 'none';
    throw thrown;
  }
}

function isSame(one: PollTarget, other: PollTarget): boolean {
  return (
    one.mirror === other.mirror &&
    one.interval === other.interval &&
    one.branches.join(' ') === other.branches.join(' ')
  );
}
