import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Assignment, TenantBounds } from '../core/link/assignment.ts';
import type { AgentMessage, HubMessage } from '../core/link/messages.ts';
import {
  type AgentEvent,
  type ApplicationStatus,
  type Drift,
  driftOutcomes,
  type EventDetail,
  healths,
  type ObjectProblem,
  phases,
} from '../core/link/status.ts';
import type { ObjectRef } from '../core/objects/object.ts';
import { agentCodec, hubCodec } from './codec.ts';
import * as wire from './gen/fairway/agent/v1/agent.ts';

const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0') && value.isWellFormed());
/** Where empty stands for absent on the wire. */
const someText = text.filter((value) => value !== '');
const textOrNull = fc.option(someText);
const texts = fc.array(text, { maxLength: 3 });
const digest = fc.constantFrom<`sha256:${string}`>('sha256:0', 'sha256:1');
const count = fc.nat();
const time = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });

const object: fc.Arbitrary<ObjectRef> = fc.record({ group: text, kind: text, namespace: text, name: text });
const problem: fc.Arbitrary<ObjectProblem> = fc.record({
  object,
  code: text,
  field: textOrNull,
  message: text,
  health: fc.option(fc.constantFrom(...healths)),
});
const drift: fc.Arbitrary<Drift> = fc.record({
  object,
  field: text,
  wanted: textOrNull,
  found: textOrNull,
  manager: text,
  firstSeen: time,
});
const status: fc.Arbitrary<ApplicationStatus> = fc.record({
  application: text,
  release: text,
  bundle: text,
  generation: count,
  phase: fc.constantFrom(...phases),
  health: fc.constantFrom(...healths),
  message: text,
  counts: fc.record({
    objects: count,
    healthy: count,
    progressing: count,
    degraded: count,
    suspended: count,
    unknown: count,
    drifted: count,
  }),
  problems: fc.array(problem, { maxLength: 3 }),
  drifts: fc.array(drift, { maxLength: 3 }),
  running: fc.option(fc.record({ release: someText, bundle: text })),
  appliedAt: fc.option(time),
  wait: fc.option(fc.record({ reason: text, since: time, deadline: fc.option(time) })),
  traceparent: textOrNull,
});
const detail: fc.Arbitrary<EventDetail> = fc.oneof(
  fc.record({ type: fc.constant('drift' as const), drift, outcome: fc.constantFrom(...driftOutcomes) }),
  fc.record({
    type: fc.constant('applied' as const),
    bundle: text,
    created: count,
    changed: count,
    unchanged: count,
    pruned: count,
    milliseconds: count,
  }),
  fc.record({
    type: fc.constant('failed' as const),
    bundle: text,
    code: text,
    message: text,
    problems: fc.array(problem, { maxLength: 3 }),
  }),
  fc.record({ type: fc.constant('pruned' as const), objects: fc.array(object, { maxLength: 3 }) }),
);
const event: fc.Arbitrary<AgentEvent> = fc.record({
  sequence: count,
  at: time,
  application: text,
  release: text,
  traceparent: textOrNull,
  detail,
});
const tenant: fc.Arbitrary<TenantBounds> = fc.record({
  name: text,
  namespaces: texts,
  allow: texts,
  deny: texts,
  serviceAccount: textOrNull,
});
const assignment: fc.Arbitrary<Assignment> = fc.record({
  application: text,
  release: text,
  bundle: digest,
  generation: count,
  environment: text,
  drift: fc.constantFrom<Assignment['drift']>('correct', 'report', 'hold'),
  tenant: fc.option(tenant),
  allow: fc.option(fc.record({ kinds: texts, namespaces: texts })),
  pruneApproved: fc.boolean(),
  traceparent: textOrNull,
});
const checkpoint = fc.record({ type: fc.constant('checkpoint' as const), desired: text, status: text });

const hello = fc.record({
  type: fc.constant('hello' as const),
  protocol: count,
  agentVersion: text,
  kubernetesVersion: text,
  desired: text,
  status: text,
  epoch: text,
  eventsDropped: count,
});

const agentMessages: fc.Arbitrary<AgentMessage> = fc.oneof(
  hello,
  fc.record({
    type: fc.constant('status' as const),
    sequence: count,
    applications: fc.array(status, { maxLength: 3 }),
    full: fc.boolean(),
    complete: fc.boolean(),
  }),
  fc.array(event, { maxLength: 3 }).map((events) => ({
    type: 'events' as const,
    events,
    after: events.length,
    through: Math.max(0, ...events.map(({ sequence }) => sequence)),
  })),
  fc.record({ type: fc.constant('bundle-request' as const), digest: text }),
  checkpoint,
  fc.constant({ type: 'unknown' as const }),
);
const hubMessages: fc.Arbitrary<HubMessage> = fc.oneof(
  fc.record({
    type: fc.constant('welcome' as const),
    protocol: count,
    hubVersion: text,
    eventsStored: count,
    checkpointSeconds: count,
  }),
  fc.record({
    type: fc.constant('desired' as const),
    base: text,
    digest: text,
    assigned: fc.array(assignment, { maxLength: 3 }),
    withdrawn: texts,
    last: fc.boolean(),
  }),
  fc.record({
    type: fc.constant('bundle-chunk' as const),
    digest: text,
    size: count,
    offset: count,
    data: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  }),
  fc.record({ type: fc.constant('bundle-refused' as const), digest: text, code: text, reason: text }),
  fc.record({ type: fc.constant('receipt' as const), status: count, events: count }),
  checkpoint,
  fc.constant({ type: 'status-wanted' as const }),
  fc.record({ type: fc.constant('goodbye' as const), code: text, reason: text, retryAfter: count }),
  fc.constant({ type: 'unknown' as const }),
);

describe('the wire', () => {
  it('carries everything that an agent says', () => {
    fc.assert(
      fc.property(agentMessages, (message) => {
        expect(agentCodec.decode(agentCodec.encode(message))).toEqual(message);
      }),
    );
  });

  it('carries everything that a hub says', () => {
    fc.assert(
      fc.property(hubMessages, (message) => {
        expect(hubCodec.decode(hubCodec.encode(message))).toEqual(message);
      }),
    );
  });

  it('[L6] reads what only a newer peer knows as unknown', () => {
    const newer = wire.AgentMessage.encode({ message: undefined })
      .uint32((99 << 3) | 0)
      .uint32(1)
      .finish();
    expect(agentCodec.decode(newer)).toEqual({ type: 'unknown' });
    const [sample] = fc.sample(status, 1);
    const encoded = wire.AgentMessage.decode(
      agentCodec.encode({
        type: 'status',
        sequence: 1,
        applications: [sample as ApplicationStatus],
        full: true,
        complete: true,
      }),
    );
    if (encoded.message?.$case !== 'status') throw new Error('not a status');
    const [application] = encoded.message.value.applications;
    Object.assign(application as object, { phase: 77, health: 78 });
    const read = agentCodec.decode(wire.AgentMessage.encode(encoded).finish());
    expect(read).toMatchObject({ applications: [{ phase: 'pending', health: 'unknown' }] });
  });

  it('[L6] acknowledges events that only a newer agent knows, without their content', () => {
    const events = [{ sequence: 12, at: 1, application: 'shop', release: '', traceparent: '', detail: undefined }];
    const bytes = wire.AgentMessage.encode({ message: { $case: 'events', value: { events, after: 11 } } }).finish();
    expect(agentCodec.decode(bytes)).toEqual({ type: 'events', events: [], after: 11, through: 12 });
  });

  it('[L7] takes out the one character that no text of the database holds', () => {
    const message: AgentMessage = { ...fc.sample(hello, 1)[0], agentVersion: 'a\0b' } as never;
    expect(agentCodec.decode(agentCodec.encode(message))).toMatchObject({ agentVersion: 'ab' });
  });
});
