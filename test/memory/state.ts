import type { State } from '../../agent/state/port.ts';

/** State that lasts as long as its map, which a test may hand to the next agent as a disk. */
export function createMemoryState(records = new Map<string, Uint8Array>()): State {
  return {
    read: async (name) => records.get(name)?.slice() ?? null,
    write: async (name, content) => void records.set(name, content.slice()),
    remove: async (name) => void records.delete(name),
    list: async (prefix) => [...records.keys()].filter((name) => name.startsWith(prefix)).sort(),
  };
}
