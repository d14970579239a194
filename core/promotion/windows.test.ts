import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WindowSpec } from '../kinds/window.ts';
import { closedWindows, windowState } from './windows.ts';

const berlin = (schedule: string, duration: string, type: WindowSpec['type'] = 'allow'): WindowSpec => ({
  ...{ type, schedule, duration, timeZone: 'Europe/Berlin', override: [] },
});
const at = (text: string) => Date.parse(text);
const iso = (time: number | null) => (time === null ? null : new Date(time).toISOString());
const stateAt = (window: WindowSpec, time: string) => {
  const { open, since, until } = windowState(window, at(time));
  return [open, iso(since), iso(until)];
};

describe('a window, in its own time zone', () => {
  const mornings = berlin('0 8 * * 1-5', '4h');

  it('[P4] says whether it is open, since when, and when that changes', () => {
    expect(stateAt(mornings, '2026-11-23T08:00:00Z')).toEqual([
      true,
      '2026-11-23T07:00:00.000Z',
      '2026-11-23T11:00:00.000Z',
    ]);
    expect(stateAt(mornings, '2026-11-23T12:00:00Z')).toEqual([
      false,
      '2026-11-23T11:00:00.000Z',
      '2026-11-24T07:00:00.000Z',
    ]);
    // Over a weekend.
    expect(stateAt(mornings, '2026-11-21T12:00:00Z')).toEqual([
      false,
      '2026-11-20T11:00:00.000Z',
      '2026-11-23T07:00:00.000Z',
    ]);
  });

  it('[P4] begins with its first moment, and ends before its last', () => {
    expect(stateAt(mornings, '2026-11-23T06:59:59.999Z')[0]).toBe(false);
    expect(stateAt(mornings, '2026-11-23T07:00:00Z')[0]).toBe(true);
    expect(stateAt(mornings, '2026-11-23T10:59:59.999Z')[0]).toBe(true);
    expect(stateAt(mornings, '2026-11-23T11:00:00Z')[0]).toBe(false);
  });

  it('[P4] keeps to the clock on the wall when summer time begins and ends', () => {
    expect(stateAt(mornings, '2026-07-06T06:30:00Z')[1]).toBe('2026-07-06T06:00:00.000Z');
    expect(stateAt(mornings, '2026-01-05T07:30:00Z')[1]).toBe('2026-01-05T07:00:00.000Z');
    // 02:30 does not exist on 29 March: the window begins when the clock has jumped, and lasts as long.
    const night = berlin('30 2 * * *', '1h');
    expect(stateAt(night, '2026-03-29T01:15:00Z')).toEqual([
      true,
      '2026-03-29T01:00:00.000Z',
      '2026-03-29T02:00:00.000Z',
    ]);
    // 02:30 comes twice on 25 October: it begins once.
    expect(stateAt(night, '2026-10-25T00:45:00Z')).toEqual([
      true,
      '2026-10-25T00:30:00.000Z',
      '2026-10-25T01:30:00.000Z',
    ]);
    expect(stateAt(night, '2026-10-25T01:45:00Z')[0]).toBe(false);
    // An hour is an hour, though the clock says otherwise.
    expect(stateAt(berlin('0 1 29 3 *', '2h'), '2026-03-29T01:59:00Z')[2]).toBe('2026-03-29T02:00:00.000Z');
  });

  it('takes times that follow each other without a gap for one', () => {
    expect(stateAt(berlin('0 8,12 * * *', '4h'), '2026-11-23T11:30:00Z')).toEqual([
      true,
      '2026-11-23T07:00:00.000Z',
      '2026-11-23T15:00:00.000Z',
    ]);
    expect(stateAt(berlin('0 * * * *', '1h'), '2026-11-23T11:30:00Z')).toEqual([true, null, null]);
  });

  it('finds those that come once a year, and those that never come', () => {
    expect(stateAt(berlin('0 0 24 12 *', '3d', 'freeze'), '2026-11-23T00:00:00Z')).toEqual([
      false,
      '2025-12-26T23:00:00.000Z',
      '2026-12-23T23:00:00.000Z',
    ]);
    expect(stateAt(berlin('0 0 30 2 *', '1h'), '2026-11-23T00:00:00Z')).toEqual([false, null, null]);
  });

  it('holds for any moment: what it says of now agrees with what it says of the moments that it names', () => {
    const schedules = fc.constantFrom('0 8 * * 1-5', '*/20 * * * *', '30 2 * * *', '0 0 1 * *', '15 22 * * 5,6');
    const zones = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'UTC', 'Australia/Lord_Howe');
    const durations = fc.constantFrom('10m', '1h', '4h', '26h');
    const moments = fc.date({ min: new Date('2026-01-01'), max: new Date('2027-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(schedules, zones, durations, moments, (schedule, timeZone, duration, moment) => {
        const window: WindowSpec = { type: 'allow', schedule, duration, timeZone, override: [] };
        const { open, since, until } = windowState(window, moment.getTime());
        if (since !== null) {
          expect(since).toBeLessThanOrEqual(moment.getTime());
          expect(windowState(window, since).open).toBe(open);
          expect(windowState(window, since - 1).open).toBe(!open);
        }
        if (until !== null) {
          expect(until).toBeGreaterThan(moment.getTime());
          expect(windowState(window, until).open).toBe(!open);
          expect(windowState(window, until - 1).open).toBe(open);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('the windows of an environment', () => {
  const monday = at('2026-11-23T13:00:00Z');
  const closed = { name: 'mornings', spec: berlin('0 8 * * *', '4h') };
  const open = { name: 'afternoons', spec: berlin('0 13 * * *', '4h') };
  const frozen = { name: 'fair', spec: berlin('0 0 23 11 *', '2d', 'freeze') };
  const thawed = { name: 'christmas', spec: berlin('0 0 24 12 *', '3d', 'freeze') };
  const names = (...windows: { name: string; spec: WindowSpec | null }[]) =>
    closedWindows(windows, monday).map(({ name }) => name);

  it('[P4] let through where there is none, or one of those that allow is open', () => {
    expect(names()).toEqual([]);
    expect(names(open, closed)).toEqual([]);
    expect(names(closed)).toEqual(['mornings']);
  });

  it('[P4] hold back while one freezes, whatever the others say', () => {
    expect(names(thawed)).toEqual([]);
    expect(names(frozen, open)).toEqual(['fair']);
    expect(names(frozen, closed)).toEqual(['fair', 'mornings']);
  });

  it('[P4] say which, since when, and when it opens next, in its own time', () => {
    expect(closedWindows([closed], monday)).toEqual([
      {
        name: 'mornings',
        reason: 'window mornings is closed and opens 2026-11-24 08:00 (Europe/Berlin)',
        since: at('2026-11-23T11:00:00Z'),
        opens: at('2026-11-24T07:00:00Z'),
      },
    ]);
  });

  it('[P4] say of one that never comes again that it does not', () => {
    const never = { name: 'never', spec: berlin('0 0 30 2 *', '1h') };
    expect(closedWindows([never], monday)).toEqual([
      {
        name: 'never',
        reason: 'window never is closed, and its schedule never opens it again',
        since: null,
        opens: null,
      },
    ]);
  });

  it('[P4] let through what was opened by force, and that alone', () => {
    const forced = (...opened: string[]) =>
      closedWindows([frozen, closed, { name: 'noon', spec: berlin('0 12 * * *', '1m') }], monday, new Set(opened));
    const rest = (...opened: string[]) => forced(...opened).map(({ name }) => name);
    expect(rest('fair')).toEqual(['mornings', 'noon']);
    expect(rest('mornings')).toEqual(['fair']);
    expect(rest('fair', 'mornings')).toEqual([]);
    expect(rest('christmas')).toEqual(['fair', 'mornings', 'noon']);
  });

  it('hold back for one that nobody declares', () => {
    expect(names({ name: 'gone', spec: null }, open)).toEqual(['gone']);
  });
});
