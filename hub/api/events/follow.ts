import type { FleetEvent } from '../../../proto/rest/events.ts';

/** Reads events beyond an id, oldest first. */
export type ReadAfter = (id: number, limit: number) => Promise<readonly FleetEvent[]>;

export interface Follower {
  /**
   * What is new since the last call; empty where nothing is.
   * @param thorough looks for events that were stored out of order too
   */
  next(thorough: boolean): Promise<readonly FleetEvent[]>;
  /** True where the event was not sent yet, though later ones were. */
  isLate(id: number): boolean;
}

/** Ids are given out before their transactions commit, so one may show up behind others: look back this far. */
const lookBack = 1_000;
const batch = 200;

/**
 * Follows events for one reader: each of them once, also one that was stored out of order, however many wake-ups were
 * lost or doubled.
 * @param start the last id that the reader has; what comes after it is sent
 */
export function createFollower(start: number, read: ReadAfter): Follower {
  let newest = start;
  /** Those above `start` of the last `lookBack` ids. */
  let sent = new Set<number>();

  return {
    isLate: (id) => id > start && id <= newest && !sent.has(id),
    async next(thorough) {
      const fresh: FleetEvent[] = [];
      for (let after = thorough ? Math.max(start, newest - lookBack) : newest; fresh.length < batch; ) {
        const events = await read(after, batch);
        for (const event of events) if (!sent.has(event.id)) fresh.push(event);
        after = events.at(-1)?.id ?? after;
        if (events.length < batch) break;
      }
      for (const { id } of fresh) {
        sent.add(id);
        newest = Math.max(newest, id);
      }
      if (sent.size > 2 * lookBack) sent = new Set([...sent].filter((id) => id > newest - lookBack));
      return fresh;
    },
  };
}
