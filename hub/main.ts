import { join } from 'node:path';
import type { Logger } from 'pino';
import { type Address, formatAddress } from '../core/address.ts';
import { closersFor } from '../telemetry/closers.ts';
import { listening } from '../telemetry/listening.ts';
import { measureLoopLag } from '../telemetry/process-metrics.ts';
import { startTelemetry } from '../telemetry/telemetry.ts';
import { version } from '../telemetry/version.ts';
import { ensureAdministrator } from './access/administrator.ts';
import { createApi } from './api/server.ts';
import { type HubConfig, publicGrpc } from './config.ts';
import { openAuthority } from './fleet/authority.ts';
import { claimDatabase } from './fleet/authority-record.ts';
import { checkLoop } from './fleet/check-loop.ts';
import { measureFleet } from './fleet/gauges.ts';
import { placementLoop } from './fleet/placement-loop.ts';
import { openSigner } from './fleet/signing-key.ts';
import { createPostgresNews } from './link/news-postgres.ts';
import { createLinkServer } from './link/server.ts';
import { notificationLoop } from './notifications/loop.ts';
import { createNetworks } from './notifications/networks.ts';
import { createPost } from './notifications/post.ts';
import { promotionLoop } from './promotions/loop.ts';
import { createQueueBackend } from './queue/backend.ts';
import { createLoops } from './queue/create-loops.ts';
import { readBundle } from './releases/bundles.ts';
import { releaseLoop } from './releases/loop.ts';
import { createHandOuts } from './rollouts/hand-out.ts';
import { rolloutLoop } from './rollouts/loop.ts';
import { wakeAfterReports } from './rollouts/wake-after-reports.ts';
import { createMirrors } from './sources/mirrors.ts';
import { createSources } from './sources/service.ts';
import { openDataDirectory } from './store/data-directory.ts';
import { checkDataKey, loadDataKey } from './store/data-key.ts';
import { openDatabase } from './store/database.ts';
import { startEmbeddedPostgres } from './store/embedded-postgres.ts';
import { measurePool } from './store/metrics.ts';
import type { DatabaseAddress } from './store/pool.ts';

/** A hub that runs. */
export interface Hub {
  /** `http://host:port` as bound. */
  readonly url: string;
  /** Where it listens for agents, as bound. */
  readonly grpc: Address;
  /** Holds the administrator's token. */
  readonly dataDir: string;
  /** Settles when a part that the hub cannot live without has ended by itself, and says why. */
  readonly failed: Promise<Error>;
  /** Lets what runs finish, then closes every part in the reverse order of opening. */
  stop(): Promise<void>;
}

/**
 * The hub's composition root: configuration → database, queue, adapters → loops → servers. It is the one place that
 * tells embedded from clustered. Where a part does not open, those before it are closed again.
 * @throws FairwayError of the part that did not open
 */
export async function startHub(config: HubConfig, log: Logger): Promise<Hub> {
  const closers = closersFor(log);
  try {
    const { replica } = config;
    const settings = { config: config.telemetry, service: 'hub', instance: replica, scraped: true } as const;
    const telemetry = await startTelemetry({ ...settings, version, log });
    closers.add('telemetry', () => telemetry.shutdown());
    closers.add('lag', measureLoopLag(telemetry.meter));

    const dataDirectory = await openDataDirectory(config.dataDir);
    closers.add('data directory', () => dataDirectory.release());
    const dataDir = dataDirectory.path;

    const { address, failed } = await locateDatabase(config, dataDir, log, closers.add);
    const database = await openDatabase({ address, log });
    closers.add('database', () => database.close());
    const { db } = database;
    measurePool(telemetry.meter, database.pool);
    measureFleet(telemetry.meter, db);
    const dataKey = await loadDataKey(dataDir);
    await checkDataKey(db, dataKey);
    const authority = await openAuthority(dataDir, Date.now, config.certificateLifetime);
    await claimDatabase(db, authority, dataDir);
    const signer = await openSigner(dataDir);
    const news = await createPostgresNews(address, log);
    closers.add('news', () => news.close());

    const outside = createPost(createNetworks(config.notifyNetworks), version);
    closers.add('notifications', () => outside.close());

    const backend = await createQueueBackend({
      database: address,
      log,
      alone: config.database.type === 'embedded',
      ...(config.redisUrl === null ? {} : { redisUrl: config.redisUrl }),
    });
    const loops = createLoops({ backend, log, telemetry });
    closers.add('loops', () => loops.stop());

    const mirrors = createMirrors({ directory: join(dataDir, 'mirrors'), log });
    closers.add('mirrors', () => mirrors.close());
    const sources = createSources({
      db,
      dataKey,
      mirrors,
      loops,
      log,
      fleet: config.fleet,
      pollInterval: config.pollInterval,
    });
    const renders = { db, dataKey, mirrorOf: sources.mirrorOf };
    loops.define(sources.loop);
    loops.define(releaseLoop({ ...renders, loops }));
    const promotions = { ...renders, loops, signer, pinsBranch: config.fleet.pinsBranch, now: Date.now };
    loops.define(promotionLoop(promotions));
    const handOuts = createHandOuts({ db, backend, loops, rate: config.rolloutRate, log });
    closers.add('hand-outs', () => handOuts.close());
    loops.define(rolloutLoop({ db, loops, handOuts, now: Date.now }));
    loops.define(placementLoop(renders));
    loops.define(checkLoop(db));
    const tells = { db, dataKey, log, loops, post: outside.post, now: Date.now, random: Math.random };
    loops.define(notificationLoop({ ...tells, source: `/fairway/${authority.fingerprints[0].slice(0, 16)}` }));

    const link = await createLinkServer({
      db,
      authority,
      news,
      bundle: (digest) => readBundle(db, dataKey, digest),
      log,
      now: Date.now,
      listen: config.grpc,
      hosts: config.grpcPublic === null ? [] : [config.grpcPublic.host],
      replica,
      version,
      telemetry,
      reported: wakeAfterReports({ db, loops, log }),
    });
    closers.add('link', () => link.close());

    await ensureAdministrator(db, dataDir, log);
    const api = await createApi({
      db,
      dataKey,
      authority,
      loops,
      signer,
      pinsBranch: config.fleet.pinsBranch,
      handOuts,
      mirrorOf: sources.mirrorOf,
      news,
      log,
      version,
      publicGrpc: publicGrpc(config, link.address),
      agentImage: config.agentImage,
      scrape: telemetry.scrape,
      meter: telemetry.meter,
      readiness: { queue: () => loops.answers() },
    });
    closers.add('api', () => api.close());
    const url = await listening('FAIRWAY_HTTP', config.http, () => api.listen(config.http));

    // Which repository and branch the fleet is comes first: a loop that ran on what was said at the last start would
    // take the wrong head.
    await sources.start();
    closers.add('sources', () => sources.stop());
    await loops.start();
    await handOuts.run();
    log.info({ url, grpc: formatAddress(link.address), dataDir }, 'the hub is ready');
    return { url, grpc: link.address, dataDir, failed, stop: closers.close };
  } catch (error) {
    await closers.close();
    throw error;
  }
}

interface LocatedDatabase {
  readonly address: DatabaseAddress;
  readonly failed: Promise<Error>;
}

async function locateDatabase(
  { database }: HubConfig,
  dataDir: string,
  log: Logger,
  onClose: (name: string, close: () => Promise<unknown>) => void,
): Promise<LocatedDatabase> {
  if (database.type === 'external') {
    return { address: { connectionString: database.url }, failed: new Promise(() => undefined) };
  }
  const postgres = await startEmbeddedPostgres(dataDir, log);
  onClose('PostgreSQL', () => postgres.stop());
  const failed = new Promise<Error>((resolve) => {
    void postgres.ended.then((error) => error !== undefined && resolve(error));
  });
  return { address: postgres.connection, failed };
}
