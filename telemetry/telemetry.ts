import { createNoopMeter, type Meter } from '@opentelemetry/api';
import type { Logger } from 'pino';
import type { TelemetryConfig } from './config.ts';
import { createSpans, noSpans, type Spans } from './spans.ts';

/** The content type of what `scrape` returns. */
export const scrapeType = 'text/plain; version=0.0.4; charset=utf-8';

/** What a part of Fairway tells of its work with. */
export interface Telemetry {
  readonly spans: Spans;
  readonly meter: Meter;
}

/** Tells nothing, and costs nothing. */
export const noTelemetry: Telemetry = { spans: noSpans, meter: createNoopMeter() };

export interface RunningTelemetry extends Telemetry {
  /** Every metric, in the Prometheus text format. */
  scrape(): Promise<string>;
  /** Exports what waits. Call it last. */
  shutdown(): Promise<void>;
}

export interface TelemetryOptions {
  readonly config: TelemetryConfig;
  readonly service: 'hub' | 'agent';
  readonly version: string;
  /** Tells this process from others of the service; null: by nothing. */
  readonly instance: string | null;
  /** False where nobody can ask for metrics: then nothing is counted. */
  readonly scraped: boolean;
  readonly log: Logger;
}

/** Starts what the configuration asks for. The code that exports traces is loaded only where they are exported. */
export async function startTelemetry(options: TelemetryOptions): Promise<RunningTelemetry> {
  const { config, service, version, instance, scraped, log } = options;
  const resource = {
    'service.name': config.serviceName,
    'service.version': version,
    ...(instance === null ? {} : { 'service.instance.id': instance }),
    ...config.attributes,
  };
  const metrics = scraped ? (await import('./metrics.ts')).createMetrics(resource, version, log) : null;
  if (metrics !== null) (await import('./process-metrics.ts')).measureProcess(metrics.meter, service, version);
  const tracing =
    config.traces === null ? null : (await import('./tracing.ts')).startTracing(config.traces, resource, version, log);
  return {
    spans: tracing === null ? noSpans : createSpans(tracing.tracer),
    meter: metrics?.meter ?? noTelemetry.meter,
    scrape: metrics?.scrape ?? (async () => ''),
    async shutdown() {
      await tracing?.shutdown();
      await metrics?.shutdown();
    },
  };
}
