import { type DesiredState, type DesiredUpdate, updateBetween, wholeUpdate } from './desired-state.ts';
import type { AgentMessage, EventReport, Goodbye, Hello, HubMessage, StatusReport } from './messages.ts';
import { protocolMismatch, protocolVersion, speaks } from './protocol.ts';

/**
 * The hub's side of one stream, as decisions: what happened goes in, what is to be done comes out. Whoever runs it
 * reads the database, sends and closes (L2).
 */
export type Session =
  | { readonly state: 'waiting' }
  | { readonly state: 'greeting'; readonly hello: Hello }
  | {
      readonly state: 'live';
      readonly epoch: string;
      /** What the agent holds once it has all that was sent. */
      readonly sent: DesiredState;
      /** Applications named so far in a full report that is not complete. */
      readonly named: ReadonlySet<string> | null;
      /** The last event that was taken in, be it stored yet or not. */
      readonly events: number;
      readonly receipt: { readonly status: number; readonly events: number };
    }
  | { readonly state: 'ended' };

export type SessionInput =
  | { readonly type: 'message'; readonly message: AgentMessage }
  /** The answer to `load`. */
  | { readonly type: 'loaded'; readonly known: KnownCluster }
  /** The desired state, read anew. */
  | { readonly type: 'desired'; readonly desired: DesiredState }
  /** The answer to `compare`. */
  | { readonly type: 'compared'; readonly agent: string; readonly hub: string }
  /** A report was committed. */
  | { readonly type: 'stored'; readonly status?: number; readonly events?: number }
  /** Time for a checkpoint. */
  | { readonly type: 'checkpoint' }
  | { readonly type: 'end'; readonly goodbye: Goodbye };

/** What the hub has stored of a cluster. */
export interface KnownCluster {
  readonly desired: DesiredState;
  /** Digest over the stored statuses. */
  readonly statuses: string;
  readonly epoch: string | null;
  readonly eventsStored: number;
}

export type SessionEffect =
  /** Read what is stored of the cluster; answer with `loaded`. */
  | { readonly type: 'load'; readonly hello: Hello }
  | { readonly type: 'send'; readonly message: HubMessage }
  /** Send an update in parts. */
  | { readonly type: 'update'; readonly update: DesiredUpdate }
  /** Read the digest over the stored statuses, once what came before is stored; answer with `compared`. */
  | { readonly type: 'compare'; readonly agent: string }
  /** `named`: on the last part of a full report, every application that the agent holds; others are forgotten. */
  | { readonly type: 'store-status'; readonly report: StatusReport; readonly named: ReadonlySet<string> | null }
  | { readonly type: 'store-events'; readonly report: EventReport; readonly epoch: string }
  | { readonly type: 'serve'; readonly digest: string }
  | { readonly type: 'end'; readonly goodbye: Goodbye };

export interface SessionRules {
  readonly hubVersion: string;
  readonly checkpointSeconds: number;
  /** More applications than this in one full report are refused (L7). */
  readonly applications: number;
}

interface Step {
  readonly session: Session;
  readonly effects: readonly SessionEffect[];
}

/** One step of a session. A message that is out of place ends it, and names why. */
export function step(session: Session, input: SessionInput, rules: SessionRules): Step {
  if (session.state === 'ended') return { session, effects: [] };
  switch (input.type) {
    case 'end':
      return end(input.goodbye);
    case 'message':
      return onMessage(session, input.message, rules);
    case 'loaded':
      return session.state === 'greeting' ? greet(session.hello, input.known, rules) : stay(session);
    case 'desired':
      return session.state === 'live' ? bringTo(session, input.desired) : stay(session);
    case 'compared':
      return session.state !== 'live' || input.agent === input.hub
        ? stay(session)
        : say(session, { type: 'status-wanted' });
    case 'stored':
      return session.state === 'live' ? acknowledge(session, input) : stay(session);
    case 'checkpoint':
      return session.state === 'live' ? { session, effects: [sayWhole(session.sent)] } : stay(session);
  }
}

type Live = Extract<Session, { state: 'live' }>;

function onMessage(session: Exclude<Session, { state: 'ended' }>, message: AgentMessage, rules: SessionRules): Step {
  if (message.type === 'unknown') return stay(session);
  if (session.state === 'waiting') {
    if (message.type !== 'hello') return violation(`${message.type} came before hello`);
    if (!speaks(message.protocol)) {
      return end(goodbye('protocol-unsupported', protocolMismatch(message.protocol, protocolVersion), 5 * 60_000));
    }
    if (message.epoch === '' || message.epoch.length > 128) return violation('hello has no usable epoch');
    return { session: { state: 'greeting', hello: message }, effects: [{ type: 'load', hello: message }] };
  }
  if (session.state === 'greeting') return violation(`${message.type} came before welcome`);
  switch (message.type) {
    case 'hello':
      return violation('hello came twice');
    case 'status':
      return takeStatus(session, message, rules);
    case 'events':
      return takeEvents(session, message);
    case 'bundle-request':
      return serve(session, message.digest);
    case 'checkpoint': {
      const effects: SessionEffect[] = [{ type: 'compare', agent: message.status }];
      if (message.desired !== session.sent.digest) effects.push({ type: 'update', update: wholeUpdate(session.sent) });
      return { session, effects };
    }
  }
}

/** Says what the agent lacks, or that it lacks nothing, and asks for what the hub lacks (L2). */
function greet(hello: Hello, known: KnownCluster, rules: SessionRules): Step {
  const eventsStored = known.epoch === hello.epoch ? known.eventsStored : 0;
  const effects: SessionEffect[] = [
    {
      type: 'send',
      message: {
        type: 'welcome',
        protocol: protocolVersion,
        hubVersion: rules.hubVersion,
        eventsStored,
        checkpointSeconds: rules.checkpointSeconds,
      },
    },
  ];
  effects.push(
    hello.desired === known.desired.digest
      ? sayWhole(known.desired)
      : { type: 'update', update: wholeUpdate(known.desired) },
  );
  if (hello.status !== known.statuses) effects.push({ type: 'send', message: { type: 'status-wanted' } });
  const receipt = { status: 0, events: eventsStored };
  const events = eventsStored;
  return { session: { state: 'live', epoch: hello.epoch, sent: known.desired, named: null, events, receipt }, effects };
}

function sayWhole({ digest }: DesiredState): SessionEffect {
  return { type: 'send', message: { type: 'checkpoint', desired: digest, status: '' } };
}

function bringTo(session: Live, desired: DesiredState): Step {
  const update = updateBetween(session.sent, desired);
  if (update === null) return stay(session);
  return { session: { ...session, sent: desired }, effects: [{ type: 'update', update }] };
}

function takeStatus(session: Live, report: StatusReport, rules: SessionRules): Step {
  if (!report.full) return { session, effects: [{ type: 'store-status', report, named: null }] };
  const named = new Set(session.named);
  for (const { application } of report.applications) named.add(application);
  if (named.size > rules.applications) {
    return end(
      goodbye('too-many-applications', `A full report names more than ${rules.applications} applications.`, 60_000),
    );
  }
  return {
    session: { ...session, named: report.complete ? null : named },
    effects: [{ type: 'store-status', report, named: report.complete ? named : null }],
  };
}

/** Events in between were lost where they do not follow on: without a receipt these come again, with those (L2). */
function takeEvents(session: Live, report: EventReport): Step {
  if (report.after > session.events) return stay(session);
  return {
    session: { ...session, events: Math.max(session.events, report.through) },
    effects: [{ type: 'store-events', report, epoch: session.epoch }],
  };
}

/** An agent reads the bundles that its own cluster is assigned, and nothing else (T4). */
function serve(session: Live, digest: string): Step {
  for (const assignment of session.sent.assignments.values()) {
    if (assignment.bundle === digest) return { session, effects: [{ type: 'serve', digest }] };
  }
  return say(session, {
    type: 'bundle-refused',
    digest,
    code: 'bundle-not-assigned',
    reason: 'No application that is assigned to this cluster uses this bundle.',
  });
}

function acknowledge(
  session: Live,
  { status = 0, events = 0 }: { readonly status?: number; readonly events?: number },
): Step {
  const receipt = {
    status: Math.max(session.receipt.status, status),
    events: Math.max(session.receipt.events, events),
  };
  return say({ ...session, receipt }, { type: 'receipt', ...receipt });
}

function say(session: Session, message: HubMessage): Step {
  return { session, effects: [{ type: 'send', message }] };
}

function stay(session: Session): Step {
  return { session, effects: [] };
}

function end(farewell: Goodbye): Step {
  return { session: { state: 'ended' }, effects: [{ type: 'end', goodbye: farewell }] };
}

function violation(reason: string): Step {
  return end(goodbye('protocol-violation', `The agent broke the protocol: ${reason}.`, 60_000));
}

/** @param retryAfter milliseconds; 0: as the agent likes */
export function goodbye(code: string, reason: string, retryAfter = 0): Goodbye {
  return { type: 'goodbye', code, reason, retryAfter };
}
