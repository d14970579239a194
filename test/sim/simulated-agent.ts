import { pino } from 'pino';
import { type Agent, runAgent } from '../../agent/agent.ts';
import type { Dial } from '../../agent/link/port.ts';
import type { Streams } from '../../hub/link/streams.ts';
import { createMemoryCluster, type MemoryCluster } from '../memory/cluster.ts';
import { createMemoryLink, type MemoryLink } from '../memory/link.ts';
import { createMemoryState } from '../memory/state.ts';
import { mortal } from '../mortal.ts';
import type { Random } from './random.ts';

/** One cluster with its agent: the cluster and the disk outlive the agent, which may be cut off and killed. */
export interface SimulatedAgent {
  readonly name: string;
  readonly cluster: MemoryCluster;
  start(): Promise<void>;
  /** Ends the stream under it. */
  cut(): void;
  /** As by `kill -9`: from now on the agent reaches neither disk nor cluster nor hub. */
  crash(): void;
  stop(): Promise<void>;
}

export interface SimulatedAgentOptions {
  readonly name: string;
  readonly random: Random;
  /** The hub of now; null while there is none. */
  readonly hub: () => Streams | null;
  /** Messages travel so long, in milliseconds, and some are lost. */
  readonly chaos: () => { readonly delay: number; readonly loss: number };
}

const log = pino({ level: process.env.FAIRWAY_LOG_LEVEL ?? 'fatal' });

export function createSimulatedAgent({ name, random, hub, chaos }: SimulatedAgentOptions): SimulatedAgent {
  const cluster = createMemoryCluster({ namespaces: ['other'] });
  const records = new Map<string, Uint8Array>();
  let life: { agent: Agent; killed: boolean } | null = null;
  let link: MemoryLink | null = null;

  const dialFor =
    (isDead: () => boolean): Dial =>
    async () => {
      const streams = hub();
      if (streams === null || isDead()) throw new Error('nobody answers');
      const made = createMemoryLink({
        delay: () => random.next() * chaos().delay,
        // Events too: what follows on one that was lost comes again with it.
        loses: () => random.chance(chaos().loss),
      });
      link = made;
      streams.accept(made.hub, { cluster: name, serial: `sim-${name}`, expiresAt: Number.MAX_SAFE_INTEGER });
      return made.agent;
    };

  return {
    name,
    cluster,
    async start() {
      const own = { killed: false };
      const isDead = () => own.killed;
      const agent = await runAgent({
        kube: mortal(cluster.kube, isDead),
        state: mortal(createMemoryState(records), isDead),
        dial: dialFor(isDead),
        version: 'sim',
        log,
        now: Date.now,
        random: random.next,
      });
      life = Object.assign(own, { agent });
    },
    cut: () => link?.cut(),
    crash() {
      if (life === null) return;
      life.killed = true;
      link?.cut();
      // What is left of it in this process ends by itself: everything that it could touch refuses.
      life.agent.stop().catch(() => undefined);
      life = null;
    },
    async stop() {
      await life?.agent.stop();
      life = null;
    },
  };
}
