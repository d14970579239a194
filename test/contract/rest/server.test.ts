import { execFile } from 'node:child_process';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { Validator } from '@seriousme/openapi-schema-validator';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { permissions } from '../../../core/access.ts';
import { newTokenSecret } from '../../../hub/access/secret.ts';
import { until } from '../../until.ts';
import { startTestApi, type TestApi } from './harness.ts';

let api: TestApi;
let url: string;

beforeAll(async () => {
  api = await startTestApi();
  url = await api.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => api.stop());

interface Operation {
  readonly security?: readonly unknown[];
  readonly summary?: string;
}

async function operations(): Promise<{ method: string; path: string; operation: Operation }[]> {
  const { body } = await api.ask('GET', '/openapi.json', { token: null });
  return Object.entries(body.paths as Record<string, Record<string, Operation>>).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );
}

describe('routes', () => {
  it('[T5] every one names its permission: without a token all but the public ones are refused', async () => {
    const all = await operations();
    expect(all.length).toBeGreaterThan(30);
    for (const { method, path, operation } of all) {
      if (operation.security?.length === 0) continue;
      const { status, body, headers } = await api.ask(method.toUpperCase() as 'GET', path.replace(/\{\w+\}/g, '1'), {
        token: null,
      });
      expect([status, body.code], `${method} ${path}`).toEqual([401, 'token-required']);
      expect(headers['www-authenticate']).toMatch(/^Bearer/);
    }
    const open = all.filter(({ operation }) => operation.security?.length === 0).map(({ path }) => path);
    expect(open.sort()).toEqual(['/api/v1/hooks/git', '/api/v1/identity', '/healthz', '/readyz']);
  });

  it('[T5] one without a permission keeps the server from starting', async () => {
    const bare = (app: FastifyInstance) => app.get('/bare', async () => 'open');
    await expect(startBroken(bare)).rejects.toThrow('names no permission');
  });

  it('[T5] a role without the permission is refused, and told which roles have it', async () => {
    const viewer = await api.token('viewer');
    const { status, body } = await api.ask('GET', 'tokens', { token: viewer });
    expect([status, body.code]).toEqual([403, 'permission-missing']);
    expect(body.remedy).toContain('admin');
    const auditor = await api.token('auditor');
    expect((await api.ask('GET', 'audit', { token: auditor })).status).toBe(200);
    expect((await api.ask('POST', 'clusters', { token: auditor, body: { name: 'x' } })).status).toBe(403);
    expect(permissions.length).toBeGreaterThan(0);
  });

  it('the description is OpenAPI 3.1, and says of every route what it is for', async () => {
    const { status, body } = await api.ask('GET', '/openapi.json', { token: null });
    expect(status).toBe(200);
    expect(body.openapi).toBe('3.1.0');
    const result = await new Validator().validate(body);
    expect(result.errors ?? []).toEqual([]);
    for (const { method, path, operation } of await operations())
      expect(operation.summary, `${method} ${path}`).toBeTruthy();
    const printed = api.app.printRoutes({ commonPrefix: false });
    for (const resource of [
      'clusters',
      'sources',
      'applications',
      'environments',
      'releases',
      'placements',
      'drift',
      'events',
      'problems',
      'tokens',
      'identity',
      'status',
      'audit',
      'hooks',
    ]) {
      expect(printed).toContain(resource);
      expect(Object.keys(body.paths).some((path) => path.startsWith(`/api/v1/${resource}`))).toBe(true);
    }
  });
});

describe('[X4] bad requests', () => {
  const json = { 'content-type': 'application/json' };
  it.each([
    ['a route that is none', 'GET', '/nowhere', {}, 404, 'route-not-found', undefined],
    ['a limit beyond the bounds', 'GET', '/api/v1/clusters?limit=501', {}, 400, 'request-invalid', 'limit'],
    ['a limit that is no number', 'GET', '/api/v1/clusters?limit=many', {}, 400, 'request-invalid', 'limit'],
    ['a filter that is none', 'GET', '/api/v1/clusters?colour=red', {}, 400, 'request-invalid', 'colour'],
    [
      'a selector that is none',
      'GET',
      '/api/v1/clusters?labelSelector=a%20b',
      {},
      400,
      'selector-invalid',
      'labelSelector',
    ],
    ['a word of health that is none', 'GET', '/api/v1/placements?health=fine', {}, 400, 'request-invalid', 'health'],
    ['a time that is none', 'GET', '/api/v1/audit?since=yesterday', {}, 400, 'request-invalid', 'since'],
    ['an id that is no number', 'GET', '/api/v1/drift/x', {}, 400, 'request-invalid', 'id'],
    ['an id beyond all numbers', 'GET', `/api/v1/drift/${'9'.repeat(30)}`, {}, 400, 'request-invalid', 'id'],
    ['a second that is none', 'GET', '/api/v1/audit?since=2016-12-31T23:59:60Z', {}, 400, 'request-invalid', 'since'],
    ['U+0000 in a filter', 'GET', '/api/v1/audit?actor=a%00b', {}, 400, 'text-invalid', 'actor'],
    ['U+0000 in an id', 'DELETE', '/api/v1/tokens/a%00b', {}, 400, 'text-invalid', 'id'],
    [
      'half of a surrogate pair',
      'POST',
      '/api/v1/clusters/dev-1/cordon',
      { body: '{"reason":"\\ud800"}', headers: json },
      400,
      'text-invalid',
      'reason',
    ],
    [
      'a key that would reach into prototypes',
      'POST',
      '/api/v1/clusters',
      { body: '{"name":"a","labels":{"__proto__":"x"}}', headers: json },
      400,
      'body-malformed',
      'body',
    ],
    ['a URL that is no text', 'GET', '/api/v1/clusters/%ED%A0%80', {}, 400, 'request-invalid', undefined],
    ['a name without end', 'GET', `/api/v1/clusters/${'a'.repeat(3_000)}`, {}, 400, 'request-invalid', undefined],
    ['a name that is none', 'GET', '/api/v1/clusters/A_B', {}, 400, 'request-invalid', 'name'],
    [
      'a Last-Event-ID that is none',
      'GET',
      '/api/v1/events',
      { headers: { accept: 'text/event-stream', 'last-event-id': 'x' } },
      400,
      'last-event-id-invalid',
      'Last-Event-ID',
    ],
    [
      'JSON that is none',
      'POST',
      '/api/v1/clusters',
      { body: '{"name":', headers: json },
      400,
      'body-malformed',
      'body',
    ],
    ['no body', 'POST', '/api/v1/clusters', { headers: json }, 400, 'body-malformed', 'body'],
    [
      'a body of another type',
      'POST',
      '/api/v1/clusters',
      { body: 'name=x', headers: { 'content-type': 'text/csv' } },
      415,
      'media-type-unsupported',
      'Content-Type',
    ],
  ] as const)('%s', async (_what, method, path, options, status, code, field) => {
    const answer = await api.ask(method, path, options);
    expect([answer.status, answer.body.code, answer.body.field]).toEqual([status, code, field]);
  });

  it('a body of 100 MB gets 413, and does not hurt', async () => {
    const token = await api.token('admin');
    let most = 0;
    const watching = setInterval(() => {
      most = Math.max(most, process.memoryUsage().arrayBuffers);
    }, 5);
    const before = process.memoryUsage().arrayBuffers;
    for (const path of ['clusters', 'hooks/git']) {
      const answer = await sendFromOutside(`${url}/api/v1/${path}`, token);
      expect([answer.status, answer.body.code]).toEqual([413, 'body-too-large']);
    }
    clearInterval(watching);
    expect(most - before).toBeLessThan(20 * 1024 * 1024);
    expect((await api.ask('GET', '/healthz', { token: null })).body).toEqual({ alive: true });
  });

  it('a body that does not say its length is cut off at the limit', async () => {
    const token = await api.token('admin');
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        sent += 65_536;
        if (sent > 100 * 1024 * 1024) controller.close();
        else controller.enqueue(new Uint8Array(65_536));
      },
    });
    const init = { method: 'POST', headers: { authorization: `Bearer ${token}`, ...json }, body, duplex: 'half' };
    const answered = await fetch(`${url}/api/v1/clusters`, init as RequestInit).then(
      ({ status }) => status,
      () => 'cut off',
    );
    expect([413, 'cut off']).toContain(answered);
    expect(sent).toBeLessThan(100 * 1024 * 1024);
  });
});

describe('callers', () => {
  it('one that guesses tokens is told to wait, and the others are not', async () => {
    const guarded = await startTestApi();
    try {
      const answers: number[] = [];
      for (let attempt = 0; attempt < 40; attempt++)
        answers.push((await guarded.ask('GET', 'me', { token: newTokenSecret() })).status);
      expect(new Set(answers.slice(0, 30))).toEqual(new Set([401]));
      expect(new Set(answers.slice(31))).toEqual(new Set([429]));
      expect((await guarded.ask('GET', 'me')).status).toBe(200);
    } finally {
      await guarded.stop();
    }
  });

  it('[L7] one that sends its headers drop by drop is let go', async () => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    let closed = false;
    socket
      .on('error', () => undefined)
      .once('close', () => {
        closed = true;
      });
    socket.resume().write('GET /healthz HTTP/1.1\r\nHost: hub\r\n');
    const drops = setInterval(() => socket.write('x: y\r\n'), 1_000);
    await until(() => closed, { what: 'the connection is closed', within: 30_000 });
    clearInterval(drops);
  });

  it('one that asks too much gets 429 and when to come back', async () => {
    const busy = await startTestApi({ requestsPerMinute: 5 });
    try {
      const answers = [];
      for (let attempt = 0; attempt < 7; attempt++) answers.push(await busy.ask('GET', 'identity', { token: null }));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429, 429]);
      expect(answers[6]?.body.code).toBe('rate-limited');
      expect(Number(answers[6]?.headers['retry-after'])).toBeGreaterThan(0);
    } finally {
      await busy.stop();
    }
  });

  it('what goes wrong inside is not told outside', async () => {
    const broken = await startTestApi({ readiness: { queue: () => Promise.reject(new Error('password=hunter2')) } });
    try {
      const ready = await broken.ask('GET', '/readyz', { token: null });
      expect([ready.status, ready.body]).toEqual([503, { ready: false, checks: { database: 'ok', queue: 'failed' } }]);
      await broken.database.db.schema.alterTable('problems').renameTo('lost').execute();
      const failed = await broken.ask('GET', 'problems');
      expect([failed.status, failed.body.code]).toEqual([500, 'internal']);
      expect(JSON.stringify(failed.body)).not.toMatch(/relation|lost|problems"/);
    } finally {
      await broken.stop();
    }
  });

  it('may ask who the hub is without a token', async () => {
    const { body, headers } = await api.ask('GET', 'identity', { token: null });
    expect(body).toMatchObject({ product: 'fairway', version: '0.0.0-test', agentAddress: 'hub.example:7443' });
    expect(body.authorities).toHaveLength(2);
    expect(headers['fairway-version']).toBe('0.0.0-test');
    expect((await api.ask('GET', '/readyz', { token: null })).body).toEqual({
      ready: true,
      checks: { database: 'ok' },
    });
  });
});

async function startBroken(addRoute: (app: FastifyInstance) => unknown): Promise<void> {
  const { default: Fastify } = await import('fastify');
  const { guardRoutes } = await import('../../../hub/api/access.ts');
  const { default: rateLimit } = await import('@fastify/rate-limit');
  const app = Fastify();
  await app.register(rateLimit);
  guardRoutes(app as never, { db: api.database.db, now: Date.now, log: app.log } as never);
  try {
    app.register(async (child) => addRoute(child));
    await app.ready();
  } finally {
    await app.close();
  }
}

/** Another process sends 100 MB, so that what this one holds is the hub's alone. */
async function sendFromOutside(to: string, token: string): Promise<{ status: number; body: { code: string } }> {
  const script = `
    const body = Buffer.alloc(100 * 1024 * 1024, 'x');
    const headers = { authorization: 'Bearer ' + process.env.TOKEN, 'content-type': 'application/json' };
    const response = await fetch(process.env.TO, { method: 'POST', headers, body });
    console.log(JSON.stringify({ status: response.status, body: await response.json() }));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, TO: to, TOKEN: token },
  });
  return JSON.parse(stdout);
}
