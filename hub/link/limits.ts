import { readFileSync } from 'node:fs';

/** What one peer, and all of them together, may cost the hub (L7). Times in milliseconds. */
export interface LinkLimits {
  readonly connections: number;
  /** TLS handshakes under way at once: more stall the event loop, and take longer in sum (L5). */
  readonly handshakes: number;
  readonly handshakeTime: number;
  /** Who has waited for its handshake for so long is let go, and comes back later: sooner than it would give up itself. */
  readonly queueTime: number;
  /** Between two agents of a replica that are sent away together and come back: about what a handshake takes (L5). */
  readonly admitEvery: number;
  /** A connection without a call is closed after this. */
  readonly idleTime: number;
  /** Joins from one address: so many at once, and one more each `joinEvery`. */
  readonly joinBurst: number;
  readonly joinEvery: number;
  /** Messages of one stream: so many at once, and so many a second; then the hub reads more slowly. */
  readonly messageBurst: number;
  readonly messagesPerSecond: number;
  /** Statuses and events of one stream that are not stored yet; beyond it the hub stops reading. */
  readonly unstored: number;
  /** Applications of one cluster. */
  readonly applications: number;
  /** Bundles that one stream has asked for and not got. */
  readonly bundleRequests: number;
  /** A peer that takes nothing for so long is let go. */
  readonly stallTime: number;
  /** From the start of a stream to its Hello. */
  readonly helloTime: number;
  /** Between two looks for revocations, besides the news of them (T3). */
  readonly revocationPoll: number;
  /** A replica that could not read the database for so long serves no stream (T3). */
  readonly databaseGrace: number;
  readonly checkpointSeconds: number;
  /** Bytes of bundles kept at hand. */
  readonly bundleCache: number;
}

/** The limits of a hub in production. */
export function defaultLinkLimits(): LinkLimits {
  return {
    connections: connectionCap(),
    handshakes: 32,
    handshakeTime: 10_000,
    queueTime: 20_000,
    admitEvery: 3,
    idleTime: 15_000,
    joinBurst: 100,
    joinEvery: 50,
    messageBurst: 500,
    messagesPerSecond: 100,
    unstored: 500,
    applications: 5_000,
    bundleRequests: 128,
    stallTime: 60_000,
    helloTime: 10_000,
    revocationPoll: 750,
    databaseGrace: 10_000,
    checkpointSeconds: 180,
    bundleCache: 64 * 1024 * 1024,
  };
}

/**
 * Well below the process's file descriptors: without one to spare, Node itself fails. Where the limit cannot be read
 * it is taken for 1,024.
 */
function connectionCap(): number {
  const descriptors = descriptorLimit();
  return Math.max(64, descriptors - Math.max(256, Math.ceil(descriptors / 10)));
}

function descriptorLimit(): number {
  try {
    const line = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
    return line === null ? 1_024 : Number(line[1]);
  } catch {
    return 1_024;
  }
}
