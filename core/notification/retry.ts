const first = 10_000;
const longest = 60 * 60_000;
/** With the pauses below that is most of a working day. */
export const attemptLimit = 14;

/** What became of an attempt to deliver. */
export type Attempt =
  | { readonly type: 'delivered' }
  /** It may be different later. `after`: the receiver asks for so much patience, in milliseconds. */
  | { readonly type: 'failed'; readonly reason: string; readonly after: number | null }
  /** It never will be. */
  | { readonly type: 'refused'; readonly reason: string };

export type AfterAttempt =
  | { readonly state: 'delivered' }
  | { readonly state: 'waiting'; readonly reason: string; readonly pause: number }
  | { readonly state: 'dead'; readonly reason: string };

/**
 * When to try again: later and later, from ten seconds to an hour, and then no more.
 * @param attempts how many there were, this one included
 * @param random from 0 to below 1; spreads what failed together
 */
export function afterAttempt(attempt: Attempt, attempts: number, random: number): AfterAttempt {
  switch (attempt.type) {
    case 'delivered':
      return { state: 'delivered' };
    case 'refused':
      return { state: 'dead', reason: attempt.reason };
    case 'failed': {
      const { reason, after } = attempt;
      if (attempts >= attemptLimit) return { state: 'dead', reason: `${reason}, and ${attempts} attempts were made` };
      const pause = Math.min(longest, first * 2 ** (attempts - 1)) * (0.75 + random / 2);
      return { state: 'waiting', reason, pause: Math.round(Math.max(pause, Math.min(after ?? 0, longest))) };
    }
  }
}
