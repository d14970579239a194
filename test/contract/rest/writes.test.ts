import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalJson, digestOf } from '../../../core/canonical.ts';
import { credentialsOf, setCredentials } from '../../../hub/sources/credentials.ts';
import { createDataKey } from '../../../hub/store/data-key.ts';
import { seedFleet } from './fleet.ts';
import { startTestApi, type TestApi } from './harness.ts';

let api: TestApi;
const dataKey = createDataKey(Buffer.alloc(32, 7));

beforeAll(async () => {
  api = await startTestApi();
  await seedFleet(api.database.db);
});
afterAll(() => api.stop());

const ledger = async (subject: string) =>
  (await api.ask('GET', `audit?subject=${encodeURIComponent(subject)}`)).body.items;

describe('clusters', () => {
  it('[T1, U1] registers one, shows its token once, and leaves a ledger row', async () => {
    const { status, body } = await api.ask('POST', 'clusters', {
      body: { name: 'new-1', labels: { env: 'dev' }, ttl: '15m' },
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({ cluster: 'new-1', hub: 'hub.example:7443', agentImage: 'example/agent:test' });
    expect(Date.parse(body.expiresAt) - Date.now()).toBeGreaterThan(14 * 60_000);
    const shown = await api.ask('GET', 'clusters/new-1');
    expect(JSON.stringify(shown.body)).not.toContain(body.token);
    expect(shown.body).toMatchObject({
      state: 'registered',
      environments: ['dev'],
      wait: { reason: 'the agent has not joined yet' },
    });
    expect(shown.body.wait.deadline).toBe(body.expiresAt);
    expect(await ledger('cluster/new-1')).toMatchObject([{ action: 'cluster.register', actor: 'token:test-admin-1' }]);
    expect(api.woken).toContain('placement shop');
  });

  it('[T7] says that a cluster without bounds makes its agent an administrator', async () => {
    const unbounded = await api.ask('POST', 'clusters', { body: { name: 'unbounded' } });
    expect(unbounded.body.warnings).toHaveLength(1);
    const bounded = await api.ask('POST', 'clusters', { body: { name: 'bounded', allow: { namespaces: ['shop'] } } });
    expect(bounded.body).toMatchObject({ warnings: [], allow: { namespaces: ['shop'] } });
  });

  it('relabels by merge, bounds, cordons and lets go again, revokes, removes', async () => {
    await api.ask('POST', 'clusters', { body: { name: 'edit', labels: { env: 'dev', ring: 'canary' } } });
    const relabelled = await api.ask('PATCH', 'clusters/edit', { body: { labels: { ring: null, region: 'eu' } } });
    expect(relabelled.body.labels).toEqual({ env: 'dev', region: 'eu' });
    const bounded = await api.ask('PUT', 'clusters/edit/allow', { body: { kinds: ['apps/*'] } });
    expect(bounded.body.allow).toEqual({ kinds: ['apps/*'] });
    expect((await api.ask('DELETE', 'clusters/edit/allow')).body.allow).toBeNull();
    const cordoned = await api.ask('POST', 'clusters/edit/cordon', { body: { reason: 'disk' } });
    expect(cordoned.body.cordon).toMatchObject({ reason: 'disk' });
    expect((await api.ask('POST', 'clusters/edit/uncordon')).body.cordon).toBeNull();
    expect((await api.ask('POST', 'clusters/edit/join-tokens', { body: {} })).status).toBe(201);
    expect((await api.ask('POST', 'clusters/edit/revoke', { body: {} })).body.state).toBe('revoked');
    expect((await api.ask('POST', 'clusters/edit/join-tokens', { body: {} })).status).toBe(409);
    expect((await api.ask('DELETE', 'clusters/edit')).status).toBe(200);
    expect((await api.ask('GET', 'clusters/edit')).status).toBe(404);
  });

  it('[X4] refuses what is wrong, names the field, and changes nothing', async () => {
    const cases: [body: unknown, status: number, code: string, field: string][] = [
      [{}, 400, 'request-invalid', 'name'],
      [{ name: 7 }, 400, 'request-invalid', 'name'],
      [{ name: 'Not_A_Name' }, 400, 'cluster-name-invalid', 'name'],
      [{ name: 'x', colour: 'red' }, 400, 'request-invalid', 'colour'],
      [{ name: 'x', labels: { env: 3 } }, 400, 'request-invalid', 'labels.env'],
      [{ name: 'x', labels: { 'a b': 'c' } }, 400, 'label-invalid', 'labels.a b'],
      [{ name: 'x', allow: { kinds: ['Deployment!'] } }, 400, 'allow-invalid', 'allow.kinds[0]'],
      [{ name: 'x', ttl: '5 minutes' }, 400, 'request-invalid', 'ttl'],
      [{ name: 'dev-1' }, 409, 'cluster-exists', 'name'],
    ];
    const before = await api.ask('GET', 'clusters');
    for (const [body, status, code, field] of cases) {
      const answer = await api.ask('POST', 'clusters', { body });
      expect([answer.status, answer.body.code, answer.body.field], JSON.stringify(body)).toEqual([status, code, field]);
    }
    expect((await api.ask('GET', 'clusters')).body).toEqual(before.body);
  });

  it('[T5] a write that reaches beyond the caller’s environments is refused', async () => {
    const token = await api.token('operator', { environments: ['dev'] });
    expect((await api.ask('POST', 'clusters', { token, body: { name: 'y' } })).body.code).toBe('scope-insufficient');
    expect((await api.ask('PATCH', 'clusters/dev-1', { token, body: { labels: { env: 'prod' } } })).status).toBe(403);
    expect((await api.ask('POST', 'clusters/prod-1/cordon', { token, body: {} })).status).toBe(404);
    expect((await api.ask('POST', 'clusters/dev-1/cordon', { token, body: {} })).status).toBe(200);
    expect((await api.ask('POST', 'clusters/dev-1/uncordon', { token })).status).toBe(200);
  });

  it('[T5] a cluster is no tenant’s: whoever is bound to tenants changes nothing of one', async () => {
    const token = await api.token('operator', { tenants: ['storefront'] });
    const before = await api.ask('GET', 'clusters/dev-1');
    for (const [method, path, body] of [
      ['POST', 'clusters', { name: 'mine' }],
      ['POST', 'clusters', { name: 'dev-1', replace: true }],
      ['PATCH', 'clusters/dev-1', { labels: { env: 'prod' } }],
      ['PUT', 'clusters/dev-1/allow', {}],
      ['DELETE', 'clusters/dev-1/allow', undefined],
      ['POST', 'clusters/dev-1/cordon', {}],
      ['POST', 'clusters/dev-1/uncordon', undefined],
      ['POST', 'clusters/dev-1/join-tokens', {}],
      ['POST', 'clusters/dev-1/revoke', {}],
      ['DELETE', 'clusters/dev-1', undefined],
    ] as const) {
      const answer = await api.ask(method, path, { token, body });
      expect([method, path, answer.status, answer.body.code]).toEqual([method, path, 403, 'scope-insufficient']);
    }
    expect((await api.ask('GET', 'clusters/dev-1')).body).toEqual(before.body);
  });
});

describe('If-Match', () => {
  it('keeps a write from going over a change that its caller has not seen', async () => {
    await api.ask('POST', 'clusters', { body: { name: 'versioned' } });
    const { headers } = await api.ask('GET', 'clusters/versioned');
    const seen = { 'if-match': String(headers.etag) };
    const body = { labels: { a: '1' } };
    const changed = await api.ask('PATCH', 'clusters/versioned', { body, headers: seen });
    expect(changed.status).toBe(200);
    expect(changed.headers.etag).not.toBe(headers.etag);
    const late = await api.ask('PATCH', 'clusters/versioned', { body: { labels: { a: '2' } }, headers: seen });
    expect([late.status, late.body.code, late.body.field]).toEqual([412, 'precondition-failed', 'If-Match']);
    expect((await api.ask('GET', 'clusters/versioned')).body.labels).toEqual({ a: '1' });
    const now = { 'if-match': String(changed.headers.etag) };
    expect((await api.ask('PATCH', 'clusters/versioned', { body: { labels: { a: '3' } }, headers: now })).status).toBe(
      200,
    );
  });

  it('lets one of two writes through that were made on the same version', async () => {
    await api.ask('POST', 'clusters', { body: { name: 'contended' } });
    const { headers } = await api.ask('GET', 'clusters/contended');
    const seen = { 'if-match': String(headers.etag) };
    const answers = await Promise.all(
      ['a', 'b', 'c', 'd'].map((by) =>
        api.ask('PATCH', 'clusters/contended', { body: { labels: { by } }, headers: seen }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412]);
  });
});

describe('Idempotency-Key', () => {
  it('answers the same request with the same answer, and makes it once', async () => {
    const request = { body: { name: 'once' }, headers: { 'idempotency-key': 'key-1' } };
    const first = await api.ask('POST', 'clusters', request);
    const second = await api.ask('POST', 'clusters', request);
    expect(second.status).toBe(201);
    expect(second.body).toEqual(first.body);
    expect(second.headers['idempotency-replayed']).toBe('true');
    expect(await ledger('cluster/once')).toHaveLength(1);
    const { response } = await api.database.db
      .selectFrom('idempotency_keys')
      .select('response')
      .where('key', '=', 'key-1')
      .executeTakeFirstOrThrow();
    expect(JSON.stringify(response)).not.toContain(first.body.token);
  });

  it('refuses another request with the same key', async () => {
    const headers = { 'idempotency-key': 'key-2' };
    await api.ask('POST', 'clusters', { body: { name: 'twice-a' }, headers });
    const other = await api.ask('POST', 'clusters', { body: { name: 'twice-b' }, headers });
    expect([other.status, other.body.code]).toEqual([409, 'idempotency-key-reused']);
    expect((await api.ask('GET', 'clusters/twice-b')).status).toBe(404);
  });

  it('[A11] keeps nothing by which a password of a request could be guessed', async () => {
    const body = { type: 'basic', username: 'bot', password: 'hunter2' };
    await api.ask('PUT', 'sources/fleet/credentials', { body, headers: { 'idempotency-key': 'guess' } });
    const { request } = await api.database.db
      .selectFrom('idempotency_keys')
      .select('request')
      .where('key', '=', 'guess')
      .executeTakeFirstOrThrow();
    const url = '/api/v1/sources/fleet/credentials';
    const guess = digestOf(canonicalJson({ method: 'PUT', url, body, match: null }));
    expect(guess).not.toContain(request.replace(/^sha256:/, ''));
    await api.ask('DELETE', 'sources/fleet/credentials');
  });

  it('keys of two callers have nothing to do with each other', async () => {
    const token = await api.token('admin');
    const headers = { 'idempotency-key': 'key-3' };
    expect((await api.ask('POST', 'clusters', { body: { name: 'mine' }, headers })).status).toBe(201);
    expect((await api.ask('POST', 'clusters', { body: { name: 'theirs' }, headers, token })).status).toBe(201);
  });

  it('of many at once one is made, and the others get its answer or are told to wait', async () => {
    const request = { body: { name: 'raced' }, headers: { 'idempotency-key': 'key-4' } };
    const answers = await Promise.all(Array.from({ length: 8 }, () => api.ask('POST', 'clusters', request)));
    for (const { status, body } of answers) {
      if (status !== 201) expect([status, body.code]).toEqual([409, 'request-in-progress']);
    }
    expect(answers.some(({ status }) => status === 201)).toBe(true);
    expect(await ledger('cluster/raced')).toHaveLength(1);
  });

  it('a key with white space is no key', async () => {
    const { body } = await api.ask('POST', 'clusters', { body: { name: 'z' }, headers: { 'idempotency-key': 'a b' } });
    expect([body.code, body.field]).toEqual(['idempotency-key-invalid', 'Idempotency-Key']);
  });
});

describe('[T6] tokens', () => {
  it('are shown once, listed without their secret, and refused from the moment they are revoked', async () => {
    const created = await api.ask('POST', 'tokens', {
      body: { name: 'ci', role: 'viewer', environments: ['dev'], ttl: '1h' },
    });
    expect(created.status).toBe(201);
    const { token } = created.body;
    expect(token).toMatch(/^fwt_[\w-]{43}$/);
    const me = await api.ask('GET', 'me', { token });
    expect(me.body).toMatchObject({
      actor: 'token:ci',
      role: 'viewer',
      environments: ['dev'],
      permissions: ['fleet.read'],
    });
    expect(JSON.stringify((await api.ask('GET', 'tokens')).body)).not.toContain(token);
    expect((await api.ask('DELETE', 'tokens/ci')).body.revokedAt).not.toBeNull();
    const refused = await api.ask('GET', 'me', { token });
    expect([refused.status, refused.body.code]).toEqual([401, 'token-revoked']);
    expect((await ledger('token/ci')).map(({ action }: { action: string }) => action)).toEqual([
      'token.revoke',
      'token.create',
    ]);
  });

  it('expire', async () => {
    const token = await api.token('viewer', { expiresAt: new Date(Date.now() - 1) });
    expect((await api.ask('GET', 'me', { token })).body.code).toBe('token-expired');
  });

  it('hand on no more than their bearer has', async () => {
    const token = await api.token('admin', { environments: ['dev'] });
    for (const body of [
      { name: 'wider', role: 'viewer' },
      { name: 'wider', role: 'viewer', environments: ['prod'] },
    ]) {
      expect((await api.ask('POST', 'tokens', { token, body })).body.code).toBe('scope-insufficient');
    }
    expect(
      (await api.ask('POST', 'tokens', { token, body: { name: 'narrow', role: 'viewer', environments: ['dev'] } }))
        .status,
    ).toBe(201);
    expect((await api.ask('DELETE', 'tokens/test-admin-1', { token })).status).toBe(403);
  });

  it('names and roles are checked', async () => {
    expect((await api.ask('POST', 'tokens', { body: { name: 'a', role: 'king' } })).body).toMatchObject({
      code: 'request-invalid',
      field: 'role',
    });
    expect((await api.ask('POST', 'tokens', { body: { name: 'ci', role: 'viewer' } })).body.code).toBe('token-exists');
  });
});

describe('sources', () => {
  it('[A11] take credentials, which nothing shows again', async () => {
    const body = { type: 'basic', username: 'bot', password: 'hunter2', webhookSecret: 'hush' };
    const stored = await api.ask('PUT', 'sources/fleet/credentials', { body });
    expect(stored.body).toEqual({ name: 'fleet', stored: true, sources: ['fleet'] });
    expect(await credentialsOf(api.database.db, dataKey, 'fleet')).toEqual(body);
    const shown = await api.ask('GET', 'sources/fleet');
    expect(shown.body.hasCredentials).toBe(true);
    expect(JSON.stringify(shown.body)).not.toContain('hunter2');
    expect(JSON.stringify(await ledger('credentials/fleet'))).not.toContain('hunter2');
    expect(api.woken).toContain('source fleet');
    expect((await api.ask('DELETE', 'sources/fleet/credentials')).body.stored).toBe(false);
    expect((await api.ask('DELETE', 'sources/fleet/credentials')).status).toBe(404);
  });

  it('[T5] are not changed by whoever is bound to environments, nor shared credentials by whoever is to tenants', async () => {
    const { db } = api.database;
    const spec = (tenants: string[]) =>
      JSON.stringify({ url: 'https://git.example/x', tenants, credentials: 'shared' });
    await db
      .insertInto('sources')
      .values([
        { name: 'storefront', origin: 'declared', spec: spec(['storefront']) },
        { name: 'finance', origin: 'declared', spec: spec(['finance']) },
      ])
      .execute();
    const developer = await api.token('operator', { environments: ['dev'] });
    const tenant = await api.token('operator', { tenants: ['storefront'] });
    for (const [token, method, path, body] of [
      [developer, 'PUT', 'sources/fleet/credentials', { type: 'none' }],
      [developer, 'DELETE', 'sources/fleet/credentials', undefined],
      [developer, 'POST', 'sources/fleet/accept', { commit: 'd'.repeat(40) }],
      [tenant, 'PUT', 'sources/storefront/credentials', { type: 'none' }],
    ] as const) {
      const answer = await api.ask(method, path, { token, body });
      expect([path, answer.status, answer.body.code]).toEqual([path, 403, 'scope-insufficient']);
    }
    expect(
      (await api.ask('PUT', 'sources/finance/credentials', { token: tenant, body: { type: 'none' } })).status,
    ).toBe(404);
    await db.deleteFrom('sources').where('name', '=', 'finance').execute();
    expect(
      (await api.ask('PUT', 'sources/storefront/credentials', { token: tenant, body: { type: 'none' } })).status,
    ).toBe(200);
    await db.deleteFrom('sources').where('name', '=', 'storefront').execute();
  });

  it('refuse credentials that are none, without repeating them', async () => {
    for (const body of [
      { type: 'basic', username: 'a:b', password: 'p' },
      { type: 'magic', password: 'hunter2' },
    ]) {
      const answer = await api.ask('PUT', 'sources/fleet/credentials', { body });
      expect(answer.status).toBe(400);
      expect(JSON.stringify(answer.body)).not.toContain('hunter2');
    }
  });

  it('[G7] take a rewritten head only as it was seen', async () => {
    const { db } = api.database;
    await db
      .updateTable('sources')
      .set({ rewritten_head: 'd'.repeat(40) })
      .where('name', '=', 'fleet')
      .execute();
    expect((await api.ask('POST', 'sources/fleet/accept', { body: { commit: 'e'.repeat(40) } })).body.code).toBe(
      'rewrite-not-found',
    );
    expect((await api.ask('POST', 'sources/fleet/accept', { body: { commit: 'short' } })).body.field).toBe('commit');
    const accepted = await api.ask('POST', 'sources/fleet/accept', { body: { commit: 'd'.repeat(40) } });
    expect(accepted.body).toMatchObject({ head: { commit: 'd'.repeat(40) }, rewrittenHead: null });
  });
});

describe('hooks/git', () => {
  const push = JSON.stringify({ ref: 'refs/heads/main', repository: { clone_url: 'https://git.example/fleet.git' } });
  const headers = { 'content-type': 'application/json', 'x-github-event': 'push' };

  it('needs no token, and wakes the source that was pushed to', async () => {
    api.woken.length = 0;
    const { status, body } = await api.ask('POST', 'hooks/git?source=fleet', { token: null, body: push, headers });
    expect([status, body]).toEqual([202, { sources: ['fleet'] }]);
    expect(api.woken).toEqual(['source fleet']);
  });

  it('is refused without the signature that the source asks for', async () => {
    await setCredentials(api.database.db, dataKey, 'hub', 'fleet', { type: 'none', webhookSecret: 'hush' });
    const unsigned = await api.ask('POST', 'hooks/git?source=fleet', { token: null, body: push, headers });
    expect([unsigned.status, unsigned.body.code]).toEqual([401, 'hook-signature']);
    const signature = `sha256=${createHmac('sha256', 'hush').update(push).digest('hex')}`;
    const signed = await api.ask('POST', 'hooks/git?source=fleet', {
      token: null,
      body: push,
      headers: { ...headers, 'x-hub-signature-256': signature },
    });
    expect(signed.status).toBe(202);
  });

  it('says what is wrong with a message of nobody’s', async () => {
    const malformed = await api.ask('POST', 'hooks/git', { token: null, body: '{', headers });
    expect([malformed.status, malformed.body.code]).toEqual([400, 'hook-malformed']);
    const unknown = await api.ask('POST', 'hooks/git', { token: null, body: '{}', headers });
    expect([unknown.status, unknown.body.code]).toEqual([404, 'hook-unknown-repository']);
  });
});
