/** Keeps what was used last, up to a total weight. */
export interface Lru<V> {
  get(key: string): V | undefined;
  set(key: string, value: V, weight: number): void;
  delete(key: string): void;
}

/** @param onEvict is told of each value that is dropped for want of room */
export function createLru<V>(maximumWeight: number, onEvict?: (key: string, value: V) => void): Lru<V> {
  // A Map iterates in the order of insertion: what is used is inserted anew.
  const entries = new Map<string, { value: V; weight: number }>();
  let total = 0;

  const remove = (key: string) => {
    const entry = entries.get(key);
    if (entry === undefined) return;
    entries.delete(key);
    total -= entry.weight;
  };
  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entries.delete(key);
      entries.set(key, entry);
      return entry.value;
    },
    set(key, value, weight) {
      remove(key);
      entries.set(key, { value, weight });
      total += weight;
      for (const [oldest, entry] of entries) {
        if (total <= maximumWeight || oldest === key) break;
        remove(oldest);
        onEvict?.(oldest, entry.value);
      }
    },
    delete: remove,
  };
}
