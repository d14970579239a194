import { resolve } from 'node:path';
import { type Address, formatAddress, parseAddress } from '../core/address.ts';
import type { AgentFlags, AgentVariable } from '../core/agent-flags.ts';
import { FairwayError } from '../core/errors.ts';
import { readTelemetryConfig, type TelemetryConfig } from '../telemetry/config.ts';
import { type LogLevel, parseLogLevel } from '../telemetry/log.ts';
import type { KeyPlaces } from './sops/keys.ts';

/** Everything that an agent is told from outside. Read once; after that, values are passed. */
export interface AgentConfig {
  /** Where the hub listens for agents. */
  readonly hub: string;
  /** Null: it has joined before. */
  readonly joinToken: string | null;
  readonly cluster:
    | { readonly type: 'inside'; readonly host: string; readonly port: string }
    | { readonly type: 'outside'; readonly kubeconfig: string };
  readonly state:
    | { readonly type: 'disk'; readonly directory: string }
    | { readonly type: 'secrets'; readonly namespace: string };
  /** Where the age keys are that open what SOPS encrypted. */
  readonly keys: KeyPlaces;
  /** Where probes ask; null: nowhere. */
  readonly health: Address | null;
  readonly logLevel: LogLevel;
  readonly telemetry: TelemetryConfig;
}

/**
 * @param namespace the agent's own, where it runs in a cluster
 * @throws FairwayError `config-missing`, `config-invalid`, `address-invalid`, each naming the variable
 */
export function readAgentConfig(
  flags: AgentFlags,
  environment: NodeJS.ProcessEnv,
  namespace: string | null,
): AgentConfig {
  const value = (name: AgentVariable): string | null => flags[name] || environment[name] || null;

  const hub = value('FAIRWAY_HUB');
  if (hub === null) {
    throw missing(
      'FAIRWAY_HUB',
      'an agent needs the address of its hub',
      '--hub HOST:PORT (register prints it: -o command)',
    );
  }
  const kubeconfig = value('KUBECONFIG');
  const host = kubeconfig === null && namespace !== null ? environment.KUBERNETES_SERVICE_HOST : undefined;
  const inside = host !== undefined;
  if (!inside && kubeconfig === null) {
    throw missing('KUBECONFIG', 'outside a cluster an agent needs a kubeconfig', '--kubeconfig FILE');
  }
  const dataDir = value('FAIRWAY_DATA_DIR');
  if (!inside && dataDir === null) {
    throw missing(
      'FAIRWAY_DATA_DIR',
      'outside a cluster an agent keeps its state on disk',
      '--data-dir DIRECTORY, one for each agent',
    );
  }
  const keyFile = value('FAIRWAY_SOPS_AGE_KEY_FILE');
  const health = value('FAIRWAY_HEALTH');

  return {
    hub: formatAddress(parseAddress(hub, 'FAIRWAY_HUB')),
    joinToken: value('FAIRWAY_JOIN_TOKEN'),
    cluster: inside
      ? { type: 'inside', host, port: environment.KUBERNETES_SERVICE_PORT ?? '443' }
      : { type: 'outside', kubeconfig: kubeconfig ?? '' },
    state:
      dataDir === null
        ? { type: 'secrets', namespace: namespace ?? '' }
        : { type: 'disk', directory: resolve(dataDir) },
    keys: { file: keyFile === null ? null : resolve(keyFile), namespace: inside ? namespace : null },
    health: health === null ? null : parseAddress(health, 'FAIRWAY_HEALTH'),
    logLevel: parseLogLevel('FAIRWAY_LOG_LEVEL', value('FAIRWAY_LOG_LEVEL')),
    telemetry: readTelemetryConfig('fairway-agent', environment),
  };
}

function missing(field: AgentVariable, why: string, remedy: string): FairwayError {
  return new FairwayError('config-missing', `${field} is not set: ${why}`, {
    field,
    remedy: `start it with ${remedy}`,
  });
}
