/**
 * Answers many questions with one: keys asked for within a short window are read together, so that two hundred
 * streams with news at once cost the database one query.
 * @param read the values of the keys that exist
 * @param window milliseconds
 */
export function createLoader<Value>(
  read: (keys: readonly string[]) => Promise<ReadonlyMap<string, Value>>,
  window: number,
): (key: string) => Promise<Value | null> {
  let batch: { readonly keys: Set<string>; readonly values: Promise<ReadonlyMap<string, Value>> } | null = null;
  return async (key) => {
    if (batch === null) {
      const keys = new Set<string>();
      const values = new Promise<void>((resolve) => setTimeout(resolve, window)).then(() => {
        batch = null;
        return read([...keys]);
      });
      batch = { keys, values };
    }
    batch.keys.add(key);
    return (await batch.values).get(key) ?? null;
  };
}
