import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { News, NewsItem } from '../../hub/link/news.ts';
import { createPostgresNews } from '../../hub/link/news-postgres.ts';
import { publishNews } from '../../hub/link/news-publish.ts';
import { startTestDatabase, type TestDatabase } from '../database.ts';
import { until } from '../until.ts';

const log = pino({ level: 'silent' });

describe('news over PostgreSQL', () => {
  let database: TestDatabase;
  const opened: News[] = [];

  beforeAll(async () => {
    database = await startTestDatabase();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((news) => news.close()));
  });
  afterAll(() => database?.stop());

  /** One replica's news, and what it heard. */
  async function listen(): Promise<{ news: News; heard: NewsItem[] }> {
    const news = await createPostgresNews(database.address, log);
    opened.push(news);
    const heard: NewsItem[] = [];
    news.subscribe((item) => heard.push(item));
    return { news, heard };
  }

  const publish = (item: Exclude<NewsItem, { type: 'resync' }>) =>
    database.db.transaction().execute((transaction) => publishNews(transaction, item));

  it('is heard by every replica, in the order of the commits', async () => {
    const replicas = [await listen(), await listen()];
    const items: Exclude<NewsItem, { type: 'resync' }>[] = [
      { type: 'desired', clusters: ['eu-1', 'eu-2'] },
      { type: 'revoked', cluster: 'eu-1' },
      { type: 'event', event: 7 },
    ];
    for (const item of items) await publish(item);
    for (const { heard } of replicas) {
      await until(() => heard.length === items.length, { what: 'all is heard', every: 10 });
      expect(heard).toEqual(items);
    }
  });

  it('is heard only if the transaction commits, and not before', async () => {
    const { heard } = await listen();
    const abandoned = database.db.transaction().execute(async (transaction) => {
      await publishNews(transaction, { type: 'revoked', cluster: 'never' });
      throw new Error('abandoned');
    });
    await expect(abandoned).rejects.toThrow('abandoned');
    await publish({ type: 'revoked', cluster: 'yes' });
    await until(() => heard.length > 0, { what: 'it is heard', every: 10 });
    expect(heard).toEqual([{ type: 'revoked', cluster: 'yes' }]);
  });

  it('carries ten thousand clusters in one transaction, and nothing for none', async () => {
    const { heard } = await listen();
    const clusters = Array.from({ length: 10_000 }, (_, index) => `cluster-ü-${index}`);
    await publish({ type: 'desired', clusters: [] });
    await publish({ type: 'desired', clusters });
    const all = () => heard.flatMap((item) => (item.type === 'desired' ? item.clusters : []));
    await until(() => all().length >= clusters.length, { what: 'all is heard', every: 10 });
    expect(all()).toEqual(clusters);
    expect(heard.length).toBeGreaterThan(1);
  });

  it('[L2] says to look at everything again after its connection broke, and goes on', async () => {
    const { heard } = await listen();
    await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'fairway news'`.execute(database.db);
    await until(() => heard.length > 0, { what: 'it is told to resync', every: 10 });
    expect(heard).toEqual([{ type: 'resync' }]);
    await publish({ type: 'event', event: 1 });
    await until(() => heard.length > 1, { what: 'news comes again', every: 10 });
    expect(heard[1]).toEqual({ type: 'event', event: 1 });
  });

  it('tells the others when one subscriber throws, and nobody who has left', async () => {
    const { news, heard } = await listen();
    const leave = news.subscribe(() => {
      throw new Error('mine');
    });
    const after: NewsItem[] = [];
    news.subscribe((item) => after.push(item));
    await publish({ type: 'event', event: 1 });
    await until(() => after.length === 1 && heard.length === 1, { what: 'the others hear it', every: 10 });
    leave();
    await publish({ type: 'event', event: 2 });
    await until(() => after.length === 2, { what: 'they hear the next', every: 10 });
  });
});
