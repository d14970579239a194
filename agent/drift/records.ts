import { isOlder, type LiveRecord } from '../../core/apply/live.ts';

/** The records of one followed kind: only ever moved forward in time. */
export interface Records {
  get(key: string): LiveRecord | undefined;
  values(): Iterable<readonly [key: string, record: LiveRecord]>;
  /** False where a newer state of the object, or its deletion, is known already. */
  put(key: string, record: LiveRecord): boolean;
  /** Takes away what a deletion at `resourceVersion` of the object `uid` leaves; answers what stood there. */
  drop(key: string, uid: string, resourceVersion: string): LiveRecord | undefined;
  /** Takes away what a list does not have, of what was there before that list (null: of everything). */
  keepOnly(keys: ReadonlySet<string>, resourceVersion: string | null): readonly LiveRecord[];
}

/** So many deletions are remembered, against answers that come late. */
const remembered = 1_000;

export function createRecords(): Records {
  const records = new Map<string, LiveRecord>();
  const deletions = new Map<string, string>();

  const bury = (uid: string, resourceVersion: string) => {
    deletions.set(uid, resourceVersion);
    const oldest = deletions.size > remembered ? deletions.keys().next().value : undefined;
    if (oldest !== undefined) deletions.delete(oldest);
  };

  return {
    get: (key) => records.get(key),
    values: () => records,
    put: (key, record) => {
      const before = records.get(key);
      if (before?.uid === record.uid && isOlder(record.resourceVersion, before.resourceVersion)) return false;
      const deletion = deletions.get(record.uid);
      if (deletion !== undefined && isOlder(record.resourceVersion, deletion)) return false;
      records.set(key, record);
      return true;
    },
    drop: (key, uid, resourceVersion) => {
      const before = records.get(key);
      bury(uid, resourceVersion);
      if (before === undefined || before.uid !== uid) return undefined;
      records.delete(key);
      return before;
    },
    keepOnly: (keys, resourceVersion) => {
      const gone: LiveRecord[] = [];
      for (const [key, record] of records) {
        if (keys.has(key)) continue;
        if (resourceVersion !== null && isOlder(resourceVersion, record.resourceVersion)) continue;
        records.delete(key);
        gone.push(record);
      }
      return gone;
    },
  };
}
