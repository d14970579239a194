import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createClient } from './client.ts';
import { followEvents } from './event-stream.ts';

let server: Server;
let url: string;
/** What each request in turn is answered with: a status, and a body. */
const answers: [number, string][] = [];

beforeAll(async () => {
  server = createServer((_request, response) => {
    const [status, body] = answers.shift() ?? [500, ''];
    const type = status === 200 ? 'text/event-stream' : 'application/problem+json';
    response.writeHead(status, { 'content-type': type, 'fairway-version': '0.1.0' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const problem = (status: number, code: string): [number, string] => [
  status,
  JSON.stringify({ status, code, title: code, detail: code, type: 'about:blank' }),
];

async function first(): Promise<unknown> {
  const ending = new AbortController();
  for await (const event of followEvents(createClient({ url, token: 'a' }), {}, ending.signal)) return event;
  return null;
}

it('asks a hub again that has too much to do for now, from the first time on', async () => {
  answers.push(problem(503, 'overloaded'), [200, 'id: 7\ndata: {"id":7}\n\n']);
  expect(await first()).toEqual({ id: 7 });
});

it('leaves it at what the hub refuses, and at a hub that was never there', async () => {
  answers.push(problem(403, 'permission-denied'));
  await expect(first()).rejects.toMatchObject({ code: 'permission-denied' });
  const nobody = createClient({ url: 'http://127.0.0.1:1', token: 'a' });
  const following = followEvents(nobody, {}, new AbortController().signal);
  await expect(following.next()).rejects.toMatchObject({ code: 'hub-unreachable' });
});
