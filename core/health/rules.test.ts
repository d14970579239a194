import { describe, expect, it } from 'vitest';
import type { HealthRule } from '../bundle.ts';
import { FairwayError } from '../errors.ts';
import type { KubeObject } from '../objects/object.ts';
import { compileHealthRules, type Within } from './rules.ts';

const widget = (status: unknown): KubeObject => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name: 'a', namespace: 'shop' },
  status,
});
const ref = { group: 'example.com', kind: 'Widget', namespace: 'shop', name: 'a' };
const freely: Within = (evaluate) => evaluate();
const rule = (more: Partial<HealthRule> = {}): HealthRule => ({
  kind: 'Widget',
  healthy: "object.status.phase == 'Ready'",
  ...more,
});
const report = (rules: HealthRule[], status: unknown, within = freely) =>
  compileHealthRules(rules, within)(ref)?.judge(widget(status), 0);

describe('health by expressions', () => {
  it('[H1] is healthy where its expression holds, and on its way where it does not', () => {
    expect(report([rule()], { phase: 'Ready' })).toEqual({ health: 'healthy', reason: 'its expression healthy holds' });
    expect(report([rule()], { phase: 'New' })?.health).toBe('progressing');
  });

  it('[H1] tells what is wrong before what is suspended, on its way or well', () => {
    const all = rule({
      degraded: 'object.status.failed',
      suspended: 'object.status.paused',
      progressing: 'object.status.busy',
    });
    const status = (failed: boolean, paused: boolean, busy: boolean) => ({ failed, paused, busy, phase: 'Ready' });
    expect(report([all], status(true, true, true))?.health).toBe('degraded');
    expect(report([all], status(false, true, true))?.health).toBe('suspended');
    expect(report([all], status(false, false, true))?.health).toBe('progressing');
    expect(report([all], status(false, false, false))?.health).toBe('healthy');
  });

  it('[H2] says why in its own words', () => {
    const worded = rule({ message: "'phase ' + object.status.phase" });
    expect(report([worded], { phase: 'Ready' })?.reason).toBe('phase Ready');
    const broken = rule({ message: "'phase ' + object.status.missing", healthy: 'true' });
    expect(report([broken], {})).toEqual({
      health: 'healthy',
      reason: 'its expression message cannot be evaluated: No such key: missing',
    });
  });

  it('[H1] is unknown, with a sentence, where an expression cannot be evaluated', () => {
    expect(report([rule()], {})).toEqual({
      health: 'unknown',
      reason: 'its expression healthy cannot be evaluated: No such key: phase',
    });
    expect(report([rule({ healthy: 'object.status.phase' })], { phase: 'Ready' })?.reason).toContain('gives a string');
    expect(report([rule({ healthy: 'nonsense(' })], {})).toMatchObject({
      health: 'unknown',
      reason: expect.stringContaining('cannot read its health expressions'),
    });
  });

  it('[H1] is for the objects that its rule selects, and by the first that does', () => {
    const rules = compileHealthRules(
      [rule({ group: 'other.com', healthy: 'false' }), rule({ name: 'b-*', healthy: 'false' }), rule()],
      freely,
    );
    expect(rules(ref)?.rule).toEqual(rule());
    expect(rules({ ...ref, name: 'b-1' })?.rule.healthy).toBe('false');
    expect(rules({ ...ref, kind: 'Gadget' })).toBeNull();
  });

  it('[A11] is never for a Secret', () => {
    const rules = compileHealthRules([rule({ kind: 'Secret', message: 'object.data.password' })], freely);
    expect(rules({ group: '', kind: 'Secret', namespace: 'shop', name: 's' })).toBeNull();
  });

  it('[A9] leaves an expression alone for a minute after it took too long', () => {
    let tries = 0;
    const within: Within = () => {
      tries += 1;
      throw new FairwayError('expression-timed-out', 'stopped');
    };
    const judge = compileHealthRules([rule()], within)(ref)?.judge;
    expect(judge?.(widget({}), 1_000)).toMatchObject({ health: 'unknown', recheckAt: 61_000 });
    expect(judge?.(widget({}), 2_000)).toMatchObject({ health: 'unknown', recheckAt: 61_000 });
    expect(tries).toBe(1);
    judge?.(widget({}), 61_000);
    expect(tries).toBe(2);
  });
});
