import type { FastifyRequest } from 'fastify';
import { canonicalJson } from '../../core/canonical.ts';
import { FairwayError } from '../../core/errors.ts';
import { type Api, type App, principalOf } from './app.ts';

/** How long an answer is kept, and after how long a request that never ended (a crash) counts as not made; milliseconds. */
const kept = 24 * 60 * 60_000;
const abandonedAfter = 60_000;

declare module 'fastify' {
  interface FastifyRequest {
    /** The key under which this request's answer is to be kept. */
    idempotencyKey: string | null;
  }
}

interface KeptAnswer {
  readonly type: string;
  readonly body: string;
}

/**
 * A write with an `Idempotency-Key` happens once: made again, it gets the same answer, marked `Idempotency-Replayed`.
 * Answers are sealed, for one may show a token this once.
 */
export function keepAnswers(app: App, { db, dataKey, now, log }: Api): void {
  app.decorateRequest('idempotencyKey', null);

  app.addHook('preHandler', async (request, reply) => {
    const key = readKey(request);
    if (key === null) return;
    const principal = principalOf(request).actor;
    const claim = await claimKey(principal, key, dataKey.digest(describeRequest(request)));
    if (claim === null) {
      request.idempotencyKey = key;
      return;
    }
    const { type, body } = JSON.parse(
      Buffer.from(dataKey.open(Buffer.from(claim.sealed, 'base64'), sealContext(principal, key))).toString(),
    ) as KeptAnswer;
    return reply.code(claim.status).type(type).header('idempotency-replayed', 'true').send(body);
  });

  app.addHook('onSend', async (request, reply, payload) => {
    const key = request.idempotencyKey;
    if (key === null) return payload;
    const principal = principalOf(request).actor;
    const row = db.updateTable('idempotency_keys').where('principal', '=', principal).where('key', '=', key);
    if (reply.statusCode >= 500) {
      await db.deleteFrom('idempotency_keys').where('principal', '=', principal).where('key', '=', key).execute();
      return payload;
    }
    const answer: KeptAnswer = {
      type: String(reply.getHeader('content-type') ?? 'application/json'),
      body: typeof payload === 'string' ? payload : '',
    };
    const sealed = dataKey.seal(Buffer.from(JSON.stringify(answer)), sealContext(principal, key));
    const response = JSON.stringify(Buffer.from(sealed).toString('base64'));
    await row.set({ status: reply.statusCode, response }).execute();
    return payload;
  });

  /** Null: the key is this request's now. Else the answer that is kept. */
  async function claimKey(
    principal: string,
    key: string,
    request: string,
  ): Promise<{ readonly status: number; readonly sealed: string } | null> {
    const inserted = await db
      .insertInto('idempotency_keys')
      .values({ principal, key, request, status: null, response: null, created_at: new Date(now()) })
      .onConflict((conflict) =>
        conflict
          .columns(['principal', 'key'])
          .doUpdateSet({ request, status: null, response: null, created_at: new Date(now()) })
          // Taken over: an answer past its time, or a request that a crash cut off.
          .where((where) =>
            where.or([
              where('idempotency_keys.created_at', '<', new Date(now() - kept)),
              where.and([
                where('idempotency_keys.status', 'is', null),
                where('idempotency_keys.request', '=', request),
                where('idempotency_keys.created_at', '<', new Date(now() - abandonedAfter)),
              ]),
            ]),
          ),
      )
      .returning('key')
      .executeTakeFirst();
    if (inserted !== undefined) return null;
    const row = await db
      .selectFrom('idempotency_keys')
      .selectAll()
      .where('principal', '=', principal)
      .where('key', '=', key)
      .executeTakeFirst();
    if (row !== undefined && row.request !== request) {
      throw new FairwayError('idempotency-key-reused', 'this key was used with another request', {
        field: 'Idempotency-Key',
        remedy: 'choose a new key for each request; keep it only to make the same one again',
      });
    }
    if (row?.status == null) {
      throw new FairwayError('request-in-progress', 'the first request with this key has not ended yet', {
        field: 'Idempotency-Key',
        remedy: 'make it again, with the same key, in a few seconds',
        retry: 'again',
      });
    }
    return { status: row.status, sealed: String(row.response) };
  }

  const forget = async () => {
    try {
      await db
        .deleteFrom('idempotency_keys')
        .where('created_at', '<', new Date(now() - kept))
        .execute();
    } catch (error) {
      log.warn({ err: error }, 'answers past their time were not forgotten');
    }
  };
  const timer = setInterval(forget, 60 * 60_000).unref();
  app.addHook('onClose', async () => clearInterval(timer));
}

function readKey(request: FastifyRequest): string | null {
  const key = request.headers['idempotency-key'];
  if (key === undefined || request.method === 'GET' || request.method === 'HEAD' || request.principal === null) {
    return null;
  }
  if (typeof key === 'string' && /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new FairwayError('idempotency-key-invalid', 'an Idempotency-Key is 1 to 255 visible ASCII characters', {
    field: 'Idempotency-Key',
  });
}

/** What tells one request from another. It goes through the data key, for a body may hold a password. */
function describeRequest({ method, url, body, headers }: FastifyRequest): string {
  return canonicalJson({ method, url, body: body ?? null, match: headers['if-match'] ?? null });
}

function sealContext(principal: string, key: string): string {
  return `answer ${principal} ${key}`;
}
