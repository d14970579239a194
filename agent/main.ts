import { readFileSync } from 'node:fs';
import type { Logger } from 'pino';
import { parseAddress } from '../core/address.ts';
import { closersFor } from '../telemetry/closers.ts';
import { startTelemetry } from '../telemetry/telemetry.ts';
import { version } from '../telemetry/version.ts';
import { runAgent } from './agent.ts';
import type { AgentConfig } from './config.ts';
import { serveHealth } from './health.ts';
import { createKube } from './kube/client.ts';
import { type Credentials, serviceAccountCredentials } from './kube/credentials.ts';
import type { Kube } from './kube/port.ts';
import { createDial } from './link/dial.ts';
import { createIdentities } from './link/identities.ts';
import { startRenewal } from './link/renewal.ts';
import { createAgentMetrics } from './metrics.ts';
import { openDiskState } from './state/disk.ts';
import type { State } from './state/port.ts';
import { openSecretState } from './state/secrets.ts';

/** An agent that runs. */
export interface RunningAgent {
  /** Settles with the reason where the hub refuses it for good, or a part that it needs has failed. */
  readonly refused: Promise<Error>;
  stop(): Promise<void>;
}

/**
 * The agent's composition root: configuration → Kubernetes client, state, link → engine.
 * @throws Error of the part that did not open: an unreadable kubeconfig, a state directory that cannot be written
 */
export async function startAgent(config: AgentConfig, log: Logger): Promise<RunningAgent> {
  const closers = closersFor(log);
  try {
    const settings = { config: config.telemetry, service: 'agent', instance: null } as const;
    const telemetry = await startTelemetry({ ...settings, scraped: config.health !== null, version, log });
    closers.add('telemetry', () => telemetry.shutdown());
    const { spans } = telemetry;
    const metrics = createAgentMetrics(telemetry.meter);
    const { answered, watchEnded } = metrics;
    const kube = createKube(await credentialsOf(config), { answered, watchEnded });
    closers.add('Kubernetes client', () => kube.close());
    const state = await openState(config, kube, closers.add);
    const { hub, joinToken } = config;
    const address = parseAddress(hub, 'FAIRWAY_HUB');
    const identities = createIdentities({ state, address, joinToken, version, log, now: Date.now });
    metrics.certificate(identities.validity);
    const agent = await runAgent({
      kube,
      state,
      dial: createDial({ address, identities }),
      version,
      log,
      keys: config.keys,
      spans,
      metrics,
      now: Date.now,
      random: Math.random,
    });
    closers.add('agent', () => agent.stop());
    const renewal = startRenewal({
      identities,
      renewed: agent.handOver,
      log,
      now: Date.now,
      random: Math.random,
    });
    closers.add('renewal', async () => renewal.stop());
    if (config.health !== null) {
      const health = await serveHealth(config.health, agent, telemetry.scrape);
      closers.add('health', () => health.close());
    }
    const refused = new Promise<Error>((resolve) => {
      agent.ended.catch(resolve);
    });
    log.info({ hub, version }, 'the agent runs');
    return { refused, stop: closers.close };
  } catch (error) {
    await closers.close();
    throw error;
  }
}

async function credentialsOf({ cluster }: AgentConfig): Promise<Credentials> {
  if (cluster.type === 'inside') return serviceAccountCredentials({ host: cluster.host, port: cluster.port });
  // The package behind it costs memory that an agent in a cluster has no use for.
  const { kubeconfigCredentials } = await import('./kube/kubeconfig.ts');
  return kubeconfigCredentials(cluster.kubeconfig);
}

async function openState(
  { state }: AgentConfig,
  kube: Kube,
  onClose: (name: string, close: () => Promise<unknown>) => void,
): Promise<State> {
  if (state.type === 'secrets') return openSecretState({ kube, namespace: state.namespace });
  // What locks a directory costs memory that an agent without one has no use for.
  const { openAgentDirectory } = await import('./state/directory.ts');
  const directory = await openAgentDirectory(state.directory);
  onClose('data directory', async () => directory.release());
  return openDiskState(directory.path);
}

/** The namespace of the Pod that the agent runs in; null outside a cluster. */
export function ownNamespace(): string | null {
  try {
    return readFileSync('/var/run/secrets/kubernetes.io/serviceaccount/namespace', 'utf8').trim() || null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
