import type { Logger } from 'pino';
import { messageOf } from '../../core/errors.ts';
import type { Duplex } from '../../core/link/duplex.ts';
import type { AgentMessage, Goodbye, Hello, HubMessage } from '../../core/link/messages.ts';
import {
  goodbye,
  type KnownCluster,
  type Session,
  type SessionEffect,
  type SessionInput,
  step,
} from '../../core/link/session.ts';
import type { Spans } from '../../telemetry/spans.ts';
import { createBucket } from './bucket.ts';
import type { ReadBundle } from './bundle-cache.ts';
import type { LinkLimits } from './limits.ts';
import type { LinkMetrics } from './metrics.ts';
import { createOutgoing } from './outgoing.ts';
import type { ReportWriter } from './report-writer.ts';
import { createRest } from './rest.ts';

/** Who is at the other end of a stream: from its certificate, never from what it says (T4). */
export interface Peer {
  readonly cluster: string;
  readonly serial: string;
  /** Of its certificate, milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** One agent's stream, while it lasts. */
export interface Stream {
  readonly peer: Peer;
  /** Its desired state may have changed: read it and send what is new. */
  look(): void;
  /** Says goodbye, and is over at most a moment later, whatever the peer does (T3). */
  end(goodbye: Goodbye): void;
}

/** What a stream needs of its hub. */
export interface StreamContext {
  readonly limits: LinkLimits;
  readonly hubVersion: string;
  readonly log: Logger;
  readonly now: () => number;
  readonly load: (cluster: string) => Promise<KnownCluster | null>;
  readonly spans: Spans;
  readonly metrics: Pick<LinkMetrics, 'sent'>;
  readonly readBundle: ReadBundle;
  readonly reports: ReportWriter;
  /** The agent was welcomed. */
  live(stream: Stream, hello: Hello): void;
  /** The last call of a stream. */
  over(stream: Stream, reason: string): void;
}

/** Between a goodbye and the end of the connection, milliseconds: time for it to arrive. */
const farewellTime = 150;
const retryEvery = 500;
/**
 * A cluster of many applications is looked at whole, and a commit may change them one after another: the next look
 * waits this long for each of them, at most so long in all, in milliseconds. The first look waits for nothing.
 */
const restPerApplication = 30;
const longestRest = 3_000;

/** Runs the decisions of `core/link/session.ts` on a real stream: reads, sends, stores, closes. */
export function runStream(duplex: Duplex<HubMessage, AgentMessage>, peer: Peer, context: StreamContext): Stream {
  const { limits, now, load, reports } = context;
  const { cluster } = peer;
  const log = context.log.child({ cluster });
  const rules = {
    hubVersion: context.hubVersion,
    checkpointSeconds: limits.checkpointSeconds,
    applications: limits.applications,
  };
  let session: Session = { state: 'waiting' };
  let reason = 'the connection was lost';
  let over = false;
  /** News came that is not read yet, and whether reading is under way. */
  let news = false;
  let reading = false;
  const rest = createRest(follow);
  const reader = createReader(duplex, limits, now);

  const outgoing = createOutgoing({
    duplex,
    cluster,
    spans: context.spans,
    readBundle: context.readBundle,
    bundleRequests: limits.bundleRequests,
    stallTime: limits.stallTime,
    sent: (bytes) => context.metrics.sent(bytes),
    updated: () => follow(),
    stalled: () => end(goodbye('peer-stalled', 'The agent takes nothing.', 10_000)),
    failed: trouble,
  });

  const helloTimer = setTimeout(
    () => session.state === 'waiting' && end(goodbye('hello-late', 'The agent said nothing.', 10_000)),
    limits.helloTime,
  );
  const checkpoint = setInterval(() => {
    stream.look();
    dispatch({ type: 'checkpoint' });
  }, limits.checkpointSeconds * 1_000);

  const stream: Stream = {
    peer,
    look() {
      news = true;
      follow();
    },
    end,
  };

  function dispatch(input: SessionInput): void {
    const next = step(session, input, rules);
    session = next.session;
    for (const effect of next.effects) run(effect);
  }

  function run(effect: SessionEffect): void {
    switch (effect.type) {
      case 'send':
        duplex.send(effect.message);
        return;
      case 'load':
        greet(effect.hello).catch(trouble);
        return;
      case 'update':
        outgoing.update(effect.update);
        return;
      case 'serve':
        if (!outgoing.bundle(effect.digest)) {
          end(goodbye('too-many-requests', 'The agent asks for too many bundles at once.', 10_000));
        }
        return;
      case 'compare':
        compare(effect.agent).catch(trouble);
        return;
      case 'store-status': {
        const { applications, sequence } = effect.report;
        const report = { type: 'status', cluster, statuses: applications, named: effect.named } as const;
        store(applications.length, report, { type: 'stored', status: sequence });
        return;
      }
      case 'store-events': {
        const { events, through } = effect.report;
        const report = { type: 'events', cluster, epoch: effect.epoch, events, through } as const;
        store(events.length, report, { type: 'stored', events: through });
        return;
      }
      case 'end':
        close(effect.goodbye);
    }
  }

  async function greet(hello: Hello): Promise<void> {
    const known = await load(cluster);
    if (known === null) return end(goodbye('cluster-not-found', `This hub knows no cluster ${cluster}.`, 60_000));
    if (over || session.state !== 'greeting') return;
    clearTimeout(helloTimer);
    context.live(stream, hello);
    dispatch({ type: 'loaded', known });
    follow();
  }

  /** Reads the desired state when there is news of it and the last update is sent: news in between are one. */
  function follow(): void {
    if (!news || reading || over || session.state !== 'live' || outgoing.isUpdating() || rest.isOn()) return;
    rest.begin(Math.min(longestRest, session.sent.assignments.size * restPerApplication));
    news = false;
    reading = true;
    load(cluster)
      .then((known) => {
        reading = false;
        if (known === null) end(goodbye('cluster-not-found', `This hub knows no cluster ${cluster}.`, 60_000));
        else dispatch({ type: 'desired', desired: known.desired });
        follow();
      })
      .catch((error: unknown) => {
        // A database that is away for long ends every stream; until then this one looks again (T3).
        log.warn({ error: messageOf(error) }, 'the desired state cannot be read: trying again');
        setTimeout(() => {
          reading = false;
          stream.look();
        }, retryEvery);
      });
  }

  async function compare(agent: string): Promise<void> {
    await reports.idle();
    // What cannot be compared now is compared at the next checkpoint.
    const known = await load(cluster).catch(() => null);
    if (known !== null) dispatch({ type: 'compared', agent, hub: known.statuses });
  }

  function store(weight: number, report: Parameters<ReportWriter['write']>[0], stored: SessionInput): void {
    reader.hold(weight);
    reports
      .write(report)
      .then(() => dispatch(stored))
      .catch(trouble)
      .finally(() => reader.release(weight));
  }

  function trouble(error: unknown): void {
    if (over) return;
    log.warn({ error: messageOf(error) }, 'a stream ends because the hub could not serve it');
    end(goodbye('hub-unavailable', 'The hub has trouble of its own.', 2_000));
  }

  function end(farewell: Goodbye): void {
    dispatch({ type: 'end', goodbye: farewell });
  }

  function close(farewell: Goodbye): void {
    reason = farewell.reason;
    log.info({ code: farewell.code, reason }, 'ending a stream');
    duplex.send(farewell);
    duplex.end();
    setTimeout(() => duplex.destroy(), farewellTime);
    finish();
  }

  function finish(): void {
    if (over) return;
    over = true;
    session = { state: 'ended' };
    clearTimeout(helloTimer);
    clearInterval(checkpoint);
    rest.stop();
    outgoing.stop();
    reader.stop();
    duplex.end();
    context.over(stream, reason);
  }

  duplex.receive({
    message(message) {
      reader.read();
      dispatch({ type: 'message', message });
    },
    closed(error) {
      if (error !== null) log.debug({ error: error.message }, 'a stream was lost');
      finish();
    },
  });
  return stream;
}

/** Reads no faster than is allowed and than what was read is stored: the rest waits on the peer's side (L7). */
function createReader(duplex: Duplex<HubMessage, AgentMessage>, limits: LinkLimits, now: () => number) {
  const bucket = createBucket(limits.messageBurst, 1_000 / limits.messagesPerSecond, now());
  let unstored = 0;
  let timer: NodeJS.Timeout | null = null;

  const settle = () => (timer !== null || unstored > limits.unstored ? duplex.pause() : duplex.resume());

  return {
    /** Counts one message. */
    read() {
      const wait = bucket.spend(now());
      if (wait === 0 || timer !== null) return;
      timer = setTimeout(() => {
        timer = null;
        settle();
      }, wait);
      settle();
    },
    hold(weight: number) {
      unstored += weight;
      settle();
    },
    release(weight: number) {
      unstored -= weight;
      settle();
    },
    stop() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      unstored = 0;
      duplex.resume();
    },
  };
}
