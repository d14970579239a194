import { setTimeout as pause } from 'node:timers/promises';
import { type Attributes, context, DiagLogLevel, diag, type Tracer } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Logger } from 'pino';
import type { SamplerConfig, TraceConfig } from './config.ts';

/** Keeps traces and exports them. Loaded only where that is configured: it costs 3 MB of memory. */
export interface Tracing {
  readonly tracer: Tracer;
  /** Exports what waits, within a few seconds, and stops. */
  shutdown(): Promise<void>;
}

/** Milliseconds for which the end of the process waits for a collector that does not answer. */
const farewell = 3_000;

export function startTracing(
  { url, headers, timeout, sampler, exportEvery, queue }: TraceConfig,
  resource: Attributes,
  version: string,
  log: Logger,
): Tracing {
  diag.setLogger(diagnosticsTo(log), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  manageContext();
  const exporter = new OTLPTraceExporter({ url, headers: { ...headers }, timeoutMillis: timeout });
  const provider = new TracerProvider({
    resource: resourceFromAttributes(resource),
    sampler: samplerOf(sampler),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter,
        scheduledDelayMillis: exportEvery,
        maxQueueSize: queue,
        maxExportBatchSize: Math.min(512, queue),
        exportTimeoutMillis: timeout * 3,
      }),
    ],
  });
  return {
    tracer: provider.getTracer('fairway', version),
    async shutdown() {
      const shut = provider.shutdown().catch((error: unknown) => log.warn({ err: error }, 'spans were not exported'));
      await Promise.race([shut, pause(farewell, undefined, { ref: false })]);
    },
  };
}

let isContextManaged = false;

/** By it a log line knows the span that it is written in. There is one a process, however many hubs and agents run in it. */
function manageContext(): void {
  if (isContextManaged) return;
  isContextManaged = context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
}

function samplerOf({ parentBased, ratio }: SamplerConfig): Sampler {
  const root = new TraceIdRatioBasedSampler(ratio);
  return parentBased ? new ParentBasedSampler({ root }) : root;
}

function diagnosticsTo(log: Logger) {
  const say = (said: string) => log.warn({ error: wordsOf(said).slice(0, 500) }, 'telemetry has trouble');
  return { error: say, warn: say, info: say, debug: say, verbose: say };
}

/** What OpenTelemetry says of an error is the error as JSON, stack and all. */
function wordsOf(said: string): string {
  try {
    const { message } = JSON.parse(said) as { readonly message?: unknown };
    return typeof message === 'string' ? message : said;
  } catch {
    return said;
  }
}
