import type { OpenTransport, Transport, TransportOptions } from './transports.ts';
import { createAgent, type TestAgent, type World } from './world.ts';

/** One hub with its agents, for one test. */
export interface Scene {
  readonly hub: Transport;
  /** Registers a cluster and starts its agent. */
  newAgent(cluster: string): Promise<TestAgent>;
  /** Stops it with the rest. */
  keep(agent: TestAgent): void;
  close(): Promise<void>;
}

let clusters = 0;

/** A name that no other test uses. */
export function newCluster(): string {
  return `c-${++clusters}`;
}

export async function createScene(world: World, open: OpenTransport, options?: TransportOptions): Promise<Scene> {
  const hub = await open(world, options);
  const agents: TestAgent[] = [];
  return {
    hub,
    async newAgent(cluster) {
      const agent = await createAgent(await hub.register(cluster));
      agents.push(agent);
      return agent;
    },
    keep: (agent) => void agents.push(agent),
    async close() {
      await Promise.all(agents.map((agent) => agent.remove()));
      await hub.close();
    },
  };
}
