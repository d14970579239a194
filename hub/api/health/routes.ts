import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { sql } from 'kysely';
import { Type } from 'typebox';
import type { ApiOptions } from '../app.ts';

const config = { permission: 'public' } as const;
const tags = ['health'];
const Readiness = Type.Object({ ready: Type.Boolean(), checks: Type.Record(Type.String(), Type.String()) });

/** Milliseconds that each thing asked has to answer. */
const patience = 3_000;

/** For whoever runs the process: does it live, and can it serve? */
export const health: FastifyPluginAsyncTypebox<ApiOptions> = async (app, { api }) => {
  app.get(
    '/healthz',
    {
      config,
      schema: {
        tags,
        summary: 'Whether the process lives',
        security: [],
        response: { 200: Type.Object({ alive: Type.Boolean() }) },
      },
    },
    async () => ({ alive: true }),
  );

  app.get(
    '/readyz',
    {
      config,
      schema: {
        tags,
        summary: 'Whether the database and the queue answer',
        security: [],
        response: { 200: Readiness, 503: Readiness },
      },
    },
    async (_request, reply) => {
      const askDatabase = () => sql`select 1`.execute(api.db).then(() => undefined);
      const asked = Object.entries({ database: askDatabase, ...api.readiness });
      const answers = await Promise.all(asked.map(async ([name, ask]) => [name, await answerOf(name, ask)] as const));
      const ready = answers.every(([, answer]) => answer === 'ok');
      return reply.code(ready ? 200 : 503).send({ ready, checks: Object.fromEntries(answers) });
    },
  );

  /** The log says why; the answer is public, so it does not. */
  async function answerOf(name: string, ask: () => Promise<void>): Promise<'ok' | 'failed'> {
    const late = AbortSignal.timeout(patience);
    try {
      await Promise.race([
        ask(),
        new Promise<never>((_resolve, reject) => {
          late.addEventListener('abort', () => reject(new Error(`no answer within ${patience} ms`)), { once: true });
        }),
      ]);
      return 'ok';
    } catch (error) {
      api.log.warn({ err: error, check: name }, 'the hub is not ready');
      return 'failed';
    }
  }
};
