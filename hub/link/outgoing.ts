import { messageOf } from '../../core/errors.ts';
import { cutUpdate, type DesiredUpdate } from '../../core/link/desired-state.ts';
import type { Duplex } from '../../core/link/duplex.ts';
import type { AgentMessage, HubMessage } from '../../core/link/messages.ts';
import { partSize } from '../../core/link/protocol.ts';
import type { Spans } from '../../telemetry/spans.ts';
import type { ReadBundle } from './bundle-cache.ts';
import { beginJourney, type Journey } from './journeys.ts';

/**
 * Sends what is long, one part after another, no faster than the peer takes it: updates of the desired state go
 * before bundles, and between their chunks (L7).
 */
export interface Outgoing {
  update(update: DesiredUpdate): void;
  /** @returns false where too many are waiting already */
  bundle(digest: string): boolean;
  /** True while an update is not wholly sent. */
  isUpdating(): boolean;
  stop(): void;
}

export interface OutgoingOptions {
  readonly duplex: Duplex<HubMessage, AgentMessage>;
  readonly cluster: string;
  readonly spans: Spans;
  readonly readBundle: ReadBundle;
  readonly bundleRequests: number;
  /** Milliseconds. */
  readonly stallTime: number;
  /** So many bytes of a bundle are on their way. */
  sent(bytes: number): void;
  /** An update is wholly sent. */
  updated(): void;
  /** The peer took nothing for `stallTime`. */
  stalled(): void;
  failed(error: unknown): void;
}

/** Starts sending as soon as there is something to send. */
export function createOutgoing(options: OutgoingOptions): Outgoing {
  const { duplex, cluster, spans, readBundle, bundleRequests, stallTime, sent, updated, stalled, failed } = options;
  const updates: Journey[] = [];
  const bundles = new Set<string>();
  let running = false;
  let stopped = false;

  const send = async (message: HubMessage) => {
    if (stopped || duplex.send(message)) return;
    const timer = setTimeout(stalled, stallTime);
    await duplex.drained();
    clearTimeout(timer);
  };

  const sendUpdates = async () => {
    for (let journey = updates[0]; journey !== undefined && !stopped; journey = updates[0]) {
      for (const part of cutUpdate(journey.update, partSize, sizeOfAssignment)) {
        if (stopped) return;
        await send(part);
      }
      journey.end();
      updates.shift();
      updated();
    }
  };

  const sendBundle = async (digest: string) => {
    const content = await readBundle(digest);
    if (content === null) {
      const reason = 'The hub does not have this bundle.';
      return send({ type: 'bundle-refused', digest, code: 'bundle-missing', reason });
    }
    const size = content.byteLength;
    for (let offset = 0; !stopped && (offset < size || offset === 0); offset += partSize) {
      const data = content.subarray(offset, offset + partSize);
      await send({ type: 'bundle-chunk', digest, size, offset, data });
      sent(data.byteLength);
      await sendUpdates();
    }
  };

  const run = async () => {
    if (running || stopped) return;
    running = true;
    try {
      while (!stopped && (updates.length > 0 || bundles.size > 0)) {
        await sendUpdates();
        const [digest] = bundles;
        if (digest === undefined) continue;
        await sendBundle(digest);
        bundles.delete(digest);
      }
    } catch (error) {
      if (!stopped) failed(new Error(`sending failed: ${messageOf(error)}`, { cause: error }));
    } finally {
      running = false;
    }
  };

  return {
    update(update) {
      updates.push(beginJourney(spans, cluster, update));
      void run();
    },
    bundle(digest) {
      if (bundles.size >= bundleRequests) return false;
      bundles.add(digest);
      void run();
      return true;
    },
    isUpdating: () => updates.length > 0,
    stop() {
      stopped = true;
      for (const journey of updates) journey.end(new Error('the stream ended'));
    },
  };
}

/** About what an assignment takes on the wire: JSON's text is a little more than that. */
function sizeOfAssignment(assignment: object): number {
  return JSON.stringify(assignment).length;
}
