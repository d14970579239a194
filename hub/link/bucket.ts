/** Tokens that come back with time: what is allowed at once, and how fast more of it comes. */
export interface Bucket {
  /** Takes one token. @returns 0, or the milliseconds until one is there; it is then not taken. */
  take(now: number): number;
  /** Takes one token, into debt if need be. @returns the milliseconds until the debt is paid; 0 where there is none */
  spend(now: number): number;
  /** True where nothing was taken for so long that it is as good as new. */
  isFull(now: number): boolean;
}

/** @param every milliseconds between two tokens */
export function createBucket(burst: number, every: number, now: number): Bucket {
  let tokens = burst;
  let at = now;
  const refill = (time: number) => {
    tokens = Math.min(burst, tokens + Math.max(0, time - at) / every);
    at = Math.max(at, time);
  };
  return {
    take(time) {
      refill(time);
      if (tokens < 1) return Math.ceil((1 - tokens) * every);
      tokens -= 1;
      return 0;
    },
    spend(time) {
      refill(time);
      tokens -= 1;
      return tokens < 0 ? Math.ceil(-tokens * every) : 0;
    },
    isFull(time) {
      refill(time);
      return tokens >= burst;
    },
  };
}

/** One bucket a key, forgotten once it is full again, so that many addresses cost nothing for long. */
export function createBuckets(burst: number, every: number): (key: string, now: number) => number {
  const buckets = new Map<string, Bucket>();
  let sweptAt = 0;
  return (key, now) => {
    if (now - sweptAt > burst * every) {
      sweptAt = now;
      for (const [other, bucket] of buckets) if (bucket.isFull(now)) buckets.delete(other);
    }
    const bucket = buckets.get(key) ?? createBucket(burst, every, now);
    buckets.set(key, bucket);
    return bucket.take(now);
  };
}
