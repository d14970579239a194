import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { until } from './until.ts';

export interface TestRedis {
  readonly url: string;
  /** Forgets everything, as a Redis without persistence does when it restarts. */
  flush(): Promise<void>;
  /** Breaks every connection but its own. */
  cut(): Promise<void>;
  /** Kills it and starts it again on the same port, with nothing in it. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Whether there is a `redis-server`; where there is none, says so aloud, for what needs it is skipped. */
export function hasRedis(): boolean {
  const found = spawnSync('redis-server', ['--version']).error === undefined;
  if (!found) process.stderr.write('SKIPPED: there is no redis-server on the PATH, so nothing is tested on Redis\n');
  return found;
}

/** A real `redis-server` (Debian's package) on a free loopback port, without persistence. */
export async function startTestRedis(): Promise<TestRedis> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-redis-'));
  const port = await freePort();
  const parameters = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', directory];
  const start = () => spawn('redis-server', parameters, { stdio: 'ignore' });
  let server = start();
  const url = `redis://127.0.0.1:${port}`;
  const client = new Redis(url, { maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  const end = async (signal: NodeJS.Signals) => {
    const ended = once(server, 'exit');
    server.kill(signal);
    await ended;
  };
  const answers = () => until(async () => (await client.ping()) === 'PONG', { what: 'redis-server answers' });
  await answers();
  return {
    url,
    flush: async () => {
      await client.flushall();
    },
    cut: async () => {
      await client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    },
    restart: async () => {
      await end('SIGKILL');
      server = start();
      await answers();
    },
    stop: async () => {
      client.disconnect();
      await end('SIGTERM');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
