import type { Cluster } from '../../proto/rest/clusters.ts';
import type { Placement } from '../../proto/rest/placements.ts';
import type { Status } from '../../proto/rest/status.ts';
import type { Client } from '../client.ts';

/** The fleet at a moment, as the hub tells it. */
export interface Snapshot {
  /** By name. */
  readonly clusters: readonly Cluster[];
  readonly placements: readonly Placement[];
  readonly status: Status;
}

export async function takeSnapshot(client: Client): Promise<Snapshot> {
  const [clusters, placements, status] = await Promise.all([
    client.list<Cluster>('/clusters'),
    client.list<Placement>('/placements'),
    client.get<Status>('/status'),
  ]);
  return { clusters, placements, status };
}

/** Every cluster is connected, and runs, healthy, what it is to run. */
export function isHealthy({ clusters, placements }: Snapshot): boolean {
  return clusters.every(({ connected }) => connected) && placements.length > 0 && placements.every(isSettled);
}

export function isSettled({ settled, health }: Placement): boolean {
  return settled && health === 'healthy';
}

export function applicationsOf({ placements }: Snapshot): readonly string[] {
  return [...new Set(placements.map(({ application }) => application))].sort();
}
