import { describeRef, type ObjectRef } from '../../core/objects/object.ts';
import type { FleetEvent } from '../../proto/rest/events.ts';
import type { Style, Terminal } from '../terminal.ts';
import { singleLine } from '../text-width.ts';

/** Something that happened, in one line. */
export interface Line {
  /** ISO time. */
  readonly at: string;
  /** A cluster; null: the fleet as a whole. */
  readonly cluster: string | null;
  readonly text: string;
  readonly style?: Style;
}

/** `03:49:31  prod-1     drift: …` @param width of the longest name of a cluster */
export function formatLine(
  terminal: Pick<Terminal, 'style'>,
  { at, cluster, text, style }: Line,
  width: number,
): string {
  const time = terminal.style('dim', new Date(at).toTimeString().slice(0, 8));
  const plain = singleLine(text);
  return `${time}  ${(cluster ?? 'fleet').padEnd(width)}  ${style === undefined ? plain : terminal.style(style, plain)}`;
}

/** An event as a line; null where it tells people nothing. */
export function lineOf(event: FleetEvent): Line | null {
  const { at, cluster, type, severity, application, release, message, data } = event;
  const tone = severity === 'error' ? ({ style: 'red' } as const) : {};
  switch (type) {
    case 'release':
      return {
        at,
        cluster,
        text: `${shortRelease(release)} is new${message.slice(message.indexOf(':'))}`,
        style: 'bold',
      };
    case 'applied': {
      const counts = ['created', 'changed', 'pruned'].flatMap((what) => countOf(data, what));
      return counts.length === 0
        ? null
        : { at, cluster, text: `${shortRelease(release)} applied: ${counts.join(', ')}` };
    }
    case 'drift': {
      const found = driftOf(data);
      if (found === null) return { at, cluster, text: `${application}: ${message}`, ...tone };
      return { at, cluster, text: `drift in ${application}: ${driftText(found)}`, style: 'yellow' };
    }
    default:
      return { at, cluster, text: abbreviated(message, release), ...tone };
  }
}

/** `shop@1ca3c11` of `shop@1ca3c1141945`: as git itself abbreviates. */
export function shortRelease(release: string | null): string {
  if (release === null) return '-';
  const at = release.lastIndexOf('@');
  return `${release.slice(0, at)}@${shortCommit(release)}`;
}

function abbreviated(message: string, release: string | null): string {
  return release === null ? message : message.replaceAll(release, shortRelease(release));
}

/** `1ca3c11` of `shop@1ca3c1141945`. */
export function shortCommit(release: string): string {
  return release.slice(release.lastIndexOf('@') + 1).slice(0, 7);
}

function countOf(data: unknown, what: string): readonly string[] {
  const count = (data as Record<string, unknown> | null)?.[what];
  return typeof count === 'number' && count > 0 ? [`${count} ${what}`] : [];
}

interface Drift {
  readonly outcome: string;
  readonly drift: {
    readonly object: ObjectRef;
    readonly field: string;
    readonly wanted: string | null;
    readonly found: string | null;
    readonly manager: string;
  };
}

/** What an event of type `drift` carries: as the agent said it. */
function driftOf(data: unknown): Drift | null {
  const { drift, outcome } = (data ?? {}) as Partial<Drift>;
  return drift?.object === undefined || outcome === undefined ? null : { drift, outcome };
}

function driftText({ outcome, drift: { object, field, wanted, found, manager } }: Drift): string {
  const who = manager === 'unknown' || manager === '' ? 'somebody' : manager;
  const what =
    field === ''
      ? `${who} deleted ${describeRef(object)}`
      : `${who} changed ${describeRef(object)} ${field} from ${value(wanted)} to ${value(found)}`;
  switch (outcome) {
    case 'corrected':
      return `${what}; put back`;
    case 'gone':
      return `${what}; it is as it should be again`;
    case 'fought':
      return `${what}, over and over`;
    default:
      return `${what}; it stays`;
  }
}

function value(json: string | null): string {
  if (json === null) return 'nothing';
  return json.length <= 30 ? json : `${json.slice(0, 29)}…`;
}
