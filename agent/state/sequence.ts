/** Runs work on one name in the order in which it was asked for; work on different names does not wait. */
export type Sequence = <T>(name: string, work: () => Promise<T>) => Promise<T>;

export function createSequence(): Sequence {
  const last = new Map<string, Promise<unknown>>();
  return (name, work) => {
    const before = last.get(name) ?? Promise.resolve();
    const result = before.then(work, work);
    last.set(name, result);
    const forget = () => {
      if (last.get(name) === result) last.delete(name);
    };
    result.then(forget, forget);
    return result;
  };
}
