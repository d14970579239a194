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
import type { RolloutContext } from '../../hub/rollouts/context.ts';
import { createHandOuts } from '../../hub/rollouts/hand-out.ts';
import { rolloutLoop } from '../../hub/rollouts/loop.ts';
import { wakeAfterReports } from '../../hub/rollouts/wake-after-reports.ts';
import { createMirrors } from '../../hub/sources/mirrors.ts';
import { createSources } from '../../hub/sources/service.ts';
import { sshKey } from '../../hub/sources/ssh-signature.ts';
import { createDataKey } from '../../hub/store/data-key.ts';
import type { TestDatabase } from '../database.ts';

/** All of a hub but its ports: streams are accepted from memory. */
export interface HubCore {
  readonly streams: Streams;
  readonly loops: Loops;
  /** For commands on rollouts. */
  readonly rollouts: RolloutContext;
  /** Breaks off its queue, as a process that is killed does. */
  cut(): void;
  stop(): Promise<void>;
}

const log = pino({ level: process.env.FAIRWAY_LOG_LEVEL ?? 'fatal' });
const dataKey = createDataKey(new Uint8Array(32).fill(7));
const signer = createSigner(sshKey(new Uint8Array(32).fill(9)));
const pinsBranch = 'fairway/pins';

export interface HubCoreOptions {
  /** Others may run on the same database: its name among them. Left out: it is alone. */
  readonly replica?: string;
  /** Where jobs are kept; left out: in the database. */
  readonly redisUrl?: string;
  /** Clusters a second that rollouts hand out. @default 1 000 */
  readonly rolloutRate?: number;
  /** Milliseconds without its agent after which a cluster counts as not reachable. @default that of a hub */
  readonly silence?: number;
}

/**
 * Starts the hub's loops and streams on a database that outlives them, so that a simulation can end and start the
 * hub as often as it likes.
 * @param fleet path of the fleet repository
 */
export async function startHubCore(
  { db, address }: Pick<TestDatabase, 'db' | 'address'>,
  fleet: string,
  options: HubCoreOptions = {},
): Promise<HubCore> {
  const { replica, rolloutRate = 1_000, silence, redisUrl } = options;
  const directory = await mkdtemp(join(tmpdir(), 'fairway-sim-'));
  const news = await createPostgresNews(address, log);
  const queue = { database: address, alone: replica === undefined, log };
  const backend = await createQueueBackend(redisUrl === undefined ? queue : { ...queue, redisUrl });
  const loops = createLoops({ backend, log, sweepEvery: 1000 });
  const handOuts = createHandOuts({ db, backend, loops, rate: rolloutRate, log });
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
    rolloutLoop({ db, loops, handOuts, now: Date.now, ...(silence === undefined ? {} : { silence }) }),
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
    replica: replica ?? 'sim',
    version: 'sim',
    reported: wakeAfterReports({ db, loops, log }),
  });
  await loops.start();
  await handOuts.run();
  await sources.start();
  return {
    streams,
    loops,
    rollouts: { db, loops, handOuts, now: Date.now },
    cut: () => void backend.close(),
    async stop() {
      await sources.stop();
      await streams.close();
      await handOuts.close();
      await loops.stop(2000);
      await mirrors.close();
      await news.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
