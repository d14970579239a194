import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { FairwayError } from '../../core/errors.ts';
import { createSpans } from '../../telemetry/spans.ts';
import type { Loop } from './loops.ts';
import { createRunner } from './run.ts';

const carried = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

function runnerOf(reconcile: Loop['reconcile']) {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const counted: unknown[] = [];
  const loop: Loop = { name: 'release', concurrency: 1, keys: async () => [], reconcile };
  const metrics = { ran: (name: string, result: string) => void counted.push([name, result]) };
  const run = createRunner(loop, log, createSpans(provider.getTracer('test')), metrics);
  const { signal } = new AbortController();
  return { run: (key: string) => run(key, signal), spans: () => exporter.getFinishedSpans(), lines, counted };
}

describe('a run of a loop', () => {
  it('leaves no span where it finds nothing to do, and is counted', async () => {
    const { run, spans, counted } = runnerOf(async () => undefined);
    expect(await run('shop')).toEqual({ type: 'rest' });
    expect(spans()).toEqual([]);
    expect(counted).toEqual([['release', 'ok']]);
  });

  it('ends the spans that it opened, which its log lines name', async () => {
    const { run, spans, lines } = runnerOf(async (_key, { log, span }) => {
      span('release', { parent: carried, attributes: { 'fairway.application': 'shop' } });
      log.info('made');
      return { again: 5 };
    });
    expect(await run('shop')).toEqual({ type: 'again', delay: 5 });
    const [span] = spans();
    expect(span?.attributes).toEqual({ 'fairway.loop': 'release', 'fairway.application': 'shop' });
    expect(span?.parentSpanContext?.spanId).toBe('00f067aa0ba902b7');
    expect(lines).toMatchObject([{ trace_id: span?.spanContext().traceId, span_id: span?.spanContext().spanId }]);
  });

  it('tells in its span why it failed, and opens one for that where it had none', async () => {
    const fail = () => {
      throw new FairwayError('source-moved', 'moved', { retry: 'again' });
    };
    const early = runnerOf(async () => fail());
    const late = runnerOf(async (_key, { span }) => {
      span('release', { parent: carried });
      return fail();
    });
    for (const { run, spans, counted } of [early, late]) {
      expect((await run('shop')).type).toBe('again');
      expect(spans()).toHaveLength(1);
      expect(spans()[0]?.attributes).toMatchObject({ 'error.type': 'source-moved' });
      expect(counted).toEqual([['release', 'failed']]);
    }
    expect(early.spans()[0]?.parentSpanContext).toBeUndefined();
  });
});
