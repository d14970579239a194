import { type Kysely, sql } from 'kysely';
import type { Logger } from 'pino';
import { messageOf } from '../../core/errors.ts';
import type { Hello } from '../../core/link/messages.ts';
import { cutText } from '../../core/text.ts';
import { isAboutContent } from '../store/refusal.ts';
import type { Schema } from '../store/schema.ts';
import { inTransaction } from '../store/transaction.ts';
import { publishNews } from './news-publish.ts';

/** Which clusters this replica holds a stream of, as the database and its readers see it. */
export interface Presence {
  connected(cluster: string, hello: Hello): void;
  disconnected(cluster: string, reason: string): void;
  /** Writes what is left, and says that none is connected here. */
  close(): Promise<void>;
}

export interface PresenceOptions {
  readonly db: Kysely<Schema>;
  readonly replica: string;
  readonly log: Logger;
  readonly now: () => number;
}

interface Change {
  readonly cluster: string;
  readonly at: string;
  readonly connected: boolean;
  readonly agent_version: string | null;
  readonly kubernetes_version: string | null;
  readonly events_dropped: number | null;
  readonly type: 'connected' | 'disconnected';
  readonly severity: 'info' | 'warning';
  readonly message: string;
}

const window = 100;
const retryEvery = 500;
const versionLimit = 128;
const heartbeat = 20_000;
/** A replica that died wrote nothing more; so long after, its clusters are known to be gone. */
const stale = 90_000;

/** First forgets what an earlier run of this replica left behind. */
export async function createPresence({ db, replica, log, now }: PresenceOptions): Promise<Presence> {
  let changes = new Map<string, Change>();
  let writing: Promise<void> | null = null;
  let closing = false;

  const leaveAll = () =>
    db
      .updateTable('clusters')
      .set({ connected: false, replica: null })
      .where('replica', '=', replica)
      .where('connected', '=', true)
      .execute();
  await leaveAll();

  const write = async () => {
    await new Promise((resolve) => setTimeout(resolve, window));
    while (changes.size > 0) {
      const rows = [...changes.values()];
      changes = new Map();
      await store(rows);
    }
    writing = null;
  };

  const store = async (rows: readonly Change[]): Promise<void> => {
    try {
      await storeChanges(db, replica, rows);
    } catch (error) {
      log.error({ clusters: rows.length, error: messageOf(error) }, 'connections cannot be recorded');
      if (!isAboutContent(error)) return keep(rows);
      // One that the database does not take must not take the others with it.
      if (rows.length > 1) for (const row of rows) await store([row]);
    }
  };

  /** The database is away for a moment: these are written later, unless something newer has happened. */
  const keep = async (rows: readonly Change[]) => {
    if (closing) return;
    for (const row of rows) if (!changes.has(row.cluster)) changes.set(row.cluster, row);
    await new Promise((resolve) => setTimeout(resolve, retryEvery));
  };

  const change = (row: Change) => {
    changes.set(row.cluster, row);
    writing ??= write();
  };

  const beat = setInterval(() => {
    const seen = sql`update clusters set last_seen_at = ${new Date(now())} where connected and replica = ${replica}`;
    const gone = sql`update clusters set connected = false, replica = null
      where connected and last_seen_at < ${new Date(now() - stale)}`;
    seen
      .execute(db)
      .then(() => gone.execute(db))
      .catch((error: unknown) => log.warn({ error: messageOf(error) }, 'connections cannot be renewed'));
  }, heartbeat);
  beat.unref();

  return {
    connected(cluster, { agentVersion, kubernetesVersion, eventsDropped }) {
      change({
        cluster,
        at: new Date(now()).toISOString(),
        connected: true,
        agent_version: cutText(agentVersion, versionLimit),
        kubernetes_version: cutText(kubernetesVersion, versionLimit),
        events_dropped: eventsDropped,
        type: 'connected',
        severity: 'info',
        message: `the agent of ${cluster} connected`,
      });
    },
    disconnected(cluster, reason) {
      change({
        cluster,
        at: new Date(now()).toISOString(),
        connected: false,
        agent_version: null,
        kubernetes_version: null,
        events_dropped: null,
        type: 'disconnected',
        severity: 'warning',
        message: `the agent of ${cluster} disconnected: ${reason}`,
      });
    },
    async close() {
      closing = true;
      clearInterval(beat);
      await writing;
      await leaveAll();
    },
  };
}

/** A stream that another replica holds by now is not said to be gone. */
async function storeChanges(db: Kysely<Schema>, replica: string, rows: readonly Change[]): Promise<void> {
  await inTransaction(db, async (transaction) => {
    const stored = await sql<{ newest: number | null }>`
      with change as (
        select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r
          (cluster text, at timestamptz, connected boolean, agent_version text, kubernetes_version text,
           events_dropped bigint, type text, severity text, message text)
      ), written as (
        update clusters c set connected = r.connected, replica = case when r.connected then ${replica} end,
          connection_since = r.at, last_seen_at = r.at,
          agent_version = coalesce(r.agent_version, c.agent_version),
          kubernetes_version = coalesce(r.kubernetes_version, c.kubernetes_version),
          events_dropped = coalesce(r.events_dropped, c.events_dropped)
        from change r where c.name = r.cluster and (r.connected or c.replica = ${replica})
        returning c.name
      ), said as (
        insert into events (at, cluster, type, severity, message, data)
        select r.at, r.cluster, r.type, r.severity, r.message, '{}'
        from change r join written w on w.name = r.cluster
        returning id
      ) select max(id) as newest from said`.execute(transaction);
    const newest = stored.rows[0]?.newest ?? null;
    if (newest !== null) await publishNews(transaction, { type: 'event', event: newest });
  });
}
