import { describe, expect, it } from 'vitest';
import { type AgentEvent, type ApplicationStatus, type Drift, problemLimit } from '../../core/link/status.ts';
import { toRows } from './reports.ts';

const now = Date.UTC(2026, 0, 1);
const object = { group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'web' };
const drift: Drift = { object, field: '/spec/replicas', wanted: '2', found: '5', manager: 'kubectl', firstSeen: 1_000 };
const status: ApplicationStatus = {
  application: 'shop',
  release: 'shop@1',
  bundle: 'sha256:1',
  generation: 1,
  phase: 'applied',
  health: 'healthy',
  message: '',
  counts: { objects: 1, healthy: 1, progressing: 0, degraded: 0, suspended: 0, unknown: 0, drifted: 0 },
  problems: [],
  drifts: [],
  running: null,
  appliedAt: null,
  wait: null,
  traceparent: null,
};
const statusReport = (statuses: readonly ApplicationStatus[]) =>
  ({ type: 'status', cluster: 'eu-1', statuses, named: null }) as const;
const eventReport = (...details: AgentEvent['detail'][]) =>
  ({
    type: 'events',
    cluster: 'eu-1',
    epoch: 'e',
    through: details.length,
    events: details.map((detail, index) => ({
      sequence: index + 1,
      at: 2_000,
      application: 'shop',
      release: 'shop@1',
      traceparent: null,
      detail,
    })),
  }) as const;

describe('rows of reports', () => {
  it('[L3] of two statuses of one application the later counts', () => {
    const { statuses } = toRows(
      [
        statusReport([status]),
        statusReport([{ ...status, health: 'degraded' }]),
        { ...statusReport([status]), cluster: 'eu-2' },
      ],
      now,
    );
    expect(statuses.map(({ cluster, health }) => `${cluster} ${health}`)).toEqual(['eu-1 degraded', 'eu-2 healthy']);
  });

  it('[D3] says in one sentence what happened, and how a drift ended', () => {
    const { events, driftChanges } = toRows(
      [
        eventReport(
          { type: 'drift', drift, outcome: 'found' },
          { type: 'drift', drift, outcome: 'corrected' },
          { type: 'failed', bundle: 'sha256:1', code: 'invalid', message: 'replicas must be a number', problems: [] },
          { type: 'pruned', objects: [object, object, object] },
        ),
      ],
      now,
    );
    expect(events.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
      'warning: Deployment shop/web /spec/replicas was changed by kubectl',
      'info: Deployment shop/web /spec/replicas was put back; kubectl had changed it',
      'error: shop@1 was not applied: replicas must be a number',
      'info: pruned Deployment shop/web and 2 more of shop',
    ]);
    expect(driftChanges).toMatchObject([{ state: 'corrected', ended_at: new Date(2_000).toISOString() }]);
  });

  it('[L7] bounds what a hostile agent tells: lists, texts and times', () => {
    const huge = { ...drift, found: JSON.stringify('x'.repeat(1_000_000)), firstSeen: Number.MAX_SAFE_INTEGER };
    const { standing, statuses } = toRows([statusReport([{ ...status, drifts: Array(500).fill(huge) }])], now);
    expect(statuses[0]?.reported.drifts).toHaveLength(problemLimit);
    expect(statuses[0]?.lists_all_drift).toBe(false);
    expect(standing).toHaveLength(1);
    expect(standing[0]?.found?.length).toBeLessThan(3_000);
    expect(() => JSON.parse(standing[0]?.found ?? '')).not.toThrow();
    expect(standing[0]?.first_seen_at).toBe(new Date(now + 24 * 60 * 60_000).toISOString());
  });
});
