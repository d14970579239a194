import type { Meter } from '@opentelemetry/api';
import type pg from 'pg';

/** What is measured of the hub's connections to its database; those of the queue and the news are not among them. */
export function measurePool(meter: Meter, pool: Pick<pg.Pool, 'totalCount' | 'idleCount' | 'waitingCount'>): void {
  const connections = meter.createObservableGauge('fairway_hub_database_connections', {
    description: 'Connections to the database: busy, idle',
  });
  const waiting = meter.createObservableGauge('fairway_hub_database_waiting_queries', {
    description: 'Queries that wait for a connection to the database',
  });
  meter.addBatchObservableCallback(
    (result) => {
      result.observe(connections, pool.totalCount - pool.idleCount, { state: 'busy' });
      result.observe(connections, pool.idleCount, { state: 'idle' });
      result.observe(waiting, pool.waitingCount);
    },
    [connections, waiting],
  );
}
