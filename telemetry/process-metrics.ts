import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { Meter } from '@opentelemetry/api';

/**
 * What every Node process is measured by, under the names that Prometheus clients of Node use, so that boards that
 * people have already show it.
 */
export function measureProcess(meter: Meter, service: 'hub' | 'agent', version: string): void {
  const gauge = (name: string, description: string) => meter.createObservableGauge(name, { description });
  const built = gauge(`fairway_${service}_build_info`, 'The version that runs; the value is always 1');
  const started = gauge('process_start_time_seconds', 'When the process started, in seconds since the epoch');
  const resident = gauge('process_resident_memory_bytes', 'Resident memory');
  const heap = gauge('nodejs_heap_size_used_bytes', 'Used memory of the JavaScript heap');
  const utilization = gauge(
    'nodejs_eventloop_utilization_ratio',
    'Part of the time that the event loop was busy, since the last scrape',
  );
  const cpu = meter.createObservableCounter('process_cpu_seconds_total', { description: 'CPU time, user and system' });
  const startedAt = Date.now() / 1_000 - process.uptime();
  let before = performance.eventLoopUtilization();

  meter.addBatchObservableCallback(
    (result) => {
      result.observe(built, 1, { version });
      result.observe(started, startedAt);
      const memory = memoryNow();
      if (memory !== null) {
        result.observe(resident, memory.rss);
        result.observe(heap, memory.heapUsed);
      }
      const now = performance.eventLoopUtilization();
      result.observe(utilization, performance.eventLoopUtilization(now, before).utilization);
      before = now;
      const { user, system } = process.cpuUsage();
      result.observe(cpu, (user + system) / 1e6);
    },
    [built, started, resident, heap, utilization, cpu],
  );
}

/** Null where no file descriptor is left: Node throws then, and a scrape is no reason to fail. */
function memoryNow(): NodeJS.MemoryUsage | null {
  try {
    return process.memoryUsage();
  } catch {
    return null;
  }
}

/**
 * How late the event loop runs what is due. It wakes the process 50 times a second, so the agent goes without.
 * @returns ends the measuring
 */
export function measureLoopLag(meter: Meter): () => void {
  const resolution = 20;
  const delay = monitorEventLoopDelay({ resolution });
  delay.enable();
  const gauge = meter.createObservableGauge('nodejs_eventloop_lag_seconds', {
    description: 'Lag of the event loop since the last scrape, by quantile',
  });
  gauge.addCallback((result) => {
    // What is measured includes the timer's own interval.
    const lag = (nanoseconds: number) => Math.max(0, nanoseconds / 1e9 - resolution / 1e3);
    result.observe(lag(delay.percentile(50)), { quantile: '0.5' });
    result.observe(lag(delay.percentile(99)), { quantile: '0.99' });
    result.observe(lag(delay.max), { quantile: '1' });
    delay.reset();
  });
  return () => delay.disable();
}
