import type { Meter } from '@opentelemetry/api';
import type { App } from '../app.ts';

const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Measures requests by method and class of status. A stream of events lasts as long as somebody watches: it is left out. */
export function measureRequests(app: App, meter: Meter): void {
  const duration = meter.createHistogram('fairway_hub_http_request_duration_seconds', {
    description: 'How long the hub takes to answer a request over HTTP, by method and class of status',
    advice: { explicitBucketBoundaries: buckets },
  });
  app.addHook('onResponse', async (request, reply) => {
    if (String(reply.getHeader('content-type')).startsWith('text/event-stream')) return;
    const status = `${Math.floor(reply.statusCode / 100)}xx`;
    duration.record(reply.elapsedTime / 1_000, { method: request.method, status });
  });
}
