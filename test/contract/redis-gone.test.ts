import { describe, expect, it } from 'vitest';
import { createQueueBackend } from '../../hub/queue/backend.ts';
import { createLoops } from '../../hub/queue/create-loops.ts';
import { createFanOut } from '../../hub/queue/fan-out.ts';
import { hasRedis, startTestRedis } from '../redis.ts';
import { database, log } from './queue-places.ts';

describe.skipIf(!hasRedis())('a queue whose Redis is gone', () => {
  it('[R9, X1] keeps no hub from ending', async () => {
    const redis = await startTestRedis();
    const backend = await createQueueBackend({ database: database().address, redisUrl: redis.url, log });
    const loops = createLoops({ backend, log, sweepEvery: 600_000 });
    let runs = 0;
    loops.define({
      name: 'source',
      concurrency: 4,
      keys: async () => [],
      reconcile: async () => {
        runs++;
        return undefined;
      },
    });
    const fanOut = createFanOut({
      ...{ backend, name: 'parts', rate: 1_000, log },
      item: async () => undefined,
      done: async () => undefined,
    });
    await loops.start();
    await fanOut.run();
    await loops.wake('source', 'one');
    await redis.stop();
    // Neither would ever resolve, if it waited for Redis.
    await fanOut.close();
    await loops.stop(1_000);
    expect(runs).toBeLessThanOrEqual(1);
  });
});
