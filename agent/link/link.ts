import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type Backoff, backoff } from '../../core/backoff.ts';
import { FairwayError, messageOf } from '../../core/errors.ts';
import type { Assignment } from '../../core/link/assignment.ts';
import type { DesiredState } from '../../core/link/desired-state.ts';
import type { Duplex } from '../../core/link/duplex.ts';
import type { AgentMessage, HubMessage } from '../../core/link/messages.ts';
import type { Wait } from '../../core/link/status.ts';
import type { BundleSource, Reporter } from '../reconcile/ports.ts';
import type { State } from '../state/port.ts';
import { createBundles } from './bundles.ts';
import { type Connection, type Ending, type LinkParts, runConnection } from './connection.ts';
import { openDesiredStore } from './desired-store.ts';
import { openOutbox } from './outbox.ts';
import type { Dial } from './port.ts';
import { createStatuses } from './statuses.ts';

/** The agent's side of the link: one stream at a time, made again for as long as the agent runs. */
export interface Link {
  /** Hands out the desired state that was kept, then dials. After `onDesired`. */
  start(): void;
  /** Makes what was reported durable, and ends the stream. */
  stop(): Promise<void>;
  /** Resolves after `stop`; rejects where no attempt can ever succeed (a used join token, and no identity). */
  readonly ended: Promise<void>;
  readonly bundles: BundleSource;
  readonly reporter: Reporter;
  /** Called with the whole desired state: at the start, where one was kept, and after each change. */
  onDesired(handler: (assignments: readonly Assignment[]) => void): void;
  connection(): LinkState;
  /**
   * True once a hub has said, since this agent started, what is desired, or that nothing has changed, and was given a
   * moment to say more.
   */
  hasSpoken(): boolean;
  /** Dials anew and goes over to the new stream; the one that stands is not ended before the hub has welcomed it (T2). */
  handOver(): void;
  /** Events that the hub has not stored yet, and those that fell out because there were too many. */
  backlog(): { readonly events: number; readonly dropped: number };
}

export type LinkState =
  | { readonly state: 'stopped' }
  | { readonly state: 'connecting'; readonly since: number }
  | { readonly state: 'connected'; readonly since: number; readonly hubVersion: string }
  /** The deadline is the next attempt. */
  | { readonly state: 'waiting'; readonly wait: Wait };

export interface LinkOptions {
  readonly state: State;
  readonly dial: Dial;
  /** Of the agent. */
  readonly version: string;
  /** Of the cluster; asked before each stream. */
  readonly kubernetesVersion: () => Promise<string>;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Digests of bundles that run though others are assigned: they are kept too, to be enforced meanwhile. */
  readonly running?: () => ReadonlySet<string>;
  /** @default from 250 ms to 8 s; where the hub is busy, from 1 s to 60 s */
  readonly backoff?: Backoff;
}

/** How a stream ended, and whether it had stood for a while. */
type Lasting = Ending & { readonly lasted: boolean };

/** A hub that is away costs nothing to ask; one that has too much to do is asked more seldom (L5). In milliseconds. */
const paces = { away: { first: 250, ceiling: 8_000 }, busy: { first: 1_000, ceiling: 60_000 } } satisfies Record<
  string,
  Backoff
>;
/** A stream that lasted so long, in milliseconds, has proved that the hub is well. */
const steady = 10_000;
/** What the hub refuses does not change by asking often. */
const refusedPause = 30_000;
/** What somebody has just decided at the hub follows within so long, in milliseconds. */
const afterword = 2_000;
/** However long a hub asks for. */
const longestPause = 10 * 60_000;

/** Reads what an earlier run kept; nothing is dialled before `start`. */
export async function createLink(options: LinkOptions): Promise<Link> {
  const { state, dial, version, log, now, random } = options;
  const handlers: ((assignments: readonly Assignment[]) => void)[] = [];
  const stopping = new AbortController();
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  ended.catch(() => undefined);
  let connection: Connection | null = null;
  /** The stream that takes over, and the one that it ends once it is welcomed. */
  let successor: Duplex<AgentMessage, HubMessage> | null = null;
  let current: LinkState = { state: 'stopped' };
  let spokenAt: number | null = null;

  const wake = () => connection?.wake();
  const statuses = createStatuses();
  const bundles = createBundles(state, log);
  const outbox = await openOutbox({ state, log, newEpoch: () => newEpoch(random, now), ready: wake });
  const desired = await openDesiredStore(state, log, (held) => {
    adopt(held);
    spokenAt ??= performance.now();
    wake();
  });
  const parts: LinkParts = { desired, bundles, statuses, outbox };

  const adopt = (held: DesiredState) => {
    const assignments = [...held.assignments.values()];
    statuses.retain(new Set(held.assignments.keys()));
    for (const handler of handlers) handler(assignments);
    bundles
      .collect(new Set([...assignments.map(({ bundle }) => bundle), ...(options.running?.() ?? [])]))
      .catch((error: unknown) => log.warn({ error: messageOf(error) }, 'bundles that are not used cannot be removed'));
  };

  /** One attempt. @returns what it ended with, and whether the hub had welcomed it for long enough to count */
  const attempt = async (): Promise<Lasting> => {
    current = { state: 'connecting', since: now() };
    let ending = await serve(await dial(stopping.signal), null);
    for (let next = successor; next !== null; next = successor) {
      successor = null;
      ending = await serve(next, connection);
    }
    connection = null;
    return ending;
  };

  /** One stream, until it ends or another takes over. @param before ends once this one is welcomed, or is lost too */
  const serve = async (
    duplex: Duplex<AgentMessage, HubMessage>,
    before: Pick<Connection, 'end'> | null,
  ): Promise<Lasting> => {
    const kubernetesVersion = await options.kubernetesVersion().catch(() => '');
    let welcomedAt: number | null = null;
    const running = runConnection({
      ...parts,
      duplex,
      version,
      kubernetesVersion,
      log,
      random,
      welcomed({ hubVersion }) {
        welcomedAt = performance.now();
        current = { state: 'connected', since: now(), hubVersion };
        before?.end();
        log.info({ hubVersion }, 'connected to the hub');
      },
      confirmed() {
        spokenAt ??= performance.now();
      },
    });
    connection = running;
    if (stopping.signal.aborted) running.end();
    const ending = await running.closed;
    before?.end();
    return { ...ending, lasted: welcomedAt !== null && performance.now() - welcomedAt > steady };
  };

  const handOver = async (): Promise<void> => {
    const before = connection;
    if (before === null || current.state !== 'connected') return; // Whatever is dialled next is new by itself.
    const duplex = await dial(stopping.signal);
    if (connection !== before || successor !== null || stopping.signal.aborted) return duplex.destroy();
    successor = duplex;
    before.retire();
  };

  const run = async () => {
    for (let failures = 0; !stopping.signal.aborted; failures++) {
      const ending = await attempt().catch((error: unknown) => {
        // Whoever has something to enforce goes on enforcing it (L4).
        if (error instanceof FairwayError && error.retry === 'terminal' && desired.held() === null) throw error;
        return { goodbye: null, error: error as Error, lasted: false };
      });
      if (stopping.signal.aborted) return;
      if (ending.lasted) failures = 0;
      const pause = backoff(failures, random(), options.backoff ?? paceFor(ending)) + atLeast(ending);
      const reason = reasonOf(ending);
      current = { state: 'waiting', wait: { reason: reason.message, since: now(), deadline: now() + pause } };
      log.warn(
        { ...reason, retryInSeconds: Math.ceil(pause / 1_000) },
        'not connected to the hub: going on with what is desired',
      );
      await sleep(pause, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };

  return {
    start() {
      const held = desired.held();
      if (held !== null) adopt(held);
      run().then(resolve, (error: unknown) => {
        current = { state: 'stopped' };
        reject(error);
      });
    },
    async stop() {
      stopping.abort();
      connection?.end();
      await outbox.flush();
      await ended.catch(() => undefined);
      await outbox.close();
      current = { state: 'stopped' };
    },
    ended,
    bundles: { get: bundles.get },
    reporter: {
      status(status) {
        statuses.set(status);
        wake();
      },
      event: outbox.add,
    },
    onDesired: (handler) => void handlers.push(handler),
    connection: () => current,
    hasSpoken: () => spokenAt !== null && performance.now() - spokenAt > afterword,
    handOver() {
      handOver().catch((error: unknown) =>
        log.warn({ error: messageOf(error) }, 'no second stream can be had: the one that stands goes on'),
      );
    },
    backlog: () => ({ events: outbox.size(), dropped: outbox.dropped() }),
  };
}

function paceFor({ error }: Ending): Backoff {
  return error instanceof FairwayError && error.code === 'hub-busy' ? paces.busy : paces.away;
}

/** Milliseconds that the hub, or its refusal, asks for. */
function atLeast({ goodbye, error }: Ending): number {
  if (goodbye !== null) return Math.min(goodbye.retryAfter, longestPause);
  if (!(error instanceof FairwayError) || error.retry !== 'terminal') return 0;
  // What has run out is renewed by the next attempt.
  return error.code === 'certificate-expired' ? 0 : refusedPause;
}

/** What to say of an ending: the hub's own words first. */
function reasonOf({ goodbye, error }: Ending): { code: string; message: string; remedy?: string } {
  if (goodbye !== null) return { code: goodbye.code, message: goodbye.reason };
  if (error instanceof FairwayError) {
    const { code, message, remedy } = error;
    return remedy === undefined ? { code, message } : { code, message, remedy };
  }
  return { code: 'hub-lost', message: error?.message ?? 'the stream ended' };
}

function newEpoch(random: () => number, now: () => number): string {
  const digits = () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  return `${now().toString(16)}-${digits()}${digits()}`;
}
