import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createKube, type KubeClient, type KubeOptions } from './client.ts';
import type { Identity } from './credentials.ts';
import type { Resource } from './port.ts';
import { systemTime } from './time.ts';

const configMaps: Resource = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true };
const name = { namespace: 'shop', name: 'a' };
const found = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'shop' } };

type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void;
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A client of a server that answers as told; `waits` are the pauses that it made, none of which takes time. */
async function against(
  answer: Answer,
  options: KubeOptions = {},
  identity?: (renew: boolean) => Record<string, string>,
) {
  const requests: IncomingMessage[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(request);
    request.resume();
    answer(request, response, requests.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const tls = { options: {}, proxy: null };
  const waits: number[] = [];
  let now = 0;
  const kube: KubeClient = createKube(
    {
      server: `http://127.0.0.1:${(server.address() as AddressInfo).port}/behind/a/proxy/`,
      namespace: null,
      identity: async (renew): Promise<Identity> => ({ tls, headers: identity?.(renew) ?? {} }),
    },
    {
      time: {
        ...systemTime,
        now: () => now,
        random: () => 0,
        sleep: async (milliseconds) => {
          waits.push(milliseconds);
          now += milliseconds;
        },
      },
      ...options,
    },
  );
  closing.push(
    () => kube.close(),
    () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  );
  return { kube, requests, waits };
}

const send = (response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}) =>
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(`${JSON.stringify(body)}\n`);

describe('HTTP', () => {
  it('waits as long as a 429 says, and goes on', async () => {
    const { kube, waits } = await against((_, response, count) =>
      count < 3 ? send(response, 429, {}, { 'retry-after': '2' }) : send(response, 200, found),
    );
    expect(await kube.get(configMaps, name)).toEqual(found);
    expect(waits).toEqual([2_000, 2_000]);
  });

  it('waits as long as a 503 says that names a time, and a moment for one that does not, a few times', async () => {
    const { kube, waits } = await against((_, response, count) =>
      send(response, 503, { kind: 'Status', message: 'shutting down' }, count < 2 ? { 'retry-after': '1' } : {}),
    );
    await expect(kube.get(configMaps, name)).rejects.toMatchObject({ code: 'unavailable', status: 503 });
    expect(waits).toEqual([1_000, 100, 400]);
  });

  it('gives up when waiting would take longer than it may', async () => {
    const { kube, requests } = await against((_, response) => send(response, 429, {}, { 'retry-after': '20' }));
    await expect(kube.get(configMaps, name)).rejects.toMatchObject({ code: 'throttled', status: 429 });
    expect(requests).toHaveLength(2);
  });

  it('reads its credentials anew when they are refused, once', async () => {
    const given: boolean[] = [];
    const { kube, requests } = await against(
      (request, response) => {
        if (request.headers.authorization === 'Bearer new') send(response, 200, found);
        else send(response, 401, { kind: 'Status', reason: 'Unauthorized' });
      },
      {},
      (renew) => {
        given.push(renew);
        return { authorization: renew ? 'Bearer new' : 'Bearer old' };
      },
    );
    expect(await kube.get(configMaps, name)).toEqual(found);
    expect(given).toEqual([false, true]);
    await expect(kube.get(configMaps, name)).rejects.toMatchObject({ code: 'forbidden', status: 401 });
    expect(requests).toHaveLength(3);
  });

  it('tries once more on a connection that was closed under it', async () => {
    const { kube, requests } = await against((request, response, count) =>
      count === 1 ? request.socket.destroy() : send(response, 200, found),
    );
    expect(await kube.get(configMaps, name)).toEqual(found);
    expect(requests).toHaveLength(2);
  });

  it.each([500, 502, 504])('sends again what ended with %i', async (status) => {
    const { kube, requests } = await against((_, response, count) =>
      count < 3 ? send(response, status, {}) : send(response, 200, found),
    );
    expect(await kube.get(configMaps, name)).toEqual(found);
    expect(requests).toHaveLength(3);
  });

  it('sends an apply again that met another writer, and not one that another manager stands against', async () => {
    const met = { kind: 'Status', reason: 'Conflict', message: 'the object has been modified' };
    const lucky = await against((_, response, count) =>
      count < 2 ? send(response, 409, met) : send(response, 200, found),
    );
    expect(await lucky.kube.apply(configMaps, found, {})).toEqual({ object: found, created: false });
    const causes = [{ reason: 'FieldManagerConflict', message: 'conflict with "x"', field: '.data.a' }];
    const { kube, requests } = await against((_, response) => send(response, 409, { ...met, details: { causes } }));
    await expect(kube.apply(configMaps, found, {})).rejects.toMatchObject({ code: 'conflict', causes });
    await expect(kube.delete(configMaps, name, { uid: 'x' })).rejects.toMatchObject({ code: 'conflict' });
    expect(requests).toHaveLength(2);
  });

  it('[A11] takes half an answer for none, and does not quote it', async () => {
    const { kube, requests } = await against((_, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"data": {"password": hunter2'),
    );
    const error = await kube.get({ ...configMaps, kind: 'Secret', plural: 'secrets' }, name).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'unavailable', status: 0 });
    expect(`${error.stack} ${error.cause?.stack}`).not.toContain('hunter2');
    expect(requests).toHaveLength(4);
  });

  it('[A10] impersonates, under its own name, below the path of the server', async () => {
    const { kube, requests } = await against((_, response) => send(response, 201, found), {
      userAgent: 'fairway-agent/1',
    });
    const { created } = await kube.apply(configMaps, found, {
      as: 'system:serviceaccount:shop:deployer',
      dryRun: true,
      force: true,
    });
    expect(created).toBe(true);
    const request = requests[0];
    expect(request?.method).toBe('PATCH');
    expect(request?.url).toBe(
      '/behind/a/proxy/api/v1/namespaces/shop/configmaps/a?fieldManager=fairway&force=true&fieldValidation=Strict&dryRun=All',
    );
    expect(request?.headers).toMatchObject({
      'impersonate-user': 'system:serviceaccount:shop:deployer',
      'content-type': 'application/apply-patch+yaml',
      'user-agent': 'fairway-agent/1',
    });
  });

  it('refuses an object without a name or a namespace before it asks', async () => {
    const { kube, requests } = await against((_, response) => send(response, 200, found));
    const lacking = { ...found, metadata: { name: 'a' } };
    await expect(kube.apply(configMaps, lacking, {})).rejects.toMatchObject({
      code: 'invalid',
      causes: [{ field: 'metadata.namespace' }],
    });
    expect(requests).toHaveLength(0);
  });

  it('says that there was no answer', async () => {
    const { kube } = await against((_, response) => response.destroy());
    await expect(kube.get(configMaps, name)).rejects.toMatchObject({ code: 'unavailable', status: 0 });
  });

  it('gives no answer to a call that was called off', async () => {
    const { kube } = await against(() => undefined);
    await expect(kube.get(configMaps, name, { signal: AbortSignal.timeout(50) })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
  });

  it('begins a list anew when its version is compacted away between two pages', async () => {
    const page = (names: string[], more?: string) => ({
      metadata: { resourceVersion: '9', continue: more },
      items: names.map((item) => ({ metadata: { name: item } })),
    });
    const { kube, requests } = await against((request, response) => {
      const query = new URL(request.url ?? '', 'http://x').searchParams;
      if (query.get('continue') !== null) send(response, 410, { kind: 'Status', code: 410, reason: 'Expired' });
      else if (query.get('limit') === null) send(response, 200, page(['a', 'b', 'c']));
      else send(response, 200, page(['a'], 'token'));
    });
    const { items } = await kube.list(configMaps, {});
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b', 'c']);
    expect(items[0]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
    expect(requests).toHaveLength(5);
  });

  it('[A11] does not quote what a watch sends that is no event', async () => {
    const { kube } = await against((_, response) =>
      response.writeHead(200).end('{"type":"ADDED","object":{"data":hunter2\n'),
    );
    const watch = kube.watch(
      configMaps,
      { resourceVersion: '1', signal: AbortSignal.timeout(10_000) },
      () => undefined,
    );
    await expect(watch).rejects.toThrow(/^the watch sent what is no event: a line is not JSON$/);
  });

  it('puts the words of an event together, wherever they are cut', async () => {
    const line = Buffer.from(
      `${JSON.stringify({ type: 'ADDED', object: { ...found, data: { a: 'žluťoučký 🐎' } } })}\n`,
    );
    const { kube } = await against(async (_, response) => {
      response.writeHead(200);
      for (const byte of line) {
        response.write(Buffer.of(byte));
        if (byte > 0x7f) await new Promise(setImmediate);
      }
      response.end();
    });
    const events: unknown[] = [];
    await kube.watch(configMaps, { resourceVersion: '1', signal: AbortSignal.timeout(10_000) }, (event) =>
      events.push(event),
    );
    expect(events).toEqual([{ type: 'added', object: { ...found, data: { a: 'žluťoučký 🐎' } } }]);
  });

  it('reads bookmarks, and takes a watch that falls silent for ended', async () => {
    const bookmark = { type: 'BOOKMARK', object: { kind: 'ConfigMap', metadata: { resourceVersion: '77' } } };
    const { kube } = await against(
      (_, response) => response.writeHead(200).write(`${JSON.stringify(bookmark)}\n`), // And never a word more.
      { watchSilence: 200 },
    );
    const events: unknown[] = [];
    await kube.watch(configMaps, { resourceVersion: '1', signal: new AbortController().signal }, (event) =>
      events.push(event),
    );
    expect(events).toEqual([{ type: 'bookmark', resourceVersion: '77' }]);
  });

  it('throws what a watch is refused with, or told', async () => {
    const { kube } = await against((_, response, count) =>
      count === 1
        ? send(response, 403, { kind: 'Status', reason: 'Forbidden' })
        : send(response, 200, { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } }, {}),
    );
    const watch = () =>
      kube.watch(configMaps, { resourceVersion: '1', signal: AbortSignal.timeout(10_000) }, () => undefined);
    await expect(watch()).rejects.toMatchObject({ code: 'forbidden' });
    await expect(watch()).rejects.toMatchObject({ code: 'gone' });
  });
});
