import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { pino } from 'pino';
import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import type { Role } from '../../../core/access.ts';
import { FairwayError } from '../../../core/errors.ts';
import { createToken } from '../../../hub/access/tokens.ts';
import type { ApiContext } from '../../../hub/api/context.ts';
import { createApi } from '../../../hub/api/server.ts';
import { createSigner } from '../../../hub/fleet/signing-key.ts';
import type { News, NewsItem } from '../../../hub/link/news.ts';
import type { Loops } from '../../../hub/queue/loops.ts';
import { sshKey } from '../../../hub/sources/ssh-signature.ts';
import { createDataKey } from '../../../hub/store/data-key.ts';
import { ProblemDocument } from '../../../proto/rest/problem.ts';
import { startTestDatabase, type TestDatabase } from '../../database.ts';

/** A hub's API on a real database, asked without a network. */
export interface TestApi {
  readonly app: FastifyInstance;
  readonly database: TestDatabase;
  /** Keys that were woken, as `loop key`. */
  readonly woken: string[];
  /** Says a news item to the API, as another replica would. */
  tell(item: NewsItem): void;
  /** The secret of a new token. */
  token(role: Role, scope?: { environments?: string[]; tenants?: string[]; expiresAt?: Date }): Promise<string>;
  ask(method: Method, path: string, options?: AskOptions): Promise<Answer>;
  /** What a GET answers; it fails where that is no success, or not of the shape that is promised. */
  // biome-ignore lint/suspicious/noExplicitAny: tests say what they expect of it
  read(schema: TSchema, path: string, token?: string): Promise<any>;
  stop(): Promise<void>;
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

interface AskOptions {
  /** An administrator's where left out; null: none. */
  readonly token?: string | null;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests say what they expect of it
  readonly body: any;
  readonly headers: LightMyRequestResponse['headers'];
}

export async function startTestApi(change: Partial<ApiContext> = {}): Promise<TestApi> {
  const database = await startTestDatabase();
  const { db } = database;
  const woken: string[] = [];
  const { news, tell } = localNews();
  const app = await createApi({
    db,
    dataKey: createDataKey(Buffer.alloc(32, 7)),
    authority: { fingerprints: ['aa'.repeat(32), 'bb'.repeat(32)] as never },
    loops: recordingLoops(woken),
    signer: createSigner(sshKey(new Uint8Array(32).fill(9))),
    pinsBranch: 'fairway/pins',
    handOuts: { start: async () => undefined },
    mirrorOf: async (name) => {
      throw new FairwayError('source-not-found', `There is no source ${name}.`);
    },
    news,
    log: pino({ level: 'silent' }),
    version: '0.0.0-test',
    publicGrpc: 'hub.example:7443',
    agentImage: 'example/agent:test',
    ...change,
  });
  await app.ready();

  let count = 0;
  const token: TestApi['token'] = async (role, { environments = ['*'], tenants = ['*'], expiresAt } = {}) => {
    const creator = { actor: 'hub', role: 'admin', scope: { environments: ['*'], tenants: ['*'] } } as const;
    const name = `test-${role}-${++count}`;
    const { secret } = await createToken(db, creator, {
      name,
      role,
      scope: { environments, tenants },
      expiresAt: expiresAt ?? null,
    });
    return secret;
  };
  const administrator = await token('admin');

  const api: TestApi = {
    app,
    database,
    woken,
    tell,
    token,
    async ask(method, path, { token: given = administrator, body, headers = {} } = {}) {
      const response = await app.inject({
        method,
        url: path.startsWith('/') ? path : `/api/v1/${path}`,
        headers: { ...(given === null ? {} : { authorization: `Bearer ${given}` }), ...headers },
        ...(body === undefined ? {} : { payload: body as object }),
      });
      const isJson = /json/.test(String(response.headers['content-type']));
      const answer = {
        status: response.statusCode,
        body: isJson ? response.json() : response.body,
        headers: response.headers,
      };
      if (answer.status >= 400) checkProblem(answer);
      return answer;
    },
    async read(schema, path, token) {
      const { status, body } = await api.ask('GET', path, token === undefined ? {} : { token });
      if (status !== 200) throw new Error(`${path} answers ${status}: ${JSON.stringify(body)}`);
      const errors = [...Value.Errors(schema, body)];
      if (errors.length > 0) throw new Error(`${path} is not of its shape: ${JSON.stringify(errors)}`);
      return body;
    },
    async stop() {
      await app.close();
      await database.stop();
    },
  };
  return api;
}

/** Every error has the one form. */
function checkProblem({ status, body, headers }: Answer): void {
  if (status === 503 && 'checks' in body) return;
  if (!String(headers['content-type']).startsWith('application/problem+json'))
    throw new Error(`${status} is no problem`);
  if (!Value.Check(ProblemDocument, body)) throw new Error(`no problem document: ${JSON.stringify(body)}`);
  if (body.status !== status) throw new Error(`the document says ${body.status}, the answer ${status}`);
}

function localNews(): { news: Pick<News, 'subscribe'>; tell(item: NewsItem): void } {
  const handlers = new Set<(item: NewsItem) => void>();
  return {
    news: {
      subscribe(handler) {
        handlers.add(handler);
        return () => handlers.delete(handler);
      },
    },
    tell: (item) => {
      for (const handler of handlers) handler(item);
    },
  };
}

function recordingLoops(woken: string[]): Loops {
  return {
    define: () => undefined,
    wake: async (loop, key) => {
      woken.push(`${loop} ${key}`);
    },
    start: async () => undefined,
    answers: async () => undefined,
    stop: async () => undefined,
  };
}
