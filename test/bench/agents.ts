import { pino } from 'pino';
import { type Agent, runAgent } from '../../agent/agent.ts';
import { dialHub } from '../dial.ts';
import { createMemoryCluster } from '../memory/cluster.ts';
import { createMemoryState } from '../memory/state.ts';

/**
 * A process of many agents: the real link over gRPC and mutual TLS, and the real engine, each on a cluster in memory.
 * Told by IPC which clusters to be; says `joined` when all are connected.
 */
export interface AgentsOrder {
  readonly hub: string;
  readonly clusters: readonly { readonly name: string; readonly joinToken: string }[];
}

const log = pino({ level: process.env.FAIRWAY_LOG_LEVEL ?? 'fatal' });

async function startAgents({ hub, clusters }: AgentsOrder): Promise<Agent[]> {
  return Promise.all(
    clusters.map(async ({ joinToken }) => {
      const state = createMemoryState();
      const { kube } = createMemoryCluster();
      const dial = dialHub({ state, hub, joinToken, version: 'bench', log });
      return runAgent({ kube, state, dial, version: 'bench', log, now: Date.now, random: Math.random });
    }),
  );
}

process.once('message', (order) => {
  startAgents(order as AgentsOrder).then(
    (agents) => {
      const timer = setInterval(() => {
        if (agents.some((agent) => agent.connection().state !== 'connected')) return;
        clearInterval(timer);
        process.send?.('joined');
      }, 20);
    },
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});
process.once('disconnect', () => process.exit(0));
