import { sql, type Transaction } from 'kysely';
import type { Schema } from '../store/schema.ts';
import type { NewsItem } from './news.ts';

/** PostgreSQL's channel for news, of every replica on one database. */
export const channel = 'fairway_news';

/** Bytes of a notification: PostgreSQL refuses 8000. */
const LARGEST_PAYLOAD = 7000;

/** Part of the transaction: heard only once, and only if, that commits. */
export async function publishNews(
  transaction: Transaction<Schema>,
  item: Exclude<NewsItem, { type: 'resync' }>,
): Promise<void> {
  const payloads = toPayloads(item);
  if (payloads.length === 0) return;
  await sql`select pg_notify(${channel}, payload) from unnest(${payloads}::text[]) as payload`.execute(transaction);
}

/** The item as JSON, a list of clusters in as many parts as it takes. */
function toPayloads(item: Exclude<NewsItem, { type: 'resync' }>): readonly string[] {
  if (item.type !== 'desired') return [JSON.stringify(item)];
  const payloads: string[] = [];
  let clusters: string[] = [];
  let size = 0;
  for (const cluster of item.clusters) {
    const bytes = Buffer.byteLength(JSON.stringify(cluster)) + 1;
    if (size + bytes > LARGEST_PAYLOAD && clusters.length > 0) {
      payloads.push(JSON.stringify({ type: 'desired', clusters }));
      clusters = [];
      size = 0;
    }
    clusters.push(cluster);
    size += bytes;
  }
  if (clusters.length > 0) payloads.push(JSON.stringify({ type: 'desired', clusters }));
  return payloads;
}
