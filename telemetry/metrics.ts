import type { Attributes, Meter } from '@opentelemetry/api';
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import type { Logger } from 'pino';
import { messageOf } from '../core/errors.ts';

/** Counts, and tells what it has counted when it is asked. */
export interface Metrics {
  readonly meter: Meter;
  /** Every metric, in the Prometheus text format 0.0.4. Those who ask at once share one answer. */
  scrape(): Promise<string>;
  shutdown(): Promise<void>;
}

class ScrapeReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {
    // Nothing waits here: what is counted is read when it is asked for.
  }

  protected override async onShutdown(): Promise<void> {
    // Nothing is held.
  }
}

/** Milliseconds for which a scrape waits for what has to be asked for. */
const patience = 4_000;

export function createMetrics(resource: Attributes, version: string, log: Logger): Metrics {
  const reader = new ScrapeReader();
  const provider = new MeterProvider({ resource: resourceFromAttributes(resource), readers: [reader] });
  // Names as they stand in the code: no prefix, no timestamps, no labels of the library's own.
  const serializer = new PrometheusSerializer('', false, undefined, true, true);
  let scraping: Promise<string> | null = null;
  const scrape = async () => {
    const { resourceMetrics, errors } = await reader.collect({ timeoutMillis: patience });
    // The rest is told all the same: a database that is away is no reason to see nothing.
    for (const error of errors) log.warn({ error: messageOf(error) }, 'something could not be measured');
    return `${serializer.serialize(resourceMetrics)}\n`;
  };
  return {
    meter: provider.getMeter('fairway', version),
    scrape() {
      scraping ??= scrape().finally(() => {
        scraping = null;
      });
      return scraping;
    },
    shutdown: () => provider.shutdown(),
  };
}
