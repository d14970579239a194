import { describe, expect, it } from 'vitest';
import type { Assignment } from './assignment.ts';
import { desiredState } from './desired-state.ts';
import type { AgentMessage, Hello, StatusReport } from './messages.ts';
import { protocolVersion } from './protocol.ts';
import { type KnownCluster, type Session, type SessionInput, step } from './session.ts';

const rules = { hubVersion: '1.2.3', checkpointSeconds: 180, applications: 3 };
const assignment: Assignment = {
  application: 'shop',
  release: 'shop@1',
  bundle: 'sha256:1',
  generation: 1,
  environment: 'dev',
  drift: 'correct',
  tenant: null,
  allow: null,
  pruneApproved: false,
  traceparent: null,
};
const none = desiredState([]);
const one = desiredState([assignment]);
const two = desiredState([{ ...assignment, bundle: 'sha256:2', generation: 2 }]);
const hello: Hello = {
  type: 'hello',
  protocol: protocolVersion,
  agentVersion: '1.0.0',
  kubernetesVersion: 'v1.30.0',
  desired: one.digest,
  status: 'sha256:s',
  epoch: 'e',
  eventsDropped: 0,
};
const known: KnownCluster = { desired: one, statuses: 'sha256:s', epoch: 'e', eventsStored: 7 };
const status: StatusReport = { type: 'status', sequence: 4, applications: [], full: false, complete: false };
const goodbye = { type: 'goodbye', code: 'c', reason: 'r', retryAfter: 0 } as const;

const sessions = {
  waiting: { state: 'waiting' },
  greeting: { state: 'greeting', hello },
  live: { state: 'live', epoch: 'e', sent: one, named: null, events: 0, receipt: { status: 0, events: 0 } },
  ended: { state: 'ended' },
} as const satisfies Record<Session['state'], Session>;

const say = (message: AgentMessage): SessionInput => ({ type: 'message', message });
const inputs = {
  hello: say(hello),
  status: say(status),
  events: say({ type: 'events', events: [], after: 0, through: 9 }),
  bundleRequest: say({ type: 'bundle-request', digest: 'sha256:1' }),
  checkpoint: say({ type: 'checkpoint', desired: one.digest, status: 'sha256:s' }),
  unknown: say({ type: 'unknown' }),
  loaded: { type: 'loaded', known },
  desired: { type: 'desired', desired: two },
  compared: { type: 'compared', agent: 'x', hub: 'y' },
  stored: { type: 'stored', status: 4 },
  time: { type: 'checkpoint' },
  end: { type: 'end', goodbye },
} as const satisfies Record<string, SessionInput>;

/** For every state and input: the next state, and the effects by type (a sent message by its own). */
const table: Record<keyof typeof sessions, Record<keyof typeof inputs, readonly [Session['state'], ...string[]]>> = {
  waiting: {
    hello: ['greeting', 'load'],
    status: ['ended', 'end protocol-violation'],
    events: ['ended', 'end protocol-violation'],
    bundleRequest: ['ended', 'end protocol-violation'],
    checkpoint: ['ended', 'end protocol-violation'],
    unknown: ['waiting'],
    loaded: ['waiting'],
    desired: ['waiting'],
    compared: ['waiting'],
    stored: ['waiting'],
    time: ['waiting'],
    end: ['ended', 'end c'],
  },
  greeting: {
    hello: ['ended', 'end protocol-violation'],
    status: ['ended', 'end protocol-violation'],
    events: ['ended', 'end protocol-violation'],
    bundleRequest: ['ended', 'end protocol-violation'],
    checkpoint: ['ended', 'end protocol-violation'],
    unknown: ['greeting'],
    loaded: ['live', 'send welcome', 'send checkpoint'],
    desired: ['greeting'],
    compared: ['greeting'],
    stored: ['greeting'],
    time: ['greeting'],
    end: ['ended', 'end c'],
  },
  live: {
    hello: ['ended', 'end protocol-violation'],
    status: ['live', 'store-status'],
    events: ['live', 'store-events'],
    bundleRequest: ['live', 'serve'],
    checkpoint: ['live', 'compare'],
    unknown: ['live'],
    loaded: ['live'],
    desired: ['live', 'update'],
    compared: ['live', 'send status-wanted'],
    stored: ['live', 'send receipt'],
    time: ['live', 'send checkpoint'],
    end: ['ended', 'end c'],
  },
  ended: {
    hello: ['ended'],
    status: ['ended'],
    events: ['ended'],
    bundleRequest: ['ended'],
    checkpoint: ['ended'],
    unknown: ['ended'],
    loaded: ['ended'],
    desired: ['ended'],
    compared: ['ended'],
    stored: ['ended'],
    time: ['ended'],
    end: ['ended'],
  },
};

function summary(session: Session, input: SessionInput): readonly string[] {
  const next = step(session, input, rules);
  return [
    next.session.state,
    ...next.effects.map((effect) => {
      if (effect.type === 'send') return `send ${effect.message.type}`;
      return effect.type === 'end' ? `end ${effect.goodbye.code}` : effect.type;
    }),
  ];
}

describe('session of the hub', () => {
  for (const state of Object.keys(sessions) as (keyof typeof sessions)[]) {
    for (const input of Object.keys(inputs) as (keyof typeof inputs)[]) {
      it(`${state} × ${input} → ${table[state][input].join(', ')}`, () => {
        expect(summary(sessions[state], inputs[input])).toEqual(table[state][input]);
      });
    }
  }

  it('[L2] sends all to an agent that holds something else, and asks for what the hub lacks', () => {
    const other = { ...known, desired: two, statuses: 'sha256:other', epoch: 'older' };
    const { effects } = step(sessions.greeting, { type: 'loaded', known: other }, rules);
    expect(effects).toMatchObject([
      { message: { type: 'welcome', eventsStored: 0, checkpointSeconds: 180 } },
      { type: 'update', update: { base: '', digest: two.digest } },
      { message: { type: 'status-wanted' } },
    ]);
  });

  it('[L2] says nothing where nothing changed, and all again where the agent lost something', () => {
    expect(summary(sessions.live, { type: 'desired', desired: one })).toEqual(['live']);
    expect(summary(sessions.live, { type: 'compared', agent: 'x', hub: 'x' })).toEqual(['live']);
    const lost = say({ type: 'checkpoint', desired: none.digest, status: 'sha256:s' });
    expect(step(sessions.live, lost, rules).effects).toContainEqual(
      expect.objectContaining({ type: 'update', update: expect.objectContaining({ base: '', digest: one.digest }) }),
    );
  });

  it('[L6] works with one version of skew in both directions, and names both versions beyond it', () => {
    for (const skew of [-1, 0, 1]) {
      expect(summary(sessions.waiting, say({ ...hello, protocol: protocolVersion + skew }))[0]).toBe('greeting');
    }
    const { effects } = step(sessions.waiting, say({ ...hello, protocol: protocolVersion + 6 }), rules);
    expect(effects).toMatchObject([
      {
        goodbye: {
          code: 'protocol-unsupported',
          reason: expect.stringMatching(`version ${protocolVersion + 6} .* version ${protocolVersion};`),
        },
      },
    ]);
  });

  it('[T4] refuses a bundle that the cluster is not assigned', () => {
    const { effects } = step(sessions.live, say({ type: 'bundle-request', digest: 'sha256:2' }), rules);
    expect(effects).toMatchObject([{ message: { type: 'bundle-refused', code: 'bundle-not-assigned' } }]);
  });

  it('[L3] knows at the end of a full report all that the agent holds, and bounds it', () => {
    const part = (names: readonly string[], complete: boolean): SessionInput =>
      say({ ...status, full: true, complete, applications: names.map((application) => ({ application })) as never });
    const first = step(sessions.live, part(['a', 'b'], false), rules);
    expect(first.effects).toMatchObject([{ type: 'store-status', named: null }]);
    const last = step(first.session, part(['c'], true), rules);
    expect(last.effects).toMatchObject([{ type: 'store-status', named: new Set(['a', 'b', 'c']) }]);
    expect(last.session).toMatchObject({ named: null });
    expect(summary(first.session, part(['c', 'd'], true))).toEqual(['ended', 'end too-many-applications']);
  });

  it('[L2] takes no events whose forerunners were lost, until those come again', () => {
    const events = (after: number, through: number) => say({ type: 'events', events: [], after, through });
    const first = step(sessions.live, events(0, 5), rules);
    expect(first.effects).toHaveLength(1);
    const early = step(first.session, events(9, 12), rules);
    expect(early).toEqual({ session: first.session, effects: [] });
    const again = step(early.session, events(5, 9), rules);
    expect(again.effects).toMatchObject([{ type: 'store-events', report: { through: 9 } }]);
    expect(step(again.session, events(9, 12), rules).effects).toHaveLength(1);
  });

  it('[L3] never takes a receipt back', () => {
    const later = step(sessions.live, { type: 'stored', status: 9, events: 5 }, rules);
    const { effects } = step(later.session, { type: 'stored', status: 4 }, rules);
    expect(effects).toMatchObject([{ message: { type: 'receipt', status: 9, events: 5 } }]);
  });
});
