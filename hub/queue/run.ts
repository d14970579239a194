import type { Logger } from 'pino';
import { FairwayError, messageOf } from '../../core/errors.ts';
import { parseTraceparent } from '../../core/traceparent.ts';
import { spanFields } from '../../telemetry/log.ts';
import type { OpenSpan, Spans } from '../../telemetry/spans.ts';
import { backoff } from './backoff.ts';
import type { Loop, LoopContext } from './loops.ts';
import type { LoopMetrics, RunResult } from './metrics.ts';

/** What is to happen to a key after a run of it. */
export type Next = { readonly type: 'rest' } | { readonly type: 'again'; readonly delay: number };

/**
 * Runs a loop's keys: each one by one, and after a failure again, later and later. Nothing of it is in the queue, so
 * a wake never waits for a retry's delay. It measures each run, and keeps its trace.
 */
export function createRunner(
  loop: Loop,
  log: Logger,
  spans: Spans,
  metrics: LoopMetrics,
): (key: string, signal: AbortSignal) => Promise<Next> {
  const running = new Map<string, Promise<unknown>>();
  const failures = new Map<string, { count: number; last: string }>();

  async function run(key: string, signal: AbortSignal): Promise<Next> {
    const keyLog = log.child({ loop: loop.name, key });
    const since = Date.now();
    const began = performance.now();
    const opened: OpenSpan[] = [];
    const end = (result: RunResult, error?: unknown) => {
      for (const span of opened) span.end(error);
      metrics.ran(loop.name, result, (performance.now() - began) / 1_000);
    };
    const span: LoopContext['span'] = (name, about) => {
      const attributes = { 'fairway.loop': loop.name, ...about.attributes };
      const one = spans.open(name, { ...about, attributes, since });
      if (opened.length === 0) keyLog.setBindings(spanFields(parseTraceparent(one.traceparent)));
      opened.push(one);
      return one;
    };
    try {
      const result = await loop.reconcile(key, { signal, log: keyLog, span });
      end('ok');
      failures.delete(key);
      return result === undefined ? { type: 'rest' } : { type: 'again', delay: result.again };
    } catch (error) {
      // Cut short because the hub stops, or because another one has the key by now.
      const isCut = signal.aborted;
      if (opened.length === 0 && !isCut) span(loop.name, { parent: null, attributes: { 'fairway.key': key } });
      end(isCut ? 'aborted' : 'failed', error);
      return isCut ? { type: 'rest' } : fail(key, error, keyLog);
    }
  }

  function fail(key: string, error: unknown, keyLog: Logger): Next {
    const before = failures.get(key);
    const last = messageOf(error);
    const count = (before?.count ?? 0) + 1;
    failures.set(key, { count, last });
    const terminal = error instanceof FairwayError && error.retry === 'terminal';
    const code = error instanceof FairwayError ? error.code : undefined;
    // The sweep runs it again and again: what is known already is not news.
    const level = before?.last === last ? 'debug' : terminal ? 'error' : 'warn';
    const stack = error instanceof Error && code === undefined ? error.stack : undefined;
    if (terminal) {
      keyLog[level]({ code, error: last }, 'failed, until somebody changes something');
      return { type: 'rest' };
    }
    const delay = backoff(count, Math.random());
    keyLog[level]({ code, error: last, stack, failures: count, retryIn: delay }, 'failed, and will be tried again');
    return { type: 'again', delay };
  }

  return (key, signal) => {
    const before = running.get(key) ?? Promise.resolve();
    const mine = before.then(() => run(key, signal));
    running.set(key, mine);
    return mine.finally(() => {
      if (running.get(key) === mine) running.delete(key);
    });
  };
}
