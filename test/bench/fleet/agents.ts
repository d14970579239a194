import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { until } from '../../until.ts';
import type { Issued, Order, Word } from './order.ts';

/** Agents in as many processes as it takes. */
export interface Agents {
  /** Makes their certificates. */
  prepare(dataDir: string): Promise<readonly Issued[]>;
  /** What the handshakes of all of them take where there is nothing else to do, in seconds. */
  shakeHands(dataDir: string): Promise<number>;
  /** Starts all at once. */
  connect(hub: string): void;
  connected(): number;
  /** Waits until all are connected. @returns when the last one was, on the clock of `performance.now` */
  untilConnected(within: number): Promise<number>;
  stop(): Promise<void>;
}

/** Clusters of one process: its CPU is a core's at most. */
const perProcess = 2_500;

export function startAgents(clusters: readonly string[]): Agents {
  const count = Math.max(2, Math.ceil(clusters.length / perProcess));
  const children = Array.from({ length: count }, (_, index) => ({
    child: fork(join(import.meta.dirname, 'agent-process.ts'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }),
    clusters: clusters.filter((_cluster, position) => position % count === index),
    connected: 0,
  }));
  const errors: string[] = [];
  let lastConnectedAt = Number.NaN;
  const connected = () => children.reduce((sum, one) => sum + one.connected, 0);
  for (const one of children) {
    one.child.setMaxListeners(50);
    one.child.on('message', (word: Word) => {
      if (word.type === 'error') errors.push(word.message);
      if (word.type !== 'state') return;
      one.connected = word.connected;
      lastConnectedAt = performance.now();
    });
  }
  const order = ({ child }: { child: ChildProcess }, message: Order) => void child.send(message);

  return {
    async prepare(dataDir) {
      const prepared = await Promise.all(
        children.map(async (one) => {
          const answer = wordOf(one.child, 'prepared');
          order(one, { type: 'prepare', dataDir, clusters: one.clusters });
          return (await answer).certificates;
        }),
      );
      return prepared.flat();
    },
    async shakeHands(dataDir) {
      const server = fork(join(import.meta.dirname, 'handshake-process.ts'), {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      });
      const listening = once(server, 'message') as Promise<[number]>;
      server.send(dataDir);
      const [port] = await listening;
      const startedAt = performance.now();
      await Promise.all(
        children.map((one) => {
          const answer = wordOf(one.child, 'shaken');
          order(one, { type: 'shake', port });
          return answer;
        }),
      );
      const seconds = (performance.now() - startedAt) / 1_000;
      for (const one of children) order(one, { type: 'let-go' });
      server.disconnect();
      await once(server, 'exit');
      return seconds;
    },
    connect(hub) {
      for (const one of children) order(one, { type: 'connect', hub });
    },
    connected,
    async untilConnected(within) {
      await until(() => connected() === clusters.length, {
        what: 'all agents are connected',
        within,
        every: 20,
        describe: () => `${connected()} of ${clusters.length} are; ${errors.slice(-3).join('; ')}`,
      });
      return lastConnectedAt;
    },
    async stop() {
      await Promise.all(
        children.map(({ child }) => {
          if (child.exitCode !== null || child.signalCode !== null) return undefined;
          const ended = once(child, 'exit');
          child.kill('SIGKILL');
          return ended;
        }),
      );
    },
  };
}

function wordOf<Type extends Word['type']>(child: ChildProcess, type: Type): Promise<Extract<Word, { type: Type }>> {
  return new Promise((resolve, reject) => {
    const hear = (word: Word) => {
      if (word.type !== type && word.type !== 'error') return;
      child.off('message', hear);
      if (word.type === 'error') reject(new Error(word.message));
      else resolve(word as Extract<Word, { type: Type }>);
    };
    child.on('message', hear);
    child.once('exit', (code) => reject(new Error(`a process of agents ended with ${code}`)));
  });
}
