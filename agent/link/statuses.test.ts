import { describe, expect, it } from 'vitest';
import { type ApplicationStatus, statusDigest, statusesDigest } from '../../core/link/status.ts';
import { createStatuses } from './statuses.ts';

function status(application: string, message = ''): ApplicationStatus {
  return {
    application,
    release: `${application}@1`,
    bundle: 'sha256:1',
    generation: 1,
    phase: 'applied',
    health: 'healthy',
    message,
    counts: { objects: 1, healthy: 1, progressing: 0, degraded: 0, suspended: 0, unknown: 0, drifted: 0 },
    problems: [],
    drifts: [],
    running: null,
    appliedAt: null,
    wait: null,
    traceparent: null,
  };
}

describe('statuses', () => {
  it('[L3] sends the latest of each application once, and again after a cut without a receipt', () => {
    const statuses = createStatuses();
    statuses.set(status('shop', 'one'));
    statuses.set(status('shop', 'two'));
    expect(statuses.next()).toMatchObject({ sequence: 1, applications: [{ message: 'two' }], full: false });
    expect(statuses.next()).toBeNull();
    statuses.set(status('shop', 'two'));
    expect(statuses.next()).toBeNull();
    statuses.restart();
    expect(statuses.next()).toMatchObject({ sequence: 1, applications: [{ message: 'two' }] });
    statuses.acknowledge(1);
    statuses.restart();
    expect(statuses.next()).toBeNull();
  });

  it('[L3] gives a full report only once every assigned application has a status', () => {
    const statuses = createStatuses();
    statuses.retain(new Set(['shop', 'database']));
    statuses.set(status('shop'));
    statuses.wantAll();
    expect(statuses.next()).toMatchObject({ applications: [{ application: 'shop' }], full: false });
    expect(statuses.next()).toBeNull();
    statuses.set(status('database'));
    const report = statuses.next();
    expect(report).toMatchObject({ full: true, complete: true });
    expect(report?.applications.map(({ application }) => application).sort()).toEqual(['database', 'shop']);
  });

  it('[L3] forgets what is not assigned any more', () => {
    const statuses = createStatuses();
    statuses.set(status('shop'));
    statuses.set(status('database'));
    statuses.retain(new Set(['shop']));
    expect(statuses.digest()).toBe(statusesDigest([['shop', statusDigest(status('shop'))]]));
    expect(statuses.next()?.applications).toHaveLength(1);
  });

  it('[L7] cuts a large full report into parts', () => {
    const statuses = createStatuses();
    const names = Array.from({ length: 1_500 }, (_, index) => `application-${index}`);
    for (const name of names) statuses.set(status(name, 'm'.repeat(1_000)));
    statuses.wantAll();
    const reports = [];
    for (let report = statuses.next(); report !== null; report = statuses.next()) {
      reports.push(report);
      statuses.acknowledge(report.sequence);
    }
    expect(reports.length).toBeGreaterThan(4);
    expect(reports.flatMap(({ applications }) => applications)).toHaveLength(names.length);
    expect(reports.map(({ complete }) => complete)).toEqual(reports.map((_, index) => index === reports.length - 1));
  });

  it('[L2] [L7] waits for receipts, and sends all that the hub lacks though they were lost', () => {
    const statuses = createStatuses();
    for (let turn = 0; turn < 8; turn++) {
      statuses.set(status('shop', `turn ${turn}`));
      expect(statuses.next()).not.toBeNull();
    }
    statuses.set(status('shop', 'late'));
    expect(statuses.next()).toBeNull();
    statuses.wantAll();
    expect(statuses.next()).toMatchObject({ full: true, complete: true, applications: [{ message: 'late' }] });
  });
});
