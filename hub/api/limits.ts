import { monitorEventLoopDelay } from 'node:perf_hooks';
import rateLimit from '@fastify/rate-limit';
import type { FastifyReply } from 'fastify';
import { FairwayError } from '../../core/errors.ts';
import type { Api, App } from './app.ts';

/** Bytes of a request's body. */
export const bodyLimit = 1024 * 1024;
const connectionLimit = 2_000;
/** Milliseconds: the mean lag of the event loop at which requests are refused, and how often it is looked at. */
const lagLimit = 2_000;
const sampleInterval = 1_000;

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
  refuseUnderPressure(app);
  app.server.maxConnections = connectionLimit;
}

/**
 * Answers 503 while the event loop lags: what is refused at once is asked again, what waits too long is given up.
 * `@fastify/under-pressure` does the same, but asks for the process's memory every second, which throws, and so ends
 * the hub, when no file descriptor is left.
 */
function refuseUnderPressure(app: App): void {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  let lag = 0;
  const timer = setInterval(() => {
    lag = delay.mean / 1e6;
    delay.reset();
  }, sampleInterval).unref();
  app.addHook('onRequest', async (request) => {
    // Whether the process lives and is ready is asked above all when it is under pressure.
    if (lag < lagLimit || request.routeOptions.config.permission === 'public') return;
    throw new FairwayError('overloaded', 'the hub has more to do than it can at the moment', {
      remedy: 'try again in a few seconds',
      retry: 'again',
    });
  });
  app.addHook('onClose', async () => {
    clearInterval(timer);
    delay.disable();
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
