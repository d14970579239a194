import { type LabelSelector, type Labels, matches } from '../selector.ts';

/** Who is in a wave. With a selector, and a count or a share beside it: so many of those that match. */
export interface WaveChoice {
  readonly clusters?: LabelSelector | undefined;
  readonly count?: number | undefined;
  /** Of all clusters of the snapshot, rounded up. */
  readonly percent?: number | undefined;
}

export interface Candidate {
  readonly name: string;
  readonly labels: Labels;
}

/**
 * Which wave each cluster is in (R4): the first that takes it; the remainder joins the last. Of equals, the first by
 * name go first.
 * @param waves at least one
 * @returns the position of its wave, by cluster
 */
export function planWaves(waves: readonly WaveChoice[], clusters: readonly Candidate[]): Map<string, number> {
  const planned = new Map<string, number>();
  let left = clusters.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  for (const [position, choice] of waves.entries()) {
    const most = sizeOf(choice, clusters.length);
    const taken = left.filter(({ labels }) => matches(choice.clusters ?? {}, labels)).slice(0, most);
    for (const { name } of taken) planned.set(name, position);
    left = left.filter(({ name }) => !planned.has(name));
  }
  for (const { name } of left) planned.set(name, waves.length - 1);
  return planned;
}

/** Where both are given the smaller counts. */
function sizeOf({ count = Number.POSITIVE_INFINITY, percent }: WaveChoice, size: number): number {
  return Math.min(count, percent === undefined ? Number.POSITIVE_INFINITY : share(percent, size));
}

/** A share of so many, rounded up. @param percent from 0 to 100 */
export function share(percent: number, size: number): number {
  // 7 % of 100 is 7, and not what 0.07 makes of it.
  return Math.ceil(Number(((percent * size) / 100).toFixed(6)));
}
