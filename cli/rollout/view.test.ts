import { describe, expect, it } from 'vitest';
import type { MemberCounts, RolloutDetail, RolloutStep } from '../../proto/rest/rollouts.ts';
import { stepLine } from './step-line.ts';
import { renderRollout } from './view.ts';

const plain = { style: (_style: string, text: string) => text };
const now = Date.parse('2030-01-01T12:00:00.000Z');
const minutesAgo = (minutes: number) => new Date(now - minutes * 60_000).toISOString();
const none: MemberCounts = {
  ...{ total: 0, pending: 0, due: 0, updating: 0, healthy: 0, ill: 0 },
  ...{ failed: 0, skipped: 0, left: 0, returning: 0, returned: 0 },
};
const wave = (name: string, state: 'done' | 'rolling' | 'soaking' | 'pending', clusters: Partial<MemberCounts>) => ({
  ...{ position: 1, name, state, clusters: { ...none, ...clusters }, maxConcurrent: null, soakSeconds: 600 },
  ...{ needsApproval: name === 'rest', approvedBy: null, approvedAt: null, startedAt: null, endedAt: null },
  healthySince: state === 'soaking' ? minutesAgo(4) : null,
});
const rollout: RolloutDetail = {
  ...{ id: 12, environment: 'prod', application: 'shop', promotion: 7, kind: 'release' },
  ...{ release: 'shop@1ca3c1141945', previous: 'shop@3f2c9d000000', state: 'running', stateReason: null },
  ...{
    stateSince: minutesAgo(3),
    pausedBy: null,
    rolledBackBy: null,
    gated: true,
    startedBy: 'token:ci',
    createdAt: minutesAgo(3),
    endedAt: null,
  },
  wait: { on: 'progress', reason: '1 cluster to become healthy: eu-2', since: minutesAgo(2), deadline: minutesAgo(-8) },
  wave: { position: 2, of: 3, name: 'quarter' },
  clusters: none,
  waves: [
    wave('canary', 'done', { total: 1, healthy: 1 }),
    wave('quarter', 'rolling', { total: 2, healthy: 1, failed: 1 }),
    wave('rest', 'pending', { total: 6, pending: 6 }),
  ],
  budget: { maximum: 2, used: 1 },
  failures: { count: 1, threshold: 2 },
  strategy: { progressDeadlineSeconds: 600, onFailure: 'pause', unreachable: 'skip', windows: [] },
  troubled: [
    {
      ...{ cluster: 'eu-3', wave: 2, state: 'failed', wait: null, stateReason: 'Deployment shop/web is degraded' },
      ...{ stateSince: minutesAgo(1), illBefore: false, assignedAt: null, handedOutAt: null, attempts: 0 },
    },
  ],
};
const lines = (of: Partial<RolloutDetail> = {}) =>
  renderRollout(plain, { ...rollout, ...of }, { now, columns: 80 }).join('\n');

describe('the view of a rollout', () => {
  it('[R5] has a bar a wave, what it waits for, its budget, and who keeps it', () => {
    expect(lines()).toBe(
      [
        'shop@1ca3c1141945 → prod  running for 3m  (rollout 12)  instead of shop@3f2c9d000000',
        '',
        '✓ canary   ████████████████████  1/1 healthy',
        '▶ quarter  ████████████████████  1/2 healthy: 1 failed',
        '  rest     ░░░░░░░░░░░░░░░░░░░░  0/6 healthy  a person opens it',
        '',
        'Waits for  1 cluster to become healthy: eu-2, for 2m, 8m left',
        'Budget     1 of 2 unavailable; failed: 1, it stops at 2',
        '',
        'CLUSTER   WAVE      STATE    SINCE   LEFT   WHY',
        'eu-3      quarter   failed   60s     -      Deployment shop/web is degraded',
      ].join('\n'),
    );
  });

  it('says how long a wave soaks on', () => {
    expect(lines({ waves: [wave('canary', 'soaking', { total: 1, healthy: 1 })] })).toContain(
      '◷ canary  ████████████████████  1/1 healthy  soaks, 6m left',
    );
  });

  it('[R5] says that a deadline has passed, and goes on without a word of more time', () => {
    const wait = { on: 'soak', reason: 'wave canary soaks', since: minutesAgo(10), deadline: minutesAgo(0) } as const;
    const view = lines({ wait, waves: [{ ...wave('canary', 'soaking', { total: 1, healthy: 1 }), soakSeconds: 60 }] });
    expect(view).toContain('1/1 healthy  soaks, due now');
    expect(view).toContain('Waits for  wave canary soaks, for 10m, due now');
  });

  it('[R6] says who took it back, and why', () => {
    const back = { state: 'rolled-back', rolledBackBy: 'user:lead', stateReason: 'errors', wait: null } as const;
    expect(lines({ ...back, endedAt: minutesAgo(0) })).toContain('Because    taken back by user:lead: errors');
  });

  it('[R1] says of one that nothing waits for whom it was handed to', () => {
    const handed = { gated: false, state: 'completed', wait: null, endedAt: minutesAgo(0) } as const;
    const view = lines({ ...handed, troubled: [], waves: [wave('all', 'done', { total: 1, updating: 1 })] });
    expect(view).toContain('✓ all  ████████████████████  handed to 1');
  });

  it('says how it ended, and nothing of its budget then', () => {
    const ended = lines({ state: 'aborted', stateReason: 'ended by token:ci', wait: null, endedAt: minutesAgo(0) });
    expect(ended).toContain('shop@1ca3c1141945 → prod  aborted for 3m');
    expect(ended).toContain('Because    ended by token:ci');
    expect(ended).not.toContain('Budget');
  });
});

describe('a step in one line', () => {
  const step = (of: Partial<RolloutStep>) =>
    stepLine(plain, rollout, {
      ...{ id: 1, at: minutesAgo(0), generation: 1, event: 'rollout.running', wave: null, cluster: null, detail: {} },
      ...of,
    }).slice('00:00:00  '.length);

  it.each([
    [{}, 'rollout running'],
    [{ event: 'wave.soaking', wave: 1 }, 'wave canary soaking'],
    [{ event: 'wave.approved', wave: 3, detail: { by: 'token:ada' } }, 'wave rest approved by token:ada'],
    [{ event: 'cluster.failed', wave: 2, cluster: 'eu-3', detail: { reason: 'ill' } }, 'eu-3 (quarter) failed: ill'],
    [{ event: 'rollout.paused', detail: { reason: 'a\u001b[2Jb' } }, 'rollout paused: a [2Jb'],
  ])('%j', (of, text) => {
    expect(step(of)).toBe(text);
  });
});
