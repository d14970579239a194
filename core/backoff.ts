export interface Backoff {
  /** Milliseconds. */
  readonly first: number;
  readonly ceiling: number;
}

/**
 * How long to wait before another attempt: exponential with full jitter, so that ten thousand that failed together
 * do not come back together (L5).
 * @param attempt 0 for the first wait
 * @param random a number from 0 to below 1
 * @returns milliseconds
 */
export function backoff(attempt: number, random: number, { first, ceiling }: Backoff): number {
  return Math.round(random * Math.min(ceiling, first * 2 ** Math.min(attempt, 30)));
}
