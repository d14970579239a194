import {
  InMemorySpanExporter,
  ParentBasedSampler,
  SimpleSpanProcessor,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { describe, expect, it } from 'vitest';
import { FairwayError } from '../core/errors.ts';
import { parseTraceparent } from '../core/traceparent.ts';
import { createSpans, noSpans } from './spans.ts';

const carried = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

function recorded() {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(1) }),
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  return { spans: createSpans(provider.getTracer('test')), finished: () => exporter.getFinishedSpans() };
}

describe('spans', () => {
  it('go on in the trace that they are given, and are gone on from', () => {
    const { spans, finished } = recorded();
    const first = spans.open('first', { parent: carried });
    const second = spans.open('second', { parent: first.traceparent });
    second.end();
    first.end();
    const [child, parent] = finished();
    expect(parent?.spanContext().traceId).toBe(parseTraceparent(carried)?.traceId);
    expect(parent?.parentSpanContext?.spanId).toBe('00f067aa0ba902b7');
    expect(child?.parentSpanContext?.spanId).toBe(parent?.spanContext().spanId);
  });

  it('begin a trace where none is carried, or what is carried is none', () => {
    const { spans, finished } = recorded();
    for (const parent of [null, 'rubbish']) spans.open('root', { parent }).end();
    expect(finished().map(({ parentSpanContext }) => parentSpanContext)).toEqual([undefined, undefined]);
  });

  it('are not recorded where the trace is not, and pass that on', () => {
    const { spans, finished } = recorded();
    const span = spans.open('quiet', { parent: carried.replace(/01$/, '00') });
    span.end();
    expect(parseTraceparent(span.traceparent)).toMatchObject({ flags: 0, traceId: parseTraceparent(carried)?.traceId });
    expect(finished()).toEqual([]);
  });

  it('[A11] tell the code of what failed, and none of its words', () => {
    const { spans, finished } = recorded();
    spans.open('failing', { parent: null }).end(new FairwayError('render-failed', 'password: hunter2'));
    const [span] = finished();
    expect(span?.status).toEqual({ code: 2, message: 'render-failed' });
    expect(span?.attributes).toEqual({ 'error.type': 'render-failed' });
    expect(span?.events).toEqual([]);
  });

  it('pass on what came where no trace is kept', () => {
    expect(noSpans.open('x', { parent: carried }).traceparent).toBe(carried);
  });
});
