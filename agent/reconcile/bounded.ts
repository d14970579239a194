/**
 * Does something with each item, at most `limit` at a time, and returns the results in the items' order. After the
 * first rejection nothing new begins; it rejects with it once what was under way has ended.
 */
export async function bounded<T, R>(items: readonly T[], limit: number, act: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = new Array(items.length);
  const entries = items.entries();
  let failure: { readonly error: unknown } | null = null;
  const work = async () => {
    for (const [index, item] of entries) {
      if (failure !== null) return;
      try {
        results[index] = await act(item);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work));
  if (failure !== null) throw (failure as { error: unknown }).error;
  return results;
}
