import type { Placement } from '../../proto/rest/placements.ts';
import type { Style } from '../terminal.ts';
import { type Line, shortRelease } from './line.ts';
import { applicationsOf, isHealthy, isSettled, type Snapshot } from './snapshot.ts';
import { standing } from './standing.ts';

/** What was said already. */
export interface Said {
  /** That the whole fleet is healthy: once. */
  readonly healthy: boolean;
  /** The release of each application that was said to be everywhere. */
  readonly everywhere: ReadonlyMap<string, string>;
  /** What was said to be degraded, by its line. */
  readonly degraded: ReadonlyMap<string, Line>;
  /** What was said to be wrong with the files in Git. */
  readonly problems: ReadonlySet<string>;
  /** What was said to stand still, by its key. */
  readonly standing: ReadonlySet<string>;
}

export const nothingSaid: Said = {
  healthy: false,
  everywhere: new Map(),
  degraded: new Map(),
  problems: new Set(),
  standing: new Set(),
};

/**
 * What no single event says, for it is the sum of many: an application is everywhere, a file is broken or mended, a
 * promotion waits, a rollout has stopped.
 */
export function announce(
  said: Said,
  snapshot: Snapshot,
  at: string,
): { readonly said: Said; readonly lines: readonly Line[] } {
  const lines: Line[] = [];

  const everywhere = new Map(said.everywhere);
  for (const application of applicationsOf(snapshot)) {
    const release = commonRelease(snapshot, application);
    if (release === null || release === everywhere.get(application)) continue;
    everywhere.set(application, release);
    const clusters = snapshot.placements.filter((placement) => placement.application === application).length;
    const where = clusters === 1 ? 'its cluster' : `all ${clusters} clusters`;
    lines.push({ at, cluster: null, text: `${shortRelease(release)} is healthy on ${where}`, style: 'green' });
  }

  const degraded = new Map<string, Line>();
  for (const { cluster, application, health, message } of snapshot.placements) {
    if (health !== 'degraded') continue;
    const line: Line = { at, cluster, text: `${application} is degraded: ${message ?? ''}`, style: 'red' };
    degraded.set(`${cluster} ${application}`, line);
    if (!said.degraded.has(`${cluster} ${application}`)) lines.push(line);
  }
  for (const [key, { cluster }] of said.degraded) {
    if (degraded.has(key)) continue;
    lines.push({ at, cluster, text: `${key.split(' ')[1]} is no longer degraded`, style: 'green' });
  }

  const problems = new Set<string>();
  for (const problem of snapshot.status.problems.items) {
    const text = problemText(problem);
    problems.add(text);
    if (!said.problems.has(text)) lines.push({ at, cluster: null, text, style: problemStyle(problem) });
  }
  if (problems.size === 0 && said.problems.size > 0) {
    lines.push({ at, cluster: null, text: 'what was wrong in Git is mended', style: 'green' });
  }

  const stands = standing(snapshot);
  for (const { key, text, style } of stands)
    if (!said.standing.has(key)) lines.push({ at, cluster: null, text, style });

  const healthy = said.healthy || isHealthy(snapshot);
  if (healthy && !said.healthy) {
    const { length } = snapshot.clusters;
    const clusters = length === 1 ? '1 cluster' : `${length} clusters`;
    lines.push({ at, cluster: null, text: `the fleet is healthy: ${clusters}`, style: 'green' });
  }
  const isStanding = new Set(stands.map(({ key }) => key));
  return { said: { healthy, everywhere, degraded, problems, standing: isStanding }, lines };
}

/** `error fleet:apps/shop/app.yaml:7 spec.render: …; next: …` */
export function problemText({ severity, source, file, line, field, message, remedy }: Problem): string {
  const place = [source, file, line].filter((part) => part !== null).join(':');
  const where = [place, field].filter((part) => part !== null && part !== '').join(' ');
  return `${severity} ${where}: ${message}${remedy === null ? '' : `; next: ${remedy}`}`;
}

/** An error keeps something from happening; a warning does not. */
export function problemStyle({ severity }: Problem): Style {
  return severity === 'error' ? 'red' : 'yellow';
}

type Problem = Snapshot['status']['problems']['items'][number];

/** The release that all clusters of an application run, connected and healthy; null where there is none. */
function commonRelease({ clusters, placements }: Snapshot, application: string): string | null {
  const away = new Set(clusters.filter(({ connected }) => !connected).map(({ name }) => name));
  const own = placements.filter((placement) => placement.application === application);
  const [first] = own;
  const is = (one: Placement) => !away.has(one.cluster) && isSettled(one) && one.release === first?.release;
  return first !== undefined && own.every(is) ? first.release : null;
}
