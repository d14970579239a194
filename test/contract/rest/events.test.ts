import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FleetEvent } from '../../../proto/rest/events.ts';
import { until } from '../../until.ts';
import { addEvent, seedFleet } from './fleet.ts';
import { startTestApi, type TestApi } from './harness.ts';

let api: TestApi;
let url: string;

beforeAll(async () => {
  api = await startTestApi();
  await seedFleet(api.database.db);
  url = await api.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => api.stop());

interface Reader {
  readonly received: FleetEvent[];
  readonly ended: Promise<void>;
  close(): void;
}

async function read(options: { token: string; query?: string; last?: number }): Promise<Reader> {
  const controller = new AbortController();
  const response = await fetch(`${url}/api/v1/events${options.query ?? ''}`, {
    headers: {
      authorization: `Bearer ${options.token}`,
      accept: 'text/event-stream',
      ...(options.last === undefined ? {} : { 'last-event-id': String(options.last) }),
    },
    signal: controller.signal,
  });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const received: FleetEvent[] = [];
  const ended = (async () => {
    const decoder = new TextDecoder();
    let text = '';
    try {
      for await (const chunk of response.body ?? []) {
        text += decoder.decode(chunk, { stream: true });
        const parts = text.split('\n\n');
        text = parts.pop() ?? '';
        for (const part of parts) {
          const data = /^data: (.*)$/m.exec(part)?.[1];
          if (data !== undefined) received.push(JSON.parse(data));
        }
      }
    } catch (error) {
      if (!controller.signal.aborted) throw error;
    }
  })();
  return { received, ended, close: () => controller.abort() };
}

const messages = ({ received }: Reader) => received.map(({ message }) => message);
const shows = (reader: Reader, wanted: string[]) =>
  until(async () => messages(reader).length >= wanted.length, { what: wanted.join(), within: 10_000 }).then(() =>
    expect(messages(reader)).toEqual(wanted),
  );

describe('events as they happen', () => {
  it('arrive when the news says so, in order, each once', async () => {
    const reader = await read({ token: await api.token('viewer') });
    for (const message of ['one', 'two', 'three']) {
      const event = await addEvent(api.database.db, { cluster: 'dev-1', message });
      api.tell({ type: 'event', event });
      api.tell({ type: 'event', event });
    }
    await shows(reader, ['one', 'two', 'three']);
    reader.close();
  });

  it('arrive though the news was lost', async () => {
    const reader = await read({ token: await api.token('viewer') });
    await addEvent(api.database.db, { message: 'unheard' });
    await shows(reader, ['unheard']);
    reader.close();
  });

  it('arrive though they were stored out of order', async () => {
    const reader = await read({ token: await api.token('viewer') });
    const { db } = api.database;
    const early = (await addEvent(db, { message: 'placeholder' })) + 1;
    await shows(reader, ['placeholder']);
    // An id that was given out, and whose transaction commits after the next one's.
    const late = { at: new Date(), type: 'applied', severity: 'info', data: '{}' } as const;
    await db.transaction().execute(async (slow) => {
      await slow
        .insertInto('events')
        .values({ ...late, message: 'slow' })
        .execute();
      const event = await addEvent(db, { message: 'fast' });
      api.tell({ type: 'event', event });
      await until(async () => reader.received.length === 2, { what: 'the fast one', within: 10_000 });
    });
    api.tell({ type: 'event', event: early });
    await shows(reader, ['placeholder', 'fast', 'slow']);
    reader.close();
  });

  it('go on where a reader that comes back left off', async () => {
    const { db } = api.database;
    const token = await api.token('viewer');
    const last = await addEvent(db, { message: 'had' });
    await addEvent(db, { message: 'missed-1' });
    await addEvent(db, { message: 'missed-2' });
    const reader = await read({ token, last });
    await shows(reader, ['missed-1', 'missed-2']);
    reader.close();
  });

  it('catch up with more than one batch', async () => {
    const { db } = api.database;
    const last = await addEvent(db, { message: 'before' });
    await db
      .insertInto('events')
      .values(
        Array.from({ length: 1_234 }, (_, index) => ({
          at: new Date(),
          type: 'applied',
          severity: 'info' as const,
          data: '{}',
          message: `many-${index}`,
        })),
      )
      .execute();
    const reader = await read({ token: await api.token('viewer'), last });
    await until(async () => reader.received.length >= 1_234, { what: 'all of them', within: 15_000 });
    expect(new Set(messages(reader)).size).toBe(1_234);
    expect(reader.received).toHaveLength(1_234);
    reader.close();
  });

  it('[T5] only those that the reader may see and asked for', async () => {
    const reader = await read({
      token: await api.token('viewer', { environments: ['dev'], tenants: ['storefront'] }),
      query: '?cluster=dev-1',
    });
    const { db } = api.database;
    await addEvent(db, { cluster: 'prod-1', application: 'shop', environment: 'prod', message: 'elsewhere' });
    await addEvent(db, { cluster: 'dev-1', application: 'ledger', environment: 'dev', message: 'another tenant' });
    const event = await addEvent(db, { cluster: 'dev-1', application: 'shop', environment: 'dev', message: 'ours' });
    api.tell({ type: 'event', event });
    await shows(reader, ['ours']);
    reader.close();
  });

  it('[T6] show nothing more, and end, once their token is revoked', async () => {
    const { token, name } = await api
      .ask('POST', 'tokens', { body: { name: 'watcher', role: 'viewer' } })
      .then(({ body }) => body);
    const reader = await read({ token });
    await api.ask('DELETE', `tokens/${name}`);
    api.tell({ type: 'event', event: await addEvent(api.database.db, { message: 'not for a stranger' }) });
    await reader.ended;
    expect(messages(reader)).toEqual([]);
  });

  it('end when the hub closes', async () => {
    const closing = await startTestApi();
    const address = await closing.app.listen({ host: '127.0.0.1', port: 0 });
    const headers = { authorization: `Bearer ${await closing.token('viewer')}`, accept: 'text/event-stream' };
    const response = await fetch(`${address}/api/v1/events`, { headers });
    const text = response.text();
    await closing.stop();
    expect(await text).toContain('retry:');
  });
});
