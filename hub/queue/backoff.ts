const FIRST = 500;
const LONGEST = 30_000;

/**
 * How long to wait after the nth failure in a row.
 * @param failures from 1
 * @param random at least 0 and less than 1: failures that came together come back apart
 * @returns milliseconds: 250 to 500, doubled with each failure, at most 30 s
 */
export function backoff(failures: number, random: number): number {
  const longest = Math.min(LONGEST, FIRST * 2 ** (failures - 1));
  return Math.ceil(longest * (0.5 + random / 2));
}
