import rateLimit from '@fastify/rate-limit';
import underPressure from '@fastify/under-pressure';
import type { FastifyReply } from 'fastify';
import { FairwayError } from '../../core/errors.ts';
import type { Api, App } from './app.ts';

/** Bytes of a request's body. */
export const bodyLimit = 1024 * 1024;

/** What one caller, or all of them, may cost (L7): requests a minute, bytes a body, and a loop that lags. */
export async function limitCallers(app: App, { requestsPerMinute = 12_000 }: Api): Promise<void> {
  app.addHook('onRequest', async (request) => {
    // Refused before anything is read or anybody recognised. What the caller still sends is dropped as it comes, so
    // that even one who does not listen while sending gets this answer.
    if (Number(request.headers['content-length'] ?? 0) > bodyLimit) throw tooLarge();
  });
  await app.register(rateLimit, {
    max: requestsPerMinute,
    timeWindow: '1 minute',
    errorResponseBuilder: (_request, { ttl }) => rateLimited(Math.ceil(ttl / 1000)),
  });
  await app.register(underPressure, {
    maxEventLoopDelay: 2_000,
    sampleInterval: 1_000,
    retryAfter: 5,
    pressureHandler: (request) => {
      // Whether the process lives and is ready is asked above all when it is under pressure.
      if (request.routeOptions.config.permission === 'public') return;
      throw new FairwayError('overloaded', 'the hub has more to do than it can at the moment', {
        remedy: 'try again in a few seconds',
        retry: 'again',
      });
    },
  });
}

/** @param seconds after which the caller may try again */
export function tooMany(reply: FastifyReply, seconds: number): FairwayError {
  reply.header('retry-after', String(seconds));
  return rateLimited(seconds);
}

function rateLimited(seconds: number): FairwayError {
  return new FairwayError('rate-limited', 'too many requests from this address', {
    remedy: `try again in ${seconds} s`,
    retry: 'again',
  });
}

/** The answer to a body beyond the limit. */
export function tooLarge(): FairwayError {
  return new FairwayError('body-too-large', `a request's body has at most ${bodyLimit} bytes`, {
    remedy: 'send less in one request',
  });
}
