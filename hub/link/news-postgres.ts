import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import { messageOf } from '../../core/errors.ts';
import type { DatabaseAddress } from '../store/pool.ts';
import type { News, NewsItem } from './news.ts';
import { channel } from './news-publish.ts';

/** Milliseconds between checks that the connection still lives, and the longest that one may take. */
const HEARTBEAT = 5000;
const LONGEST_PAUSE = 2000;

/**
 * Hears what `publishNews` says, on a connection of its own. A connection that breaks is made again, and then
 * subscribers are told to look at everything.
 * @throws the database's error where the first connection fails
 */
export async function createPostgresNews(address: DatabaseAddress, log: Logger): Promise<News> {
  const handlers = new Set<(news: NewsItem) => void>();
  const closing = new AbortController();

  const tell = (item: NewsItem) => {
    for (const handler of handlers) {
      try {
        handler(item);
      } catch (error) {
        log.error({ error: messageOf(error), news: item.type }, 'a subscriber failed on news');
      }
    }
  };

  const listen = async () => {
    const client = new pg.Client({
      ...address,
      application_name: 'fairway news',
      keepAlive: true,
      connectionTimeoutMillis: 10_000,
      query_timeout: HEARTBEAT,
    });
    const broken = new Promise<Error | undefined>((resolve) => {
      client.once('error', resolve);
      client.once('end', () => resolve(undefined));
    });
    client.on('notification', ({ payload }) => tell(JSON.parse(payload ?? '') as NewsItem));
    try {
      await client.connect();
      await client.query(`listen ${channel}`);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    return { client, broken };
  };

  let connection = await listen();
  const keptUp = keepUp();

  async function keepUp(): Promise<void> {
    while (!closing.signal.aborted) {
      const reason = await untilBroken(connection, closing.signal);
      connection.client.end().catch(() => undefined);
      if (closing.signal.aborted) return;
      log.warn({ reason }, 'lost the connection for news');
      await reconnect();
    }
  }

  async function reconnect(): Promise<void> {
    for (let pause = 50; !closing.signal.aborted; pause = Math.min(LONGEST_PAUSE, pause * 2)) {
      try {
        connection = await listen();
        tell({ type: 'resync' });
        return;
      } catch (error) {
        log.debug({ reason: messageOf(error) }, 'cannot connect for news yet');
        await sleep(pause * (0.5 + Math.random() / 2), undefined, { signal: closing.signal }).catch(() => undefined);
      }
    }
  }

  return {
    subscribe: (handler) => {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    close: async () => {
      closing.abort();
      await keptUp;
      await connection.client.end().catch(() => undefined);
    },
  };
}

/** @returns why it broke; it ends as well when the signal says that it is no longer wanted */
async function untilBroken(
  { client, broken }: { client: pg.Client; broken: Promise<Error | undefined> },
  signal: AbortSignal,
): Promise<string> {
  while (!signal.aborted) {
    const pause = sleep(HEARTBEAT, 'look' as const, { signal }).catch(() => 'closing' as const);
    const outcome = await Promise.race([broken, pause]);
    if (outcome !== 'look') return outcome instanceof Error ? outcome.message : 'the server ended it';
    try {
      await client.query('select 1');
    } catch (error) {
      return messageOf(error);
    }
  }
  return 'closing';
}
