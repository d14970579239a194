/**
 * A hub in a process of its own, to be killed: wakes the key `a`, says when its run has begun, and never ends it.
 * Usage: node loop-process.ts DATABASE_URL [REDIS_URL]
 */
import { pino } from 'pino';
import { createQueueBackend } from '../../hub/queue/backend.ts';
import { createLoops } from '../../hub/queue/create-loops.ts';

const [connectionString = '', redisUrl = ''] = process.argv.slice(2);
const log = pino({ level: 'silent' });
const backend = await createQueueBackend({
  database: { connectionString },
  ...(redisUrl === '' ? {} : { redisUrl }),
  log,
});
const loops = createLoops({ backend, log });
loops.define({
  name: 'source',
  concurrency: 1,
  keys: async () => [],
  reconcile: () => {
    process.stdout.write('begun\n');
    return new Promise(() => undefined);
  },
});
await loops.start();
await loops.wake('source', 'a');
