import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Duplex } from '../../core/link/duplex.ts';
import type { AgentMessage, Goodbye, HubMessage } from '../../core/link/messages.ts';
import { goodbye } from '../../core/link/session.ts';
import { noTelemetry, type Telemetry } from '../../telemetry/telemetry.ts';
import type { Schema } from '../store/schema.ts';
import { cacheBundles, type ReadBundle } from './bundle-cache.ts';
import { defaultLinkLimits, type LinkLimits } from './limits.ts';
import { createLoader } from './loader.ts';
import { measureLink } from './metrics.ts';
import type { News, NewsItem } from './news.ts';
import { createPresence } from './presence.ts';
import { readClusters } from './read.ts';
import { createReportWriter } from './report-writer.ts';
import { watchRevocations } from './revocations.ts';
import type { ReportedNews } from './store-reports.ts';
import { type Peer, runStream, type Stream } from './stream.ts';

/** The streams that this replica holds: one a cluster, and nothing that would not be made anew elsewhere. */
export interface Streams {
  /** Takes a stream of a peer that has proved who it is. A newer stream of a cluster ends the older one. */
  accept(duplex: Duplex<HubMessage, AgentMessage>, peer: Peer): void;
  /** Clusters whose agents are welcomed here. */
  connected(): readonly string[];
  /** Says goodbye to all, and stores what they reported. */
  close(): Promise<void>;
}

export interface StreamsOptions {
  readonly db: Kysely<Schema>;
  readonly news: Pick<News, 'subscribe'>;
  /** A bundle's canonical bytes by digest; null where there is none. */
  readonly bundle: ReadBundle;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** This process among the hub's replicas; the same after its restart. */
  readonly replica: string;
  readonly version: string;
  readonly telemetry?: Telemetry;
  readonly limits?: Partial<LinkLimits>;
  /** Is told of placements of which something new is stored. */
  readonly reported?: (news: readonly ReportedNews[]) => void;
}

/** Milliseconds in which streams with news are read together. */
const readWindow = 10;

/** Opens the hub's side of the link, without a port: any `Duplex` may be accepted. */
export async function createStreams(options: StreamsOptions): Promise<Streams> {
  const { db, news, bundle, log, now, replica, version, telemetry = noTelemetry } = options;
  const { spans } = telemetry;
  const limits = { ...defaultLinkLimits(), ...options.limits };
  const presence = await createPresence({ db, replica, log, now });
  /** Every stream, welcomed or not, and the one that counts for each cluster. */
  const all = new Set<Stream>();
  const current = new Map<string, Stream>();
  let closing = false;
  const metrics = measureLink(telemetry.meter, () => current.size);
  const reports = createReportWriter({
    ...{ db, log, now, spans },
    stored: (reported, { turns, news: told }) => {
      metrics.stored(reported, turns);
      if (told.length > 0) options.reported?.(told);
    },
  });

  const context = {
    limits,
    hubVersion: version,
    log,
    now,
    load: createLoader((clusters) => readClusters(db, clusters), readWindow),
    spans,
    metrics,
    readBundle: cacheBundles(bundle, limits.bundleCache),
    reports,
    live(stream: Stream, hello: Parameters<typeof presence.connected>[1]) {
      const { cluster } = stream.peer;
      const older = current.get(cluster);
      current.set(cluster, stream);
      older?.end(goodbye('replaced', `A newer stream of the cluster ${cluster} took over.`, 60_000));
      presence.connected(cluster, hello);
    },
    over(stream: Stream, reason: string) {
      all.delete(stream);
      const { cluster } = stream.peer;
      if (current.get(cluster) !== stream) return;
      current.delete(cluster);
      if (!closing) presence.disconnected(cluster, reason);
    },
  };

  const endWhere = (matches: (peer: Peer) => boolean, farewell: (peer: Peer) => Goodbye) => {
    for (const stream of [...all]) if (matches(stream.peer)) stream.end(farewell(stream.peer));
  };
  /** Each is told a later time to come back than the one before, or all would come at once (L5). */
  const endAll = (farewell: Goodbye) => {
    let { retryAfter } = farewell;
    for (const stream of [...all]) {
      stream.end({ ...farewell, retryAfter });
      retryAfter += limits.admitEvery;
    }
  };

  const onNews = (item: NewsItem) => {
    switch (item.type) {
      case 'desired':
        for (const cluster of item.clusters) current.get(cluster)?.look();
        return;
      case 'revoked':
        endWhere(({ cluster }) => cluster === item.cluster, revoked);
        return;
      case 'resync':
        for (const stream of current.values()) stream.look();
        return;
      case 'event':
        return;
    }
  };
  const unsubscribe = news.subscribe(onNews);
  const revocations = watchRevocations({
    db,
    log,
    now,
    interval: limits.revocationPoll,
    grace: limits.databaseGrace,
    revoked: (serials) => endWhere(({ serial }) => serials.has(serial), revoked),
    looked: (at) => endWhere(({ expiresAt }) => expiresAt <= at, expired),
    blind: () => endAll(blind),
  });

  return {
    accept(duplex, peer) {
      const stream = runStream(duplex, peer, context);
      all.add(stream);
      if (closing) stream.end(leaving);
      else if (revocations.isBlind()) stream.end(blind);
    },
    connected: () => [...current.keys()],
    async close() {
      closing = true;
      unsubscribe();
      revocations.stop();
      endAll(leaving);
      await reports.idle();
      await presence.close();
    },
  };
}

const leaving = goodbye('hub-stopping', 'This hub is stopping.', 0);

const blind = goodbye('hub-without-database', 'This hub has lost its database.', 5_000);

function revoked({ cluster }: Peer): Goodbye {
  return goodbye('cluster-revoked', `The trust in the cluster ${cluster} was revoked.`, 5 * 60_000);
}

function expired({ cluster }: Peer): Goodbye {
  return goodbye('certificate-expired', `The certificate of the cluster ${cluster} has expired.`, 60_000);
}
