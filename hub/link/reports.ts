import { type AgentEvent, type ApplicationStatus, problemLimit, statusDigest } from '../../core/link/status.ts';
import { boundEvent, boundStatus } from '../../core/link/status-bounds.ts';
import { describeRef } from '../../core/objects/object.ts';

/** What agents told, as rows to write: pure, so that what one hostile report can do is seen here alone. */
export type Report =
  | {
      readonly type: 'status';
      readonly cluster: string;
      readonly statuses: readonly ApplicationStatus[];
      /** All that the agent holds, at the end of a full report; null: it says nothing of others. */
      readonly named: ReadonlySet<string> | null;
    }
  | {
      readonly type: 'events';
      readonly cluster: string;
      readonly epoch: string;
      readonly events: readonly AgentEvent[];
      readonly through: number;
    };

export interface ReportRows {
  readonly statuses: readonly StatusRow[];
  readonly forgotten: readonly { readonly cluster: string; readonly named: readonly string[] }[];
  readonly events: readonly EventRow[];
  readonly positions: readonly { readonly cluster: string; readonly epoch: string; readonly through: number }[];
  /** From events: these say how a drift ended. */
  readonly driftChanges: readonly DriftRow[];
  /** From statuses: these say which drifts stand. */
  readonly standing: readonly DriftRow[];
}

export interface StatusRow {
  readonly cluster: string;
  readonly application: string;
  readonly generation: number;
  readonly reported: ApplicationStatus;
  readonly digest: string;
  readonly health: string;
  readonly phase: string;
  readonly running_release: string | null;
  readonly running_bundle: string | null;
  /** True where the status lists all drift that stands; else more was counted than listed. */
  readonly lists_all_drift: boolean;
}

interface EventRow {
  readonly at: string;
  readonly cluster: string;
  readonly application: string;
  readonly release: string | null;
  readonly type: string;
  readonly severity: 'info' | 'warning' | 'error';
  readonly message: string;
  readonly data: unknown;
  readonly epoch: string;
  readonly sequence: number;
}

export interface DriftRow {
  readonly cluster: string;
  readonly application: string;
  readonly object_group: string;
  readonly object_kind: string;
  readonly object_namespace: string;
  readonly object_name: string;
  readonly field: string;
  readonly wanted: string | null;
  readonly found: string | null;
  readonly manager: string;
  readonly state: 'open' | 'corrected' | 'gone' | 'fought';
  readonly first_seen_at: string;
  readonly ended_at: string | null;
}

/**
 * The rows of many reports, in the order in which they came; of two about the same thing the later counts.
 * @param now milliseconds since the epoch
 */
export function toRows(reports: readonly Report[], now: number): ReportRows {
  const statuses = new Map<string, StatusRow>();
  const forgotten = new Map<string, { cluster: string; named: readonly string[] }>();
  const events: EventRow[] = [];
  const positions = new Map<string, { cluster: string; epoch: string; through: number }>();
  const driftChanges = new Map<string, DriftRow>();
  const standing = new Map<string, DriftRow>();
  for (const report of reports) {
    const { cluster } = report;
    if (report.type === 'status') {
      for (const status of report.statuses.map(boundStatus)) {
        statuses.set(`${cluster}/${status.application}`, statusRow(cluster, status));
        for (const drift of status.drifts) {
          const row = driftRow(cluster, status.application, drift, 'open', null, now);
          standing.set(driftKey(row), row);
        }
      }
      if (report.named !== null) forgotten.set(cluster, { cluster, named: [...report.named] });
    } else {
      positions.set(cluster, { cluster, epoch: report.epoch, through: report.through });
      for (const event of report.events.map(boundEvent)) {
        events.push(eventRow(cluster, report.epoch, event, now));
        if (event.detail.type !== 'drift') continue;
        const row = driftChange(cluster, event, event.detail, now);
        driftChanges.set(driftKey(row), row);
      }
    }
  }
  return {
    statuses: [...statuses.values()],
    forgotten: [...forgotten.values()],
    events,
    positions: [...positions.values()],
    driftChanges: [...driftChanges.values()],
    standing: [...standing.values()],
  };
}

function statusRow(cluster: string, status: ApplicationStatus): StatusRow {
  return {
    cluster,
    application: status.application,
    generation: status.generation,
    reported: status,
    digest: statusDigest(status),
    health: status.health,
    phase: status.phase,
    running_release: status.running?.release ?? null,
    running_bundle: status.running?.bundle ?? null,
    lists_all_drift: status.drifts.length < problemLimit,
  };
}

type DriftDetail = Extract<AgentEvent['detail'], { type: 'drift' }>;

function driftChange(cluster: string, event: AgentEvent, { drift, outcome }: DriftDetail, now: number): DriftRow {
  const state = outcome === 'found' ? 'open' : outcome;
  const ended = state === 'corrected' || state === 'gone' ? timeOf(event.at, now) : null;
  return driftRow(cluster, event.application, drift, state, ended, now);
}

function driftRow(
  cluster: string,
  application: string,
  { object, field, wanted, found, manager, firstSeen }: DriftDetail['drift'],
  state: DriftRow['state'],
  endedAt: string | null,
  now: number,
): DriftRow {
  return {
    cluster,
    application,
    object_group: object.group,
    object_kind: object.kind,
    object_namespace: object.namespace,
    object_name: object.name,
    field,
    wanted,
    found,
    manager,
    state,
    first_seen_at: timeOf(firstSeen, now),
    ended_at: endedAt,
  };
}

function driftKey(row: DriftRow): string {
  const { cluster, application, object_group, object_kind, object_namespace, object_name, field, first_seen_at } = row;
  return JSON.stringify([
    cluster,
    application,
    object_group,
    object_kind,
    object_namespace,
    object_name,
    field,
    first_seen_at,
  ]);
}

function eventRow(cluster: string, epoch: string, event: AgentEvent, now: number): EventRow {
  const { at, application, release, traceparent, detail, sequence } = event;
  return {
    at: timeOf(at, now),
    cluster,
    application,
    release: release === '' ? null : release,
    ...describe(event),
    data: { ...detail, traceparent },
    epoch,
    sequence,
  };
}

/** What an event is called and says to people. */
function describe({ application, release, detail }: AgentEvent): Pick<EventRow, 'type' | 'severity' | 'message'> {
  switch (detail.type) {
    case 'applied': {
      const { created, changed, unchanged, pruned } = detail;
      const message = `applied ${release}: ${created} created, ${changed} changed, ${unchanged} unchanged, ${pruned} pruned`;
      return { type: 'applied', severity: 'info', message };
    }
    case 'failed':
      return { type: 'failed', severity: 'error', message: `${release} was not applied: ${detail.message}` };
    case 'pruned': {
      const [first, ...others] = detail.objects;
      const objects = first === undefined ? 'nothing' : describeRef(first);
      const message = `pruned ${objects}${others.length === 0 ? '' : ` and ${others.length} more`} of ${application}`;
      return { type: 'pruned', severity: 'info', message };
    }
    case 'drift': {
      const { object, field, manager } = detail.drift;
      const where = `${describeRef(object)}${field === '' ? '' : ` ${field}`}`;
      switch (detail.outcome) {
        case 'found':
          return { type: 'drift', severity: 'warning', message: `${where} was changed by ${manager}` };
        case 'corrected':
          return { type: 'drift', severity: 'info', message: `${where} was put back; ${manager} had changed it` };
        case 'gone':
          return { type: 'drift', severity: 'info', message: `${where} is as it should be again` };
        case 'fought':
          return { type: 'drift', severity: 'warning', message: `${where} is changed over and over by ${manager}` };
      }
    }
  }
}

/** A peer's clock may be wrong, its numbers anything: never later than a day from now, and always a date. */
function timeOf(milliseconds: number, now: number): string {
  return new Date(Math.min(Math.max(0, milliseconds), now + 24 * 60 * 60_000)).toISOString();
}
