import type { HealthCounts } from '../proto/rest/clusters.ts';
import type { Wait } from '../proto/rest/common.ts';
import type { Cell } from './table.ts';
import type { Style } from './terminal.ts';
import { singleLine } from './text-width.ts';

const styles: Readonly<Record<string, Style>> = {
  healthy: 'green',
  progressing: 'cyan',
  degraded: 'red',
  suspended: 'yellow',
  unknown: 'yellow',
  error: 'red',
  warning: 'yellow',
  open: 'yellow',
  fought: 'red',
  corrected: 'green',
  connected: 'green',
  disconnected: 'red',
  revoked: 'red',
  pass: 'green',
  fail: 'red',
  inconclusive: 'yellow',
  due: 'cyan',
  updating: 'cyan',
  ill: 'red',
  failed: 'red',
  skipped: 'yellow',
  returning: 'yellow',
  running: 'cyan',
  paused: 'yellow',
  'rolling-back': 'yellow',
  completed: 'green',
  'rolled-back': 'red',
  aborted: 'red',
  waiting: 'yellow',
  delivered: 'green',
  dead: 'red',
  pinning: 'cyan',
  pinned: 'cyan',
  'rolling-out': 'cyan',
  settled: 'green',
  rejected: 'red',
};

/** A word of Fairway's in its colour. */
export function word(text: string): Cell {
  const style = styles[text];
  return style === undefined ? text : { text, style };
}

/** How long ago, in the largest unit that says something: `12s`, `5m`, `3h`, `2d`. */
export function ago(time: string | null, now: number): string | null {
  if (time === null) return null;
  return span(Math.max(0, now - Date.parse(time)));
}

/** How long from now; `over` where it has passed. */
export function until(time: string | null, now: number): string | null {
  if (time === null) return null;
  const left = Date.parse(time) - now;
  return left <= 0 ? 'over' : span(left);
}

/** What is waited for, since when, and for how long at most: `check smoke has not reported, for 5m, 25m left`. */
export function waitLine({ reason, since, deadline }: Wait, now: number): string {
  const end = deadline === null ? '' : `, ${timeLeft(deadline, now)}`;
  return `${singleLine(reason)}, for ${ago(since, now)}${end}`;
}

/** `25m left`; `due now` where the time has come, and the hub is about to act on it. */
export function timeLeft(deadline: string, now: number): string {
  const left = Date.parse(deadline) - now;
  return left <= 0 ? 'due now' : `${span(left)} left`;
}

function span(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 120 * 60) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** `3/3`, `2/3: 1 degraded`: how many of all are healthy, and what the others are. */
export function healthSummary(counts: HealthCounts): Cell {
  const { total, healthy } = counts;
  if (total === 0) return null;
  const others = (['degraded', 'progressing', 'suspended', 'unknown'] as const)
    .filter((health) => counts[health] > 0)
    .map((health) => `${counts[health]} ${health}`);
  const text = others.length === 0 ? `${healthy}/${total}` : `${healthy}/${total}: ${others.join(', ')}`;
  const style = counts.degraded > 0 ? 'red' : healthy === total ? 'green' : 'yellow';
  return { text, style };
}

/** `1 error`, `2 errors`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `env=prod,region=eu` */
export function labelsText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}
