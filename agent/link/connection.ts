import type { Logger } from 'pino';
import { FairwayError } from '../../core/errors.ts';
import type { Duplex } from '../../core/link/duplex.ts';
import type { AgentMessage, Goodbye, HubMessage, Welcome } from '../../core/link/messages.ts';
import { protocolMismatch, protocolVersion, speaks } from '../../core/link/protocol.ts';
import type { Bundles } from './bundles.ts';
import type { DesiredStore } from './desired-store.ts';
import type { Outbox } from './outbox.ts';
import type { Statuses } from './statuses.ts';

/** What one stream to a hub works on; it outlives the stream. */
export interface LinkParts {
  readonly desired: DesiredStore;
  readonly bundles: Bundles;
  readonly statuses: Statuses;
  readonly outbox: Outbox;
}

export interface ConnectionOptions extends LinkParts {
  readonly duplex: Duplex<AgentMessage, HubMessage>;
  readonly version: string;
  readonly kubernetesVersion: string;
  readonly log: Logger;
  readonly random: () => number;
  welcomed(welcome: Welcome): void;
  /** The hub has said that what is held is what is desired. */
  confirmed(): void;
}

/** One stream, while it lasts. */
export interface Connection {
  /** There may be something to send. */
  wake(): void;
  end(): void;
  /** Says and hears no more, and leaves the stream open: another one takes over, then ends this one. */
  retire(): void;
  readonly closed: Promise<Ending>;
}

export interface Ending {
  /** The hub's last word, where it had one. */
  readonly goodbye: Goodbye | null;
  readonly error: Error | null;
}

const welcomeTime = 15_000;
const nudgeEvery = 5_000;
/** Milliseconds for several statuses and events to travel together. */
const gather = 20;

/** Greets the hub, then keeps both sides equal until the stream ends (L2). */
export function runConnection(options: ConnectionOptions): Connection {
  const { duplex, desired, bundles, statuses, outbox, log } = options;
  const { promise: closed, resolve } = Promise.withResolvers<Ending>();
  let goodbye: Goodbye | null = null;
  let failure: Error | null = null;
  let live = false;
  let hubIsNewer = false;
  let over = false;
  let pumping = false;
  let checkpoint: NodeJS.Timeout | undefined;
  let gathering: NodeJS.Timeout | undefined;

  const fail = (error: Error) => {
    failure ??= error;
    duplex.destroy();
    finish(error);
  };

  const welcomeTimer = setTimeout(
    () => fail(new FairwayError('hub-busy', 'The hub did not answer the greeting.', { retry: 'again' })),
    welcomeTime,
  );
  const nudge = setInterval(() => {
    bundles.nudge();
    outbox.nudge();
  }, nudgeEvery);

  /** Sends what there is, no faster than the hub takes it. */
  const pump = async () => {
    if (pumping) return;
    pumping = true;
    for (let report = next(); report !== null && !over; report = next()) {
      if (!duplex.send(report)) await duplex.drained();
    }
    pumping = false;
  };
  const next = (): AgentMessage | null => (live ? (statuses.next() ?? outbox.next()) : null);

  const wake = () => {
    if (over || gathering !== undefined) return;
    gathering = setTimeout(() => {
      gathering = undefined;
      void pump();
    }, gather);
  };

  const sayWhole = () => {
    duplex.send({ type: 'checkpoint', desired: desired.held()?.digest ?? '', status: statuses.digest() });
  };

  const welcome = (message: Welcome) => {
    if (live) return;
    if (!speaks(message.protocol)) {
      const reason = protocolMismatch(protocolVersion, message.protocol);
      return fail(new FairwayError('protocol-unsupported', reason));
    }
    clearTimeout(welcomeTimer);
    hubIsNewer = message.protocol > protocolVersion;
    live = true;
    outbox.acknowledge(message.eventsStored);
    bundles.connect((digest) => duplex.send({ type: 'bundle-request', digest }));
    // Not all agents at once: somewhere between half and the whole of the time that the hub asks for.
    const period = Math.min(Math.max(1, message.checkpointSeconds), 3_600) * 1_000 * (0.5 + options.random() / 2);
    checkpoint = setInterval(sayWhole, period);
    options.welcomed(message);
    wake();
  };

  const take = (message: HubMessage): void => {
    if (over) return;
    switch (message.type) {
      case 'welcome':
        welcome(message);
        break;
      case 'desired':
        if (desired.take(message, hubIsNewer) === 'mismatch') sayWhole();
        break;
      case 'bundle-chunk':
        bundles.chunk(message);
        break;
      case 'bundle-refused':
        bundles.refused(message);
        break;
      case 'receipt':
        statuses.acknowledge(message.status);
        outbox.acknowledge(message.events);
        wake();
        break;
      case 'checkpoint':
        if (message.desired !== desired.held()?.digest) sayWhole();
        else options.confirmed();
        break;
      case 'status-wanted':
        statuses.wantAll();
        wake();
        break;
      case 'goodbye':
        goodbye = message;
        break;
      case 'unknown':
        log.debug('the hub said something that this version does not know');
    }
  };

  const finish = (error: Error | null) => {
    if (over) return;
    over = true;
    live = false;
    clearTimeout(welcomeTimer);
    clearTimeout(gathering);
    clearInterval(nudge);
    clearInterval(checkpoint);
    bundles.connect(null);
    resolve({ goodbye, error: goodbye === null ? (failure ?? error) : null });
  };

  statuses.restart();
  outbox.restart();
  desired.restart();
  duplex.receive({ message: take, closed: finish });
  duplex.send({
    type: 'hello',
    protocol: protocolVersion,
    agentVersion: options.version,
    kubernetesVersion: options.kubernetesVersion,
    desired: desired.held()?.digest ?? '',
    status: statuses.digest(),
    epoch: outbox.epoch,
    eventsDropped: outbox.dropped(),
  });

  return {
    wake,
    end() {
      duplex.end();
      setTimeout(() => {
        duplex.destroy();
        finish(null);
      }, 100);
    },
    retire: () => finish(null),
    closed,
  };
}
