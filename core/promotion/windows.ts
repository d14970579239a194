import { Cron } from 'croner';
import { milliseconds } from '../duration.ts';
import type { WindowSpec } from '../kinds/window.ts';

/** What a window's schedule says of a moment. All times in milliseconds since the epoch. */
export interface WindowState {
  /** Within one of its times: an `allow` lets through then, a `freeze` does not. */
  readonly open: boolean;
  /** Since when; null: it was never otherwise as far as is looked. */
  readonly since: number | null;
  /** When that changes next; null: never as far as is looked. */
  readonly until: number | null;
}

/** So often a window that is open is followed to its neighbours: a schedule may leave no gap at all. */
const furthest = 60;

/**
 * What a window says at a moment (P4). Its schedule is read in its time zone: a time that the change to summer time
 * skips begins right after it, and one that the change back repeats begins once. The duration is time that passes.
 * @param now milliseconds since the epoch
 */
export function windowState({ schedule, duration, timeZone }: WindowSpec, now: number): WindowState {
  const starts = new Cron(schedule, { timezone: timeZone, paused: true, mode: '5-part' });
  const length = milliseconds(duration);
  /** The first start after a moment, and the last before one. */
  const next = (after: number) => starts.nextRun(new Date(after))?.getTime() ?? null;
  const last = (before: number) => starts.previousRuns(1, new Date(before))[0]?.getTime() ?? null;
  const begun = last(now + 1);
  if (begun === null || now >= begun + length) {
    return { open: false, since: begun === null ? null : begun + length, until: next(now) };
  }
  // Times that touch are one: each step goes as far as the one at hand reaches.
  const first = follow(begun, (start) => next(start - length - 1));
  const final = follow(begun, (start) => last(start + length + 1));
  return { open: true, since: first, until: final === null ? null : final + length };
}

/** Goes from start to start until it stays where it is; null: it never does, as far as is looked. */
function follow(start: number, step: (start: number) => number | null): number | null {
  let current = start;
  for (let count = 0; count < furthest; count++) {
    const reached = step(current) ?? current;
    if (reached === current) return current;
    current = reached;
  }
  return null;
}

/** A window that an environment names; null where it is not declared. */
export interface NamedWindow {
  readonly name: string;
  readonly spec: WindowSpec | null;
}

/** A window that lets nothing through just now, and why. */
export interface ClosedWindow {
  readonly name: string;
  readonly reason: string;
  /** Since when it has been closed; null: not known. */
  readonly since: number | null;
  /** When it lets through next; null: not as far as is looked. */
  readonly opens: number | null;
}

/**
 * Those of an environment's windows that hold everything back just now (P4); none: the way is free. Of several `allow`
 * windows one that is open is enough; a `freeze` holds back whatever they say; one that is not declared holds back,
 * for nobody knows what it would say. One that a person opened by force lets through at any time.
 * @param now milliseconds since the epoch
 * @param forced by name, those that were opened by force
 */
export function closedWindows(
  windows: readonly NamedWindow[],
  now: number,
  forced: ReadonlySet<string> = new Set(),
): ClosedWindow[] {
  const closed: ClosedWindow[] = [];
  const notYet: ClosedWindow[] = [];
  let allowed = false;
  for (const { name, spec } of windows) {
    if (forced.has(name)) {
      allowed ||= spec?.type === 'allow';
      continue;
    }
    if (spec === null) {
      closed.push({ name, reason: `window ${name} is not declared`, since: null, opens: null });
      continue;
    }
    const { open, since, until } = windowState(spec, now);
    if (spec.type === 'freeze') {
      if (open)
        closed.push({
          name,
          reason: `window ${name} freezes changes${timed('until', until, spec, ', with no end in its schedule')}`,
          since,
          opens: until,
        });
    } else if (open) allowed = true;
    else
      notYet.push({
        name,
        reason: `window ${name} is closed${timed('and opens', until, spec, ', and its schedule never opens it again')}`,
        since,
        opens: until,
      });
  }
  return allowed ? closed : [...closed, ...notYet];
}

/** A moment as people of the window's time zone write it; what is said where there is none. */
function timed(word: string, at: number | null, { timeZone }: WindowSpec, never: string): string {
  if (at === null) return never;
  const text = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(at);
  return ` ${word} ${text} (${timeZone})`;
}
