import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, request } from 'undici';
import { messageOf } from '../../core/errors.ts';
import type { Attempt } from '../../core/notification/retry.ts';
import type { Networks } from './networks.ts';

export interface Outgoing {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** It goes where the hub goes anyway, to the Git host of a source: any address will do. */
  readonly trusted: boolean;
  /** An answer that means that there was nothing to do. */
  isDone?(status: number, answer: string): boolean;
}

/** Sends one request. Never throws: what went wrong is its answer. */
export type Post = (outgoing: Outgoing) => Promise<Attempt>;

const patience = { connect: 5_000, answer: 10_000 };
/** Of an answer, so much is read. */
const answerLimit = 4_096;

/**
 * POST requests that nobody can turn against the hub's own surroundings: each address that a name leads to is judged
 * when it is dialled, and redirects are not followed.
 */
export function createPost(networks: Networks, version: string): { readonly post: Post; close(): Promise<void> } {
  const dialler = (allows: (address: string) => boolean) =>
    new Agent({
      connect: { timeout: patience.connect, lookup: guardedLookup(allows) },
      headersTimeout: patience.answer,
      bodyTimeout: patience.answer,
    });
  const guard = (plain: boolean) => (address: string) => networks.allows(address, plain);
  const trusted = dialler(() => true);
  const guarded = { 'https:': dialler(guard(false)), 'http:': dialler(guard(true)) };

  const send = async (outgoing: Outgoing): Promise<Attempt> => {
    const url = new URL(outgoing.url);
    const plain = url.protocol === 'http:';
    const host = url.hostname.replace(/^\[|\]$/g, '');
    // An address is dialled as it is, without a look-up.
    if (!outgoing.trusted && isIP(host) !== 0 && !networks.allows(host, plain)) return refusal(host, plain);
    const response = await request(url, {
      method: 'POST',
      headers: { 'user-agent': `fairway/${version}`, ...outgoing.headers },
      body: outgoing.body,
      dispatcher: outgoing.trusted ? trusted : guarded[plain ? 'http:' : 'https:'],
      signal: AbortSignal.timeout(patience.connect + patience.answer),
    });
    const answer = await readSome(response.body);
    const { statusCode: status } = response;
    if ((status >= 200 && status < 300) || outgoing.isDone?.(status, answer) === true) return { type: 'delivered' };
    if (status === 410) return { type: 'refused', reason: 'the receiver is gone (410)' };
    const asked = Number(response.headers['retry-after']);
    const after = Number.isFinite(asked) && asked > 0 ? asked * 1_000 : null;
    return { type: 'failed', reason: `the receiver answered ${status}`, after };
  };

  return {
    post: (outgoing) =>
      send(outgoing).catch((error: unknown) => {
        const denied = deniedAddress(error);
        if (denied !== null) return refusal(denied, new URL(outgoing.url).protocol === 'http:');
        return { type: 'failed', reason: messageOf(error), after: null };
      }),
    async close() {
      await Promise.all([trusted, ...Object.values(guarded)].map((agent) => agent.close()));
    },
  };
}

function refusal(address: string, plain: boolean): Attempt {
  const why = plain ? 'is spoken to without TLS' : 'is of no public network';
  return { type: 'refused', reason: `${address} ${why}: FAIRWAY_NOTIFY_NETWORKS of the hub does not name it` };
}

class DeniedAddress extends Error {
  readonly address: string;
  constructor(address: string) {
    super(`${address} is not dialled`);
    this.address = address;
  }
}

function deniedAddress(error: unknown): string | null {
  if (error instanceof DeniedAddress) return error.address;
  const inner = error instanceof AggregateError ? error.errors : error instanceof Error ? [error.cause] : [];
  return inner.find((one) => one instanceof DeniedAddress)?.address ?? null;
}

/** Resolves names as usual, and refuses those that lead, even among others, where nothing may be sent. */
function guardedLookup(allows: (address: string) => boolean): LookupFunction {
  return (hostname, options, done) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return done(error, '', 0);
      const denied = addresses.find(({ address }) => !allows(address));
      if (denied !== undefined) return done(new DeniedAddress(denied.address), '', 0);
      const [first] = addresses;
      if (options.all === true) done(null, addresses);
      else done(null, first?.address ?? '', first?.family ?? 0);
    });
  };
}

async function readSome(body: AsyncIterable<Buffer> & { destroy(): unknown }): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of body) {
    parts.push(part);
    size += part.byteLength;
    if (size > answerLimit) break;
  }
  body.destroy();
  return Buffer.concat(parts).toString('utf8', 0, answerLimit);
}
