import type { Random } from '../../sim/random.ts';

/** What goes wrong with one request. */
export type Fault =
  /** It does not arrive. */
  | { readonly type: 'lost' }
  /** It is carried out, and its answer does not arrive. */
  | { readonly type: 'unanswered' }
  /** Its answer breaks off in the middle, with the connection. */
  | { readonly type: 'cut' }
  /** Its answer ends in the middle as if that were all of it. */
  | { readonly type: 'truncated' }
  /** It waits so long before it is carried out, in milliseconds. */
  | { readonly type: 'late'; readonly by: number }
  /** Nobody says anything, until the client has had enough. */
  | { readonly type: 'silence' }
  /** It is not carried out, and this is said instead. */
  | { readonly type: 'refused'; readonly status: number; readonly retryAfter: number | null };

/** What goes wrong with a watch that stands, after so many milliseconds. */
export interface WatchFault {
  readonly after: number;
  readonly type:
    | 'cut'
    /** It ends as the server ends watches. */
    | 'ended'
    /** It says that the version is too old. */
    | 'expired'
    /** It breaks off within an event. */
    | 'torn'
    /** Events no longer come, nor does the end. */
    | 'stalled';
}

/** What is asked for, as far as what may go wrong depends on it. */
export interface Asked {
  readonly method: string;
  readonly isList: boolean;
}

const always = [429, 500, 503, 504] as const;

/** What goes wrong with a call; null: nothing. @param share of the calls with which something does */
export function callFault(random: Random, share: number, { method, isList }: Asked): Fault | null {
  if (!random.chance(share)) return null;
  const statuses = [...always, ...(isList ? [410] : []), ...(method === 'GET' ? [] : [409])];
  const status = random.pick(statuses);
  const retryAfter = status === 429 || (status === 503 && random.chance(0.5)) ? 1 + random.below(2) : null;
  return random.pick<Fault>([
    { type: 'lost' },
    { type: 'unanswered' },
    { type: 'cut' },
    { type: 'truncated' },
    { type: 'late', by: random.below(300) },
    { type: 'silence' },
    { type: 'refused', status, retryAfter },
    { type: 'refused', status, retryAfter },
    { type: 'refused', status, retryAfter },
  ]);
}

/** What goes wrong with a watch that was begun; null: nothing. */
export function watchFault(random: Random, share: number): WatchFault | null {
  if (!random.chance(share)) return null;
  const type = random.pick(['cut', 'ended', 'expired', 'torn', 'stalled'] as const);
  return { type, after: random.below(1_000) };
}
