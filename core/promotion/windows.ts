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

/** So many times that follow each other without a gap are looked through: a schedule may leave none. */
const furthest = 1_000;
/** How far back the end of the time before is looked for. */
const lookBack = 400 * 86_400_000;

/**
 * What a window says at a moment (P4). Its schedule is read in its time zone: a time that the change to summer time
 * skips begins right after it, and one that the change back repeats begins once. The duration is time that passes.
 */
export function windowState({ schedule, duration, timeZone }: WindowSpec, now: number): WindowState {
  const starts = new Cron(schedule, { timezone: timeZone, paused: true, mode: '5-part' });
  const length = milliseconds(duration);
  const nextStart = (after: number) => starts.nextRun(new Date(after))?.getTime() ?? null;
  const first = nextStart(now - length);
  if (first === null || first > now) {
    return { open: false, since: first === null ? null : lastEnd(nextStart, length, now), until: first };
  }
  return { open: true, since: firstOf(nextStart, length, first), until: endOf(nextStart, length, first) };
}

type NextStart = (after: number) => number | null;

/** The end of the time that begins at a start, and of all that begin before it has ended. */
function endOf(nextStart: NextStart, length: number, start: number): number | null {
  let last = start;
  for (let count = 0; count < furthest; count++) {
    const next = nextStart(last);
    if (next === null || next > last + length) return last + length;
    last = next;
  }
  return null;
}

/** Where the times that reach a start without a gap began. */
function firstOf(nextStart: NextStart, length: number, start: number): number | null {
  let first = start;
  for (let count = 0; count < furthest; count++) {
    const before = nextStart(first - length - 1);
    if (before === null || before >= first) return first;
    first = before;
  }
  return null;
}

/** When the time before ended: looked for in spans that double. */
function lastEnd(nextStart: NextStart, length: number, now: number): number | null {
  for (let span = 3_600_000; span < lookBack; span *= 2) {
    let last: number | null = null;
    for (let start = nextStart(now - length - span); start !== null && start < now; start = nextStart(start)) {
      last = start;
    }
    if (last !== null) return last + length;
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
 * for nobody knows what it would say.
 * @param now milliseconds since the epoch
 */
export function closedWindows(windows: readonly NamedWindow[], now: number): ClosedWindow[] {
  const closed: ClosedWindow[] = [];
  const notYet: ClosedWindow[] = [];
  let allowed = false;
  for (const { name, spec } of windows) {
    if (spec === null) {
      closed.push({ name, reason: `window ${name} is not declared`, since: null, opens: null });
      continue;
    }
    const { open, since, until } = windowState(spec, now);
    if (spec.type === 'freeze') {
      if (open)
        closed.push({
          name,
          reason: `window ${name} freezes changes${timed('until', until, spec)}`,
          since,
          opens: until,
        });
    } else if (open) allowed = true;
    else
      notYet.push({ name, reason: `window ${name} is closed${timed('and opens', until, spec)}`, since, opens: until });
  }
  return allowed ? closed : [...closed, ...notYet];
}

/** A moment as people of the window's time zone write it. */
function timed(word: string, at: number | null, { timeZone }: WindowSpec): string {
  if (at === null) return '';
  const text = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(at);
  return ` ${word} ${text} (${timeZone})`;
}
