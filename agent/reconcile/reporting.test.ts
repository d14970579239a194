import { describe, expect, it } from 'vitest';
import type { ApplicationStatus } from '../../core/link/status.ts';
import { createReporting } from './reporting.ts';

const status = (message: string): ApplicationStatus => ({
  application: 'shop',
  release: 'shop@1',
  bundle: 'sha256:1',
  generation: 1,
  phase: 'applied',
  health: 'healthy',
  message,
  counts: { objects: 0, healthy: 0, progressing: 0, degraded: 0, suspended: 0, unknown: 0, drifted: 0 },
  problems: [],
  drifts: [],
  running: null,
  appliedAt: null,
  wait: null,
  traceparent: null,
});

function harness() {
  const reported: string[] = [];
  const timers: (() => void)[] = [];
  let current: ApplicationStatus | null = status('first');
  let looks = 0;
  const reporting = createReporting({
    statusOf: () => {
      looks++;
      return current;
    },
    report: ({ message }) => void reported.push(message),
    timers: {
      after: (_, callback) => {
        timers.push(callback);
        return () => undefined;
      },
    },
    interval: 100,
  });
  const touch = (message: string) => {
    current = status(message);
    reporting.touch('shop');
  };
  return { reporting, reported, touch, tick: () => timers.shift()?.(), looks: () => looks };
}

describe('reporting', () => {
  it('[L3] tells the first change at once, and what follows in one report an interval', () => {
    const { reported, touch, tick } = harness();
    touch('one');
    expect(reported).toEqual(['one']);
    for (let count = 0; count < 1_000; count++) touch(`two ${count}`);
    expect(reported).toEqual(['one']);
    tick();
    expect(reported).toEqual(['one', 'two 999']);
    tick();
    touch('three');
    expect(reported).toEqual(['one', 'two 999', 'three']);
  });

  it('[L3] tells nothing twice', () => {
    const { reported, touch, tick } = harness();
    touch('one');
    touch('one');
    tick();
    touch('one');
    expect(reported).toEqual(['one']);
  });

  it('[A9] looks once an interval at what changes often and comes to the same', () => {
    const { touch, tick, looks } = harness();
    touch('one');
    tick();
    for (let count = 0; count < 1_000; count++) touch('one');
    expect(looks()).toBe(2);
    tick();
    expect(looks()).toBe(3);
  });

  it('tells a status again after its application was dropped and came back', () => {
    const { reporting, reported, touch } = harness();
    touch('one');
    reporting.drop('shop');
    expect(reporting.statuses().size).toBe(0);
    touch('one');
    expect(reported).toEqual(['one', 'one']);
    expect([...reporting.statuses().keys()]).toEqual(['shop']);
  });
});
