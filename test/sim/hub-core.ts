import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { checkLoop } from '../../hub/fleet/check-loop.ts';
import { placementLoop } from '../../hub/fleet/placement-loop.ts';
import { createSigner } from '../../hub/fleet/signing-key.ts';
import { createPostgresNews } from '../../hub/link/news-postgres.ts';
import { createStreams, type Streams } from '../../hub/link/streams.ts';
import { promotionLoop } from '../../hub/promotions/loop.ts';
import { createQueueBackend } from '../../hub/queue/backend.ts';
import { createLoops } from '../../hub/queue/create-loops.ts';
import type { Loops } from '../../hub/queue/loops.ts';
import { readBundle } from '../../hub/releases/bundles.ts';
import { releaseLoop } from '../../hub/releases/loop.ts';
import { createMirrors } from '../../hub/sources/mirrors.ts';
import { createSources } from '../../hub/sources/service.ts';
import { sshKey } from '../../hub/sources/ssh-signature.ts';
import { createDataKey } from '../../hub/store/data-key.ts';
import type { TestDatabase } from '../database.ts';

/** All of a hub but its ports: streams are accepted from memory. */
export interface HubCore {
  readonly streams: Streams;
  readonly loops: Loops;
  stop(): Promise<void>;
}

const log = pino({ level: process.env.FAIRWAY_LOG_LEVEL ?? 'fatal' });
const dataKey = createDataKey(new Uint8Array(32).fill(7));
const signer = createSigner(sshKey(new Uint8Array(32).fill(9)));
const pinsBranch = 'fairway/pins';

/**
 * Starts the hub's loops and streams on a database that outlives them, so that a simulation can end and start the
 * hub as often as it likes.
 * @param fleet path of the fleet repository
 */
export async function startHubCore({ db, address }: TestDatabase, fleet: string): Promise<HubCore> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-sim-'));
  const news = await createPostgresNews(address, log);
  const loops = createLoops({
    backend: await createQueueBackend({ database: address, alone: true, log }),
    log,
    sweepEvery: 1000,
  });
  const mirrors = createMirrors({ directory, log });
  const sources = createSources({
    db,
    dataKey,
    mirrors,
    loops,
    log,
    fleet: { url: fleet, branch: 'main', pinsBranch },
    pollInterval: 50,
  });
  const renders = { db, dataKey, mirrorOf: sources.mirrorOf };
  for (const loop of [
    sources.loop,
    releaseLoop({ ...renders, loops }),
    promotionLoop({ ...renders, loops, signer, pinsBranch, now: Date.now }),
    placementLoop(renders),
    checkLoop(db),
  ]) {
    loops.define(loop);
  }
  const streams = await createStreams({
    db,
    news,
    bundle: (digest) => readBundle(db, dataKey, digest),
    log,
    now: Date.now,
    replica: 'sim',
    version: 'sim',
  });
  await loops.start();
  await sources.start();
  return {
    streams,
    loops,
    async stop() {
      await sources.stop();
      await streams.close();
      await loops.stop(2000);
      await mirrors.close();
      await news.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
